subject = We have received your application
body =
    We have received your application.

    Reference: { $reference }

    You hear from us within { $days ->
        [one] { $days } opening day
       *[other] { $days } opening days
     }.
    You can see how it stands on the site, on the page “Your application”.
body-searched =
    We have received your application.

    Reference: { $reference }

    We look at it once the time to search for the card is over.
    You hear from us by { $day }.
    You can see how it stands on the site, on the page “Your application”.
