subject-finish = Your application is not finished yet
subject-correct = We are waiting for your correction
body-finish =
    Your application is not finished yet.
    What you have typed is kept until { $until }.

    After that day the application ends.
body-correct =
    We have asked you to correct your application.
    Please do so by { $until }.

    After that day the application ends.
