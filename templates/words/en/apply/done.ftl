signed = You have signed
title = We have received your application
reference = Reference
guardian-next = Now your parent or guardian signs. After that the application goes to the library.
unchecked = Checking the signature takes some time at the moment. We have your application, and the library goes on checking. You need not sign again.
code = Collection code
code-password = You need it to collect your first password
code-password-either = You need it to collect your first password. If you signed with the app, the My Number Card that signed works, too.
code-withdraw = You need it to withdraw the application
card-password = You collect your first password with the My Number Card that signed your application. The collection code does not open it.
code-once = The collection code is shown on this page only. It is not sent by e-mail. Please print it or write it down.
print = Print this page
then = What happens next
then-guardian = Your parent or guardian signs
then-guardian-what = They open the address in the e-mail, type the code word, look at the application and sign.
then-mail = You get an e-mail
then-mail-what = It has your reference in it. Our e-mails are in English; the document that you signed is in Japanese.
then-check = We check it
then-check-days = We write to you by e-mail within { $days ->
    [one] { $days } opening day
   *[other] { $days } opening days
 }.
then-check-search = We check it after the time to look for the card, and write to you by e-mail by { $day }.
then-number = You get your card number or password
then-number-what = When the e-mail has come, sign in on this site with your reference, your date of birth and a code that we send by e-mail.
status = See your application
shared = If others use this device, too
shared-what = Write the collection code down first. After you press this, this page cannot be seen any more.
end = End the use of this device
ask = Questions
ask-number = { " " }(please tell us your reference)
then-paper = The library prints the notice for you, and hands it over at the counter or posts it.
