unexpected = If you did not expect this e-mail, there is nothing to do.
never-asks = We never ask for PINs or passwords by e-mail.
bookmark = (You can also open it from your bookmarks.)
