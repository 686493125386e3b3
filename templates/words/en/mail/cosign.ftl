subject = Please sign as a parent or guardian
subject-again = We are waiting for your signature as a parent or guardian
body =
    An application to the library needs the signature of a parent or guardian.

    { $address }

    Please sign by { $until }.
    To open the page you need the code word, which stands on the applicant’s screen. Please ask the applicant for it.
body-again =
    An application to the library needs the signature of a parent or guardian. It has not been signed yet.

    { $address }

    Please sign by { $until }.
    To open the page you need the code word, which stands on the applicant’s screen. Please ask the applicant for it.
