expired = Expired
expired-what = The card has expired. Renew it, and you can use it again.
pending = Being registered
pending-what = It is being entered into the library’s system.
active = Can be used
stopped = Stopped by you
stopped-by-library = Stopped
stopped-by-library-what = The library has stopped the card. Please call the library.
replaced = Cannot be used
linked-ended = The certificate of the linked My Number Card expired on { $day }. Have it renewed, and link the card again.
linked-ends = The certificate of the linked My Number Card expires on { $day }. After it is renewed, link the card again.
linked-revoked = The certificate of the linked My Number Card is revoked. If you have a new one, link the card again.
linked-anyway = The library card works without the link, too.
limit = Up to { $limit ->
    [one] { $limit } item
   *[other] { $limit } items
 }
limit-linked = Up to { $limit ->
    [one] { $limit } item
   *[other] { $limit } items
 } ({ $linked } with a linked My Number Card)
