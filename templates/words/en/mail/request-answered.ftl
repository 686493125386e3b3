subject = The library has answered your request
body =
    The library has answered your request about your record.

    Please sign in and read the answer on the page of your requests.
