subject = Your registered details have changed
body =
    Your details that the library has registered have changed.
    From now on we write to your new e-mail address.

    If this was not you, please call the library at once.
