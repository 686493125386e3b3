title = Apply online for a library card
lead = Apply for a card of { $library } from your phone or computer. You do not have to come to the library.
duration = It takes about 10 minutes. You can save and go on later.
onward = The pages after this one are in English.
begin = Start your application
needs = What you need
need-card = My Number Card
need-card-what = With a certificate for digital signatures on it
need-pin = The signature PIN
need-pin-what = 6 to 16 capital letters and digits. It is not the 4-digit PIN
need-phone = A smartphone that can read the card
need-phone-what = You will use the Digital Authentication App
need-mail = An e-mail address
need-mail-what = You will receive a code and our messages
pins = The signature PIN and the 4-digit PIN
pins-two = A My Number Card has two kinds of PIN.
pin-sign = For signatures:
pin-sign-what = 6 to 16 characters, capital letters and digits together. You use this one here.
pin-user = For user authentication and others:
pin-user-what = 4 digits. You do not use these here.
pins-lock = After 5 wrong tries in a row the card is locked. If you are not sure, check first.
pins-help = I forgot my PIN, or my card is locked
steps = How it works
step-type = Fill in
step-type-what = You give your name, your address and so on.
step-sign = Sign
step-sign-what = The app reads your card and shows that it is really you.
step-check = We check
step-check-what = We write to you by e-mail within { $days ->
    [one] { $days } opening day
   *[other] { $days } opening days
 }.
step-number = Get your card number
step-number-what = You can see the number on this site.
continue = Go on, or check
my-page = My page (see your library card, report it lost, renew it)
resume = Continue a saved application
status = See your application and messages
procedures = Other procedures (renewal, replacement and more)
kept = What you typed is kept for { $days ->
    [one] { $days } day
   *[other] { $days } days
 }.
other-ways = Other ways
at-counter = If you have no card or no PIN, you can apply at the counter.
young-at-counter = If you are younger than { $age }, please apply at the counter.
between-at-counter = If you are { $from } to { $to } years old, please apply at the counter.
young-by-guardian = For children younger than { $age }, a parent or guardian can apply and sign with their own My Number Card.
by-pictures = If you have no card or no PIN, you can also send pictures of documents.
ways = How can I apply?
counter = What to bring, and where
no-number = We do not use your My Number (the 12-digit number). You never type a PIN on this site.
signed-out = You have signed out.
