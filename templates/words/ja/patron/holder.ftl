limit = { $limit }点まで
