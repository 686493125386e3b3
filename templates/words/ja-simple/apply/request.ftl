unchanged = ｜変わりません《かわりません》
changed = ｜変わった《かわった》ところが あります
facts = 登録《とうろく》していること
lost = なくした
damaged = こわれた・よごれた
name-changed = 名前《なまえ》が ｜変わった《かわった》
