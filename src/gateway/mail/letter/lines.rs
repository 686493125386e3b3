//! Lines of a text that every screen shows without breaking them.

/// Half-width columns in a line: 35 full-width characters, which a telephone shows without breaking.
pub(super) const LINE_COLUMNS: usize = 70;

/// The text with lines that are not too long. A word stays whole, and so does an address.
pub(super) fn broken(text: &str) -> String {
    text.lines().flat_map(lines_of).collect::<Vec<_>>().join("\n")
}

fn lines_of(line: &str) -> Vec<String> {
    if columns(line) <= LINE_COLUMNS {
        return vec![line.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(word) <= LINE_COLUMNS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words_and_no_word_is() {
        let word = "図書館（としょかん）";
        let text = format!("短い\n\n{}\nhttps://card.example.jp/{}", [word; 5].join(" "), "a".repeat(90));
        let broken = broken(&text);
        let lines: Vec<&str> = broken.lines().collect();
        assert_eq!(lines[..4], ["短い", "", &[word; 3].join(" "), &[word; 2].join(" ")]);
        assert!(lines[4].ends_with("aaa") && lines.len() == 5, "{broken}");
    }
}
