western = { $year }年{ $month_day }
both = { $western }（{ $era }）
