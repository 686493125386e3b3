unchanged = 変わりなし
changed = 変わったところがある
facts = 登録している内容
lost = なくした
damaged = こわれた・よごれた
name-changed = 氏名が変わった
