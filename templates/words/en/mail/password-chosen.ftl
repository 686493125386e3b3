subject = Your password has been chosen
body =
    A new password has been chosen in place of the initial one.
    The initial password can no longer be used.

    If this was not you, please call the library at once.
