subject = Your library card has been stopped
body =
    Your library card has been stopped.
    Nothing can be borrowed or reserved with it.

    If this was not you, please call the library at once.
