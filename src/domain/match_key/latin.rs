//! Names in Latin letters: certificates write the family name first and without accents, people as they are used to.

use super::super::person::width::is_hyphen;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The parts of a name without accents, in lower case and in the order of the alphabet; `None` for a name with
/// other letters.
pub(super) fn latin_key(name: &str) -> Option<String> {
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let parts_from = |c: char| c.is_whitespace() || is_hyphen(c) || matches!(c, '・' | ',' | '.');
    let mut parts = Vec::new();
    for part in plain.split(parts_from).filter(|part| !part.is_empty()) {
        parts.push(letters_of(part)?);
    }
    parts.sort_unstable();
    let key = parts.concat();
    (!key.is_empty()).then_some(key)
}

/// The plain letters of one part; `None` if any other is among them.
fn letters_of(part: &str) -> Option<String> {
    let mut letters = String::with_capacity(part.len());
    for c in part.chars() {
        match c {
            'a'..='z' => letters.push(c),
            'đ' | 'ð' => letters.push('d'),
            'ø' => letters.push('o'),
            'ł' => letters.push('l'),
            'ı' => letters.push('i'),
            'æ' => letters.push_str("ae"),
            'œ' => letters.push_str("oe"),
            'ß' => letters.push_str("ss"),
            'þ' => letters.push_str("th"),
            '\'' | '’' | '`' => {}
            _ => return None,
        }
    }
    Some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_accents_and_signs_do_not_count() {
        for name in ["Đặng Thị-Hương", "HUONG THI DANG", "ＤＡＮＧ　ＴＨＩ　ＨＵＯＮＧ"] {
            assert_eq!(latin_key(name).as_deref(), Some("danghuongthi"), "{name}");
        }
        assert_eq!(latin_key("D'Arc, Jeanne").as_deref(), Some("darcjeanne"));
    }

    #[test]
    fn other_letters_have_no_such_key() {
        for name in ["姫路 花子", "マリア", "Anna 花子", "", "・"] {
            assert_eq!(latin_key(name), None, "{name}");
        }
    }
}
