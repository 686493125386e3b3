# The list of libraries
title = 図書館をえらぶ
none = 図書館はまだありません。
