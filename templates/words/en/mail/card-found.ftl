subject = Your library card is no longer stopped
body =
    Your library card is no longer stopped.
    It can be used until its last day.

    If this was not you, please call the library at once.
