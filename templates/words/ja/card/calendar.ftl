summary = 図書館カードの有効期限
description = { $library }のカードは、この日まで使えます。延ばすときは、マイページをひらいてください。
