title = Your children’s cards
lead = You applied for these cards as a guardian. You see them here until a child is { $age } years old.
lost = If a card is lost
lost-what = A card that cannot be stopped here is stopped by telephone or at the counter. Telephone
open = Open the page of this card
nobody = There is no child’s card to see here
nobody-what = To see a child’s card, sign in with the My Number Card that signed the application, or with that application’s reference.
