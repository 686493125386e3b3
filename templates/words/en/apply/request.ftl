unchanged = Nothing has changed
changed = Something has changed
facts = What is registered
lost = Lost
damaged = Broken or dirty
name-changed = My name has changed
