limit = Up to { $limit ->
    [one] { $limit } item
   *[other] { $limit } items
 }
