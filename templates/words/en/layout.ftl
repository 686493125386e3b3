# Around every page
service = Apply online for a library card
skip = Skip to the contents
my-page = My page
about = About this site
help = Help
counter = At the counter
verify = Check a notice
accessibility = Accessibility
privacy = Personal data
cookies = Cookies
telephone = Telephone
genuine = The true address of this site is { $address }. We never ask for a PIN or a password by telephone or e-mail.
ruby-off = Hide readings
ruby-on = Show readings
