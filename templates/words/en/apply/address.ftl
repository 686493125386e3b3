lead = Please type where you live now, in Japanese as it stands in your residence record (jūminhyō) if you can.
municipality-hint = With the district (gun) or ward (ku), if there is one
