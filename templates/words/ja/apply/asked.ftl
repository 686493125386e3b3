incorrect = まちがいがあるようです
incomplete = 足りないところがあります
unreadable = 読み取れません
mismatch = カードの記載などとちがっています
other = 確認したいことがあります
