title = Your children’s cards
lead = You applied for these cards as a guardian. You see them here until a child is { $age } years old. You can renew or replace a card from its page.
lost = If a card is lost
lost-what = Open the page of the card and stop it at once. It can also be stopped by telephone or at the counter. Telephone
open = Open the page of this card
page = The page of this card
nobody = There is no child’s card to see here
nobody-what = To see a child’s card, sign in with the My Number Card that signed the application, or with that application’s reference.
