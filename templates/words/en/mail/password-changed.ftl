subject = Your password has been changed
body =
    Your password has been changed.
    All other devices have been signed out.

    If this was not you, please call the library at once.
