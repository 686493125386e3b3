subject = Please register your My Number Card again
body =
    The digital signature certificate on the My Number Card that you have registered with the library expires on { $on }.

    Please renew it at the counter of your municipality, then sign in and register the card again. You can use your library card without doing so.
