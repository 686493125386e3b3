title = Which application do you want to see?
count = You have { $count ->
    [one] { $count } application
   *[other] { $count } applications
 }.
started = Begun on { $day }
for-children = { $title } (for a child)
