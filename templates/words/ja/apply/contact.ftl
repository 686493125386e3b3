phone-hint = 連絡が必要なときだけ使います
branch-hint = ほかの図書館も、同じカードで使えます
branch-missing = よく使う図書館を選んでください
