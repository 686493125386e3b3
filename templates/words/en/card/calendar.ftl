summary = Library card: last day
description = Your card of { $library } is valid until this day. Open the page of your card to renew it.
