none = ありません
no-phone = ｜書いて《かいて》いません
until = { $label }（{ $day }まで）
electronic = この サイトで もらう（電子《でんし》）
paper = 紙《かみ》で もらう
plastic-yes = ほしい
plastic-no = いらない
