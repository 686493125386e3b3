lead = We write to it when your application has arrived and when it is decided. We use it for nothing else.
hint = Where you want to get our notices. We send a code to it
typo = Did you mean “{ $meant }”? If it is right as it is, press “Send the code” once more
sent-again = A new code was sent.
sent = is where we sent a code of 6 digits. It works for { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
 }.
not-there = If no code comes
not-there-what = It can take a few minutes. Please look in the folder for junk mail, too. A code that came earlier also works for { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
 }.
send-again = Send a code again
change = Change the e-mail address
