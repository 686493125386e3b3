subject-finish = 申込みがまだ終わっていません
subject-correct = 申込みの修正をお待ちしています
body-finish =
    申込みがまだ終わっていません。
    入力した内容は、{ $until }まで残っています。

    過ぎると、申込みは終わります。
body-correct =
    修正をお願いした申込みがあります。
    { $until }までにお願いします。

    過ぎると、申込みは終わります。
