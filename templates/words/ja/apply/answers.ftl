none = なし
no-phone = 入力なし
until = { $label }（{ $day }まで）
electronic = このサイトで受け取る（電子交付）
paper = 紙で受け取る
plastic-yes = 希望する
plastic-no = 希望しない
