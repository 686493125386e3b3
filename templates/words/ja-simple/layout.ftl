# Around every page
service = 図書館《としょかん》カードを インターネットで ｜申し込む《もうしこむ》
skip = 内容《ないよう》へ
my-page = マイページ
about = このサイトについて
help = ヘルプ（｜困った《こまった》とき）
counter = 窓口《まどぐち》
verify = 通知《つうち》を ｜確かめる《たしかめる》
accessibility = アクセシビリティ（｜使い《つかい》やすさ）
privacy = 個人情報《こじんじょうほう》
cookies = クッキー
telephone = 電話《でんわ》
genuine = ｜正しい《ただしい》アドレスは { $address } です。図書館《としょかん》は、電話《でんわ》やメールで、暗証番号《あんしょうばんごう》やパスワードを ｜聞きません《ききません》。
ruby-off = ふりがなを ｜消す《けす》
ruby-on = ふりがなを つける
