hint = As in your residence record (jūminhyō). If a character cannot be typed, one that is close to it will do
