subject = We have received your signature as a parent or guardian
body =
    We have received your signature as a parent or guardian. Thank you.

    Reference: { $reference }

    The result goes to the applicant.
