subject = Your library card expires soon
body =
    Your library card expires on { $on }.
    If you want to go on using it, please renew it.

    Sign in to see from when you can do so, and how.
subject-last-day = Today is the last day of your library card
body-last-day =
    Your library card can be used until { $on }. That is its last day.
    If you want to go on using it, please renew it.

    Sign in to see from when you can do so, and how.
