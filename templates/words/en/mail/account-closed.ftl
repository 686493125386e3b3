subject = Your account is closed
body =
    Your account is closed, and the library has erased your record (name, address, contact details and so on).

    Applications are kept as long as the rules say and are then erased, too. You can apply for a new card at any time.

    If this was not you, please call the library.
