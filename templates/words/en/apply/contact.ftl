phone-hint = We use it only if we have to reach you
branch-hint = You can use all other libraries with the same card
branch-missing = Please choose the library that you use most
