subject = There is a message for you
body =
    There is a message from the library for you.
    Please sign in to read it.
