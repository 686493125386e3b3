until-with = { $day }（{ $document }の期限まで）
by = お申し込み（申込番号 { $reference }）により、{ $what }
site = このサイト：
cut = 切り取って使うカード
cut-what = 点線で切り取り、図書館の窓口で示してください。
cut-title = { $library }　図書館カード
cut-until = 有効期限　{ $day }
