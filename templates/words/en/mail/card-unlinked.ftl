subject = Your My Number card is no longer linked
body =
    Your My Number card is no longer linked.
    Your library card can still be used.

    If this was not you, please call the library at once.
