limit = { $limit }点《てん》まで
