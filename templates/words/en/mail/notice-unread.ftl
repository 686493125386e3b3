subject = A notice for you has not been opened yet
body =
    A notice that has been here for you since { $since } has not been opened yet.
    Please sign in to read it.
