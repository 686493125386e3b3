subject = Your parent or guardian did not sign
body =
    Your parent or guardian did not sign.
    Your application is not finished yet.
    Please look at it on the site.
