day = { $year }年《ねん》{ $month }月《がつ》{ $day }日《にち》（{ $weekday ->
    [1] 月曜日《げつようび》
    [2] 火曜日《かようび》
    [3] 水曜日《すいようび》
    [4] 木曜日《もくようび》
    [5] 金曜日《きんようび》
    [6] 土曜日《どようび》
   *[7] 日曜日《にちようび》
 }）
moment = { $day } { $clock }
month-day = { $month }月《がつ》{ $day }日《にち》
birth = { $year }年《ねん》（{ $era }）{ $month_day }
meiji = 明治《めいじ》{ $years ->
    [1] 元《がん》
   *[other] { $years }
 }年《ねん》
taisho = 大正《たいしょう》{ $years ->
    [1] 元《がん》
   *[other] { $years }
 }年《ねん》
showa = 昭和《しょうわ》{ $years ->
    [1] 元《がん》
   *[other] { $years }
 }年《ねん》
heisei = 平成《へいせい》{ $years ->
    [1] 元《がん》
   *[other] { $years }
 }年《ねん》
reiwa = 令和《れいわ》{ $years ->
    [1] 元《がん》
   *[other] { $years }
 }年《ねん》
