none = None
no-phone = None
until = { $label } (until { $day })
electronic = On this site (electronically)
paper = On paper
plastic-yes = Yes
plastic-no = No
