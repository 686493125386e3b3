subject = Your library card record will be deleted
body =
    Your library card expired a long time ago.

    The library keeps your record (name, address, contact details and so on) until { $until } and then deletes it.

    If you do not want it to be deleted, please contact the library by then. You can apply for a new card afterwards, too.
