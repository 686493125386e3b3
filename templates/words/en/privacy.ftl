title = Personal data
lead = Personal data that you give on this site are kept by { $library }.
purpose = What they are used for
purpose-what = As the following texts of the library say, to which you agree when you apply. What you sign is the Japanese text, and that is the one that counts.
received = What we receive
received-typed = What you fill in: name and its reading, date of birth, address, telephone number (optional), e-mail address, the library you use most
received-children = If a parent or guardian applies: name of the child and its reading, date of birth, and what you are to the child
received-card = For procedures about a card: the card number and the reason
received-signature = With a signature: the signed document and the certificate for digital signatures (with name, address, date of birth and sex). The sex is neither used nor shown.
received-link = If you link your My Number Card: number and expiry date of the certificate. They are deleted when you end the link.
received-pictures = Pictures of documents that you send instead of a signature or to show something. After a picture is deleted, the kind of document and until when it is valid stay in the record of your card.
received-letters = Messages between you and the library, and your answers when something has to be put right
received-devices = Signing in: what kind of device it was (such as an iPhone), and when. What is not used for 400 days is erased.
received-log = Records of when an application or a notice was sent, opened and so on
compared = We look by name, date of birth, address and telephone number whether you are registered already.
not-received = We do not take your My Number (12 digits) or the PINs of your card.
kept = How long we keep them
kept-drafts = Unfinished applications: deleted { $days ->
    [one] { $days } day
   *[other] { $days } days
 } after they were last saved. If you withdraw one, it is deleted on the day that you are told then.
kept-sent = Applications that were sent, and signatures: as long as the library’s rules say, so that a decision can be checked later.
kept-patrons-erased = Cards and patrons: for { $kept } after the card has expired, then they are deleted. We tell you by e-mail 30 days before.
kept-patrons = Cards and patrons: while the card is valid, and then as long as the library’s rules say.
protected = How we protect them
protected-what = Connections are encrypted. Personal data are stored encrypted, with another key for each application. It is recorded when staff look at them.
ask = Questions
ask-what = If you want to see, correct or delete them, please contact the library. Telephone
