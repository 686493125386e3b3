title = Help
contents = On this page
pin = I forgot my PIN, or it is locked
pin-two = A My Number Card has two kinds of PIN.
pin-sign = Signature PIN (6 to 16 capital letters and digits)
pin-sign-what = : You sign your application with it. After 5 wrong tries in a row it is locked.
pin-user = User authentication PIN (4 digits)
pin-user-what = : You sign in with your card and it. After 3 wrong tries in a row it is locked.
pin-count = Wrong tries on other sites count, too. A right one starts the count anew. This site cannot unlock it.
pin-reset = How to reset a PIN
pin-municipality = Counter of your municipality
pin-municipality-what = : Both PINs can be reset there. Bring the card.
pin-store = Machine in a convenience store
pin-store-what = : If you forgot only one of the two. First make a reservation with the app “JPKI PIN reset” on your smartphone. Then go within 24 hours, between 6:30 and 23:00.
pin-phone = Certificates on a smartphone
pin-phone-what = : They have PINs of their own, which you reset in the app on the phone.
certificate = If the certificate cannot be used
certificate-expired = It has expired
certificate-expired-what = : A certificate lasts until the fifth birthday after it was issued. Have it renewed at the counter of your municipality.
certificate-moved = You have moved or changed your name
certificate-moved-what = : Then the certificate for digital signatures ends. Get a new one at the counter of your municipality.
certificate-young = You are younger than 15
certificate-young-what = : The certificate can usually be had from the age of 15. Without one you can apply at the counter.
counter = See the counter
certificate-then = After that you can go on with the same application, as long as it is kept.
app = If the app does not work
app-install = If you do not have it, install the Digital Authentication App first. Then come back to the page for signing and press the button again.
app-read = If the card cannot be read, take the phone out of its case, keep away from metal, and hold the card still.
app-device = If your phone cannot do it, choose “Continue a saved application” on another device.
phone = Apply on a PC and sign with a smartphone
phone-scan = Scan the QR code on the PC with the camera of your phone. It works for 10 minutes.
phone-number = On the phone, choose the number that you see on the PC.
phone-sign = Check the contents on the phone, and sign with the app.
phone-back = Go back to the PC. Your reference and collection code are shown there.
phone-wrong = If the number was wrong or the time is over, show a new QR code on the PC. Do not scan a QR code that you do not know.
reader = Sign with a card reader
reader-what = You need a card reader at your PC and software that signs with a My Number Card. Download the document (PDF) from the page for signing, sign it with the software and send that file. Questions about the software go to its maker.
card = Sign in with your My Number Card
card-what = If you signed your application with the app, you can sign in with the same card. It also works when you collect your first password. You need the user authentication PIN (4 digits).
card-sign-in = Sign in
card-not = If your card was renewed, or you signed with a card reader, this may not work. Then sign in with your reference and date of birth.
save = I stopped halfway and want to go on
save-what = Each page is saved when you press “Next”. With “Save and go on later” a page is kept even if it is not complete. What is saved is kept for { $days ->
    [one] { $days } day
   *[other] { $days } days
 }. Choose “Continue a saved application” and type your e-mail address.
resume = Continue a saved application
result = After you have applied
result-what = You can see how your application stands, and our notices. When the card is issued, you get a notice with its number. Collect your first password within { $days ->
    [one] { $days } day
   *[other] { $days } days
 } after that. You need the collection code that was shown when you had applied, or the My Number Card that signed.
mine = You lost your library card, it ends soon, or something changed
mine-what = On My page you can stop your card, renew it, and apply for a new one or for a change, at night and on holidays too.
status = See your application
verify = Check that a notice is real
verify-what = Every notice of the library has a code and a QR code. Anybody can check it on a page of this site. Names and card numbers are not shown there.
verify-page = Page for checking notices
genuine = It is real
genuine-what = : The library issued it, and no newer one changes what it says.
newer = There is a newer one
newer-what = : It is real, but another was issued later about the same application or card.
revoked = It was taken back
revoked-what = : The library has changed its decision and taken the notice back.
ask = Questions
ask-what = Please tell us your reference if you have one. We never ask for a PIN or a password.
