western = { $year }年《ねん》{ $month_day }
both = { $western }（{ $era }）
