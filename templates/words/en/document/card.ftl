until-with = { $day } (until this document ends: { $document })
by = On your application { $reference }: { $what }
site = This site:{ " " }
cut = A card to cut out
cut-what = Cut along the dashed line, and show it at the counter of the library.
cut-title = { $library }　Library card
cut-until = Valid until { $day }
