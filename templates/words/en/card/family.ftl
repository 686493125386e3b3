title = Your children’s cards
lead = You applied for these cards as a guardian. You see them here until a child is { $age } years old.
lost = If a card is lost
lost-what = Please call the library or come to the counter to stop a child’s card. Telephone
