subject = The time for your application is over
body =
    The time is over, and your application has ended.
    You can apply again.
