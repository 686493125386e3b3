western = { $month_day } { $year }
both = { $western } ({ $era })
