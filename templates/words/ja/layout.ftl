# Around every page
service = 図書館カードのオンライン申込み
skip = 本文へ
my-page = マイページ
about = このサイトについて
help = ヘルプ
counter = 窓口
verify = 通知を確かめる
accessibility = アクセシビリティ
privacy = 個人情報
cookies = クッキー
telephone = 電話
genuine = 正しいアドレスは { $address } です。暗証番号やパスワードを、電話やメールでおたずねすることはありません。
ruby-off = ふりがなを消す
ruby-on = ふりがなを付ける
