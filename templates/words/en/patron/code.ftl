title = Type the code (Your application)
heading = Type the code
lead = If reference and date of birth are known to us, we have sent a code of 6 digits to the e-mail address. It works for { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
 }.
junk = Look in the folder for junk mail, too.
wait = Wait about a minute and type reference and date of birth again: we send a new code.
again = Type them again
moved = If your e-mail address has changed, please ask at the counter or by telephone.
