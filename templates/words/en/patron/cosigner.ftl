title = Send the request to your parent or guardian again
what = We send a new e-mail. The one before stops working. Your own signature stays.
send = Send the e-mail
