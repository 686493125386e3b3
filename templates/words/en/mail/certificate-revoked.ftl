subject = Please register your My Number Card again
body =
    The digital signature certificate on the My Number Card that you have registered with the library is no longer valid. This also happens when you move or change your name.

    If you have a new certificate, please sign in and register the card again. You can use your library card without doing so.
