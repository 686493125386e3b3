day = { $year }年{ $month }月{ $day }日({ $weekday ->
    [1] 月
    [2] 火
    [3] 水
    [4] 木
    [5] 金
    [6] 土
   *[7] 日
 })
moment = { $day } { $clock }
month-day = { $month }月{ $day }日
birth = { $year }年（{ $era }）{ $month_day }
meiji = 明治{ $years ->
    [1] 元
   *[other] { $years }
 }年
taisho = 大正{ $years ->
    [1] 元
   *[other] { $years }
 }年
showa = 昭和{ $years ->
    [1] 元
   *[other] { $years }
 }年
heisei = 平成{ $years ->
    [1] 元
   *[other] { $years }
 }年
reiwa = 令和{ $years ->
    [1] 元
   *[other] { $years }
 }年
