subject = There is a notice for you
body =
    There is an important notice for you.
    Please sign in to read it.
