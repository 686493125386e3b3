subject = Confirmation code
body =
    Confirmation code: { $code }

    It can be used until { $until } (time in Japan).
    Please go back to the page and type it there.
