incorrect = It seems to be wrong
incomplete = Something is missing
unreadable = We cannot read it
mismatch = It differs from what is on the card
other = We would like to ask about it
