subject = Your library card expires soon
body =
    Your library card expires on { $on }.
    If you want to go on using it, please renew it.

    Sign in to see from when you can do so, and how.
