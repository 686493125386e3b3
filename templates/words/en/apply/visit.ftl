lead-pictures = If you have no card or PIN, or have just moved, you can show documents instead of signing.
lead = If you have no card or PIN, or have just moved, you can show documents at the counter instead of signing.
awaiting-slip = This application is waiting for your signature. Even after making a visit slip you can check it again and sign.
awaiting = This application is waiting for your signature. You can also check it again and sign.
chosen = At the moment you apply with pictures of documents.
chosen-link = Send pictures of documents
step-make = Make a visit slip with the button below.
step-come = Bring it to the library with documents that show who you are.
step-counter = Our staff take what you filled in. You need not write it again.
days = The slip works for { $days ->
    [one] { $days } day
   *[other] { $days } days
 }.
make = Make a visit slip
places = Where the counter is, and when
slip = Visit slip
back-to-correction = Back to what has to be put right
show = Please show this page, or a print of it, at the counter of the library.
correct = There it is put right together with our staff, and received again.
not-done = Your application is not finished yet.
reference = Reference
valid = Valid until
valid-until = { $day }
code-label = QR code for our staff. The reference works, too
code-what = Only our staff can use this code.
bring = What to bring
bring-one = One of these. The same document may serve for the others, too.
no-number = We do not use the side with the My Number. Please do not show it.
open-on = When you can come ({ $branch })
hours = Hours
ask = Where, and questions
save = Save as PDF
print = Print
