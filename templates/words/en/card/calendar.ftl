summary = Library card: last day
description = Your card of { $library } is valid until this day. Open My page to renew it.
