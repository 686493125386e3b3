until-with = { $day }（{ $document }の 期限《きげん》まで）
by = あなたの 申込《もうしこ》み（番号《ばんごう》 { $reference }）で、{ $what }
site = この サイト：
cut = ｜切って《きって》 ｜使う《つかう》 カード
cut-what = 点線《てんせん》で ｜切って《きって》、図書館《としょかん》の 窓口《まどぐち》で ｜見せて《みせて》 ください。
cut-title = { $library }　｜図書館《としょかん》カード
cut-until = 期限《きげん》　{ $day }
