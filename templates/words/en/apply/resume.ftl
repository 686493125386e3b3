title = Continue a saved application
lost = Your application could not be opened. Too much time has passed, or this is another device or browser than before. Applications that were withdrawn, or not touched for { $days ->
    [one] { $days } day
   *[other] { $days } days
 }, cannot be opened either.
lead = Please type the e-mail address that you gave in the application. We send a code to it.
from-start = Start anew
to-status = If you have finished, see your application
code-title = Type the code (Continue a saved application)
code-heading = Type the code
code-lead = If there is a saved application, we have sent a code of 6 digits to the e-mail address. It works for { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
 }.
not-there = If no code comes
not-there-what = Look in the folder for junk mail, and check the address that you typed. No code comes if there is no saved application, or if it is no longer kept.
email-again = Type the e-mail address again
nothing-saved = There is no saved application. It is no longer kept, or it was sent already
which = Which application do you want to go on with?
reference = Reference
begun = Begun on { $begun }. You can go on until { $until }.
go-on = Go on
