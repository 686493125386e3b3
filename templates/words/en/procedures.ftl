title = What would you like to do?
back = Back to the front page
lead = You can do the following online.
signing = You sign with your My Number Card.
by-slip = If you cannot sign, you can also fill in the form here and then show your documents at the counter.
by-pictures = If you cannot sign, you can also send pictures of documents.
onward = The pages after this one are in English.
promised = We answer within { $days ->
    [one] { $days } opening day
   *[other] { $days } opening days
 }
holders = If you have a card
holders-lead = Sign in to see the state of your card. If you lost it, you can stop it at once.
holders-procedures = You can start a procedure without typing your details again.
sign-in = Sign in
counter = At the counter
new-card = New library card
new-card-what = Get a card of this library for the first time.
card-link = Link your My Number Card
card-link-what = Link your My Number Card to your library card. If your My Number Card was renewed, link it again here.
renewal = Renew your library card
renewal-what = Your library card becomes valid for longer.
reissue = Replace your library card
reissue-what = If your card is lost or damaged, or if your name has changed.
password-issue = New password for reservations
password-issue-what = You get a new password for reservations. The old one works until the new one is issued.
change = Change your details
change-what = Tell us when your address, name, telephone number or e-mail address changes.
