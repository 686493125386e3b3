lead = A parent or guardian has to sign this application, too.
what = After you have signed, we write to them by e-mail. They sign within { $days ->
    [one] { $days } day
   *[other] { $days } days
 } with their own My Number Card and smartphone.
later = Go on later
name = The parent’s or guardian’s name
name-hint = As on the My Number Card, with a space between family name and given name
relation = To you, this person is
relation-missing = Please choose who this person is to you
email = The parent’s or guardian’s e-mail address
email-hint = We send the request to sign to it. It may be the same as yours if your family shares one
row = Parent or guardian who is asked to sign
named = { $name } ({ $relation })
asked = We have asked { $name } ({ $email }) by e-mail to sign.
tell = Please tell your parent or guardian this code word
code = Code word
until = Until: { $until }
closed = The code word was typed wrongly too often, so the e-mail to { $name } no longer works. Please send it again.
again = Send it again, correct the address, or ask another parent or guardian
