title = What has to be put right
lead = There is something about your application that we have to check.
at-counter = Please put { $count ->
    [one] { $count } thing
   *[other] { $count } things
 } right at the counter.
unsigned = Please put { $count ->
    [one] { $count } thing
   *[other] { $count } things
 } right, or answer, and send it again.
signed = Please put { $count ->
    [one] { $count } thing
   *[other] { $count } things
 } right, or answer. Then sign again and send it.
by = Please do it by
late = { " " }(it is past, but you can still send it; please do so soon)
visit = We received this application at the counter. Please come to the counter with the same documents by then. No signature is needed; our staff put it right with you.
slip = See the visit slip
destroyed = The library may not keep the picture that you sent and has deleted it. Please send a picture of a document again.
attach = Send pictures of documents
changed = Changed
answered = Answered
open = To do
before = What you sent
now = As it is now
change = Change
answer = Your answer
right = If it is right as it is
why = Why this is right as it is: { $label }
right-button = Answer that it is right
thanks = Thank you.
then-visit = Please come to the counter. You can also sign with your My Number Card and send it.
then-send = Please check your answers and send them again.
then-sign = Please check your answers and sign again.
send = Check and send
begin = Begin
go-on = Go on
ask = Ask the library
