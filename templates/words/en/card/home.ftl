title = My page
tile = Library card
back = Back to My page
number = Card number
until = Valid until
show = Show the card
limit = You may borrow up to { $limit ->
    [one] { $limit } item
   *[other] { $limit } items
 }.
limit-linked = You may borrow up to { $limit ->
    [one] { $limit } item
   *[other] { $limit } items
 }, or { $linked } with your My Number Card linked.
e-library = You can use the electronic library until { $until }.
linked = Your My Number Card is linked.
link-ends = The signature certificate of your linked My Number Card ends on { $day }. Once it is renewed, please link it again.
link-ended = The signature certificate of your linked My Number Card ended on { $day }. Once it is renewed, please link it again.
link-revoked = The signature certificate of your linked My Number Card was revoked. If you have a new one, please link it again.
link-not-needed = You can use your library card without it.
kept = The card and your record are kept until { $until } and erased afterwards. We tell you by e-mail 30 days before.
tasks = For you
no-tasks = There is nothing to do now.
password = Collect your first password
placed = Arrived { $at }
unread = Unread
doings = What you can do
open = You have applied for this already (number { $reference }).
stop = I lost my card (stop it at once)
found = I found my card
unlink = Unlink your My Number Card
account = Sign-in and devices (change your password)
applications = Your applications
reference = Number
see = See this application
sign-out = Sign out
record = My record (what is kept, and who looked)
calendar = Put the last day into your calendar (.ics)
family = Your children’s cards
requests = Ask for your record to be corrected or erased
close = Close your account
open-page = Open My page
another = Apply for a new card
