# The list of libraries
title = 図書館《としょかん》を えらぶ
none = 図書館《としょかん》は まだ ありません。
