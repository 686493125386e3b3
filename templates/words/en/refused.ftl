state = The application has changed in the meantime, so this cannot be done. Please look at how it stands now.
request = The time for signing is over. What you filled in is still there. Please go on to the signature once more.
version = There is a newer application than the one you were looking at. Please check the new one.
not-asked = You were not asked to change this, so it cannot be changed. Nothing was saved. If there is more to put right, please send us a message.
too-late = The time for it is over.
too-early = It is too early for this.
