subject = Sign-in from a new device
body =
    Somebody has signed in from a new device.

    When: { $at } (time in Japan)
    Device: { $device }

    If this was you, there is nothing to do.

    If it was not you, please sign in, sign that device out on the page “Sign-in and devices”, and change your password. If you cannot sign in, please call the library.
