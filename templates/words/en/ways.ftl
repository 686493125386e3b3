title = How can I apply?
lead = How to get a card of { $library }.
promised = We answer within { $days ->
    [one] { $days } opening day
   *[other] { $days } opening days
 } after you have applied.
category = For whom: { $label }
way-of = :{ " " }
all-ages = Any age
age-from = { $from } and older
age-only = { $from }
age-between = { $from } to { $to }
online = you can apply online
online-with-guardian = you can apply online; both you and a parent or guardian sign
guardian-online = a parent or guardian applies online and signs with their own card
counter = you can apply at the counter
no-way = this card is not made
loans = How much you can borrow
loan-limit = Up to { $limit ->
    [one] { $limit } item
   *[other] { $limit } items
 }
loan-limit-linked = Up to { $limit ->
    [one] { $limit } item
   *[other] { $limit } items
 }; with a linked My Number Card up to { $linked }
withheld = What you cannot use
comma = ,{ " " }
loan = borrowing
reservation = reservations
login = sign-in
e-library = the e-library
purchase = purchase requests
validity = How long the card is valid
years = { $years ->
    [one] { $years } year
   *[other] { $years } years
 } from the day it is made
first-birthday = Until your next birthday
nth-birthday = Until your { $nth ->
    [1] 1st
    [2] 2nd
    [3] 3rd
    [21] 21st
    [22] 22nd
    [23] 23rd
   *[other] { $nth }th
 } birthday after it is made
birth-month = Until the end of the month of your birth, { $years ->
    [one] { $years } year
   *[other] { $years } years
 } after it is made
next-day = Until the next { $day }
nth-day = Until { $day }, the { $years ->
    [1] 1st
    [2] 2nd
    [3] 3rd
    [21] 21st
    [22] 22nd
    [23] 23rd
   *[other] { $years }th
 } one after it is made
ends-with-proof = { $validity }; if the document that you show ends earlier, until that day
fixed = Until a day that the library has set
besides = What to show besides signing
unsigned-needs = If you do not sign
guarantor = Guarantor
guarantor-needed = Needed
demand-one = { $proves }: { $kinds }
demand-one-of = { $proves }: one of { $kinds }
if-any = { $demand } (if you have one)
one-for-several = If one document shows everything, one is enough.
fee = Fee
free = Free of charge
renewal = Renewal
renewal-before = from { $span } before it ends
renewal-before-always = at any time before it ends
renewal-before-never = once it has ended
renewal-after = until { $span } after it
renewal-after-always = and at any time after it
renewal-after-never = until the day it ends
renewal-online = Online or at the counter, { $before }, { $after }.
renewal-counter = At the counter, { $before }, { $after }.
days = { $days ->
    [one] { $days } day
   *[other] { $days } days
 }
months = { $months ->
    [one] { $months } month
   *[other] { $months } months
 }
span-years = { $years ->
    [one] { $years } year
   *[other] { $years } years
 }
after-expiry = After the card has expired
stops = No more { $services }.
e-library-ends = The e-library can be used until { $days ->
    [one] { $days } day
   *[other] { $days } days
 } before the end.
erased = After { $span } your record is deleted. We tell you by e-mail 30 days before.
lost = If the card is lost
damaged = If the card is damaged
reissue-wait = Please look for it first. If it is not found, { $span } after you have told us: { $how }
reissue-online = you can apply for a new card online or at the counter.
reissue-counter = you can apply for a new card at the counter.
number-kept = The number stays.
number-new = The number changes.
reissue-fee = Fee for a new card
proxy = Somebody in your place
proxy-never = Nobody else can apply in your place.
proxy-guardian = Only the parent or guardian of a child can apply in its place.
proxy-letter = With a letter of proxy they can apply at the counter.
proxy-letter-for = { $who }: with a letter of proxy, somebody else can apply at the counter.
plastic = Plastic card
legal-basis = The rule behind it
plastic-never = There is none. The number is enough.
plastic-on-request = For those who want one.
plastic-always = For everybody.
pick-up-anywhere = Pick it up at any counter.
pick-up = Pick it up at { $branches }.
cannot = If you cannot sign
cannot-what = You can get a card without a My Number Card, just after moving, or if you do not know your PIN.
by-slip = Fill in the form online and come to the counter within { $days ->
    [one] { $days } day
   *[other] { $days } days
 }.
by-pictures = Send pictures of documents.
on-paper = Apply on paper at the counter.
after = Fees, and what comes later
closed = Days on which the library is closed
never-closed = None for a while.
closed-regular = Closed
holiday = Public holiday
after-holiday = Closed after a public holiday
to-start = Back to the online application
to-counter = Where the counter is
