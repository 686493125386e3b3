subject = Please correct your application
body =
    There is something that we need to ask you about your application.
    Please look at it on the site.

    We need your answer by { $day }.
