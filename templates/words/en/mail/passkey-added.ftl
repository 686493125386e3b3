subject = A passkey has been added
body =
    A passkey has been added with which you can sign in.

    Device: { $device }

    If this was not you, please sign in, remove the passkey on the page “Sign-in and devices”, and change your password. If you cannot sign in, please call the library.
