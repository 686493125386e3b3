title = どの申込みを見ますか
count = あなたの申込みが、{ $count }件あります。
started = { $day } にはじめました
for-children = { $title }（お子さんの分）
