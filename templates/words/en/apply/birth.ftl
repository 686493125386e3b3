hint = Example: 1985, 4, 27. Japanese eras can be typed, too
child-hint = Example: 2020, 4, 27. Japanese eras can be typed, too
