title = どの 申込《もうしこ》みを ｜見ますか《みますか》
count = あなたの 申込《もうしこ》みが、{ $count }件《けん》 あります。
started = { $day }に はじめました
for-children = { $title }（｜子ども《こども》の ｜分《ぶん》）
