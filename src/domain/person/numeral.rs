//! Kanji numerals up to 9999, as years and house numbers are written with them.

/// The value of one kanji digit.
const fn digit(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' => 0,
        '一' | '壱' => 1,
        '二' | '弐' => 2,
        '三' | '参' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

const fn unit(c: char) -> Option<u32> {
    Some(match c {
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        _ => return None,
    })
}

/// True for a character that takes part in a kanji numeral.
pub(in crate::domain) const fn is_kanji_numeral(c: char) -> bool {
    digit(c).is_some() || unit(c).is_some()
}

/// Reads a run of kanji numerals: `二十三`, `百二`, or place by place `一〇二`. Digits in the ordinary
/// sense come out as text, so that `一〇二` keeps its zeros.
pub(in crate::domain) fn digits_of(run: &[char]) -> String {
    if !run.iter().any(|c| unit(*c).is_some()) {
        return run.iter().filter_map(|c| digit(*c)).filter_map(|value| char::from_digit(value, 10)).collect();
    }
    let mut total = 0_u32;
    let mut pending = None;
    for c in run {
        if let Some(unit) = unit(*c) {
            total = total.saturating_add(pending.take().unwrap_or(1_u32).saturating_mul(unit));
        } else if let Some(value) = digit(*c) {
            pending = Some(pending.unwrap_or(0_u32).saturating_mul(10).saturating_add(value));
        }
    }
    total.saturating_add(pending.unwrap_or(0)).to_string()
}

/// Replaces each run of kanji numerals in `text` by digits.
pub(in crate::domain) fn with_digits(text: &str) -> String {
    let mut digits = String::with_capacity(text.len());
    let mut run = Vec::new();
    for c in text.chars() {
        if is_kanji_numeral(c) {
            run.push(c);
            continue;
        }
        digits.push_str(&digits_of(&std::mem::take(&mut run)));
        digits.push(c);
    }
    digits.push_str(&digits_of(&run));
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_read_by_value_or_place_by_place() {
        for (kanji, digits) in [
            ("二十三", "23"),
            ("百二", "102"),
            ("一〇二", "102"),
            ("十", "10"),
            ("六十四年", "64年"),
            ("千二百", "1200"),
        ] {
            assert_eq!(with_digits(kanji), digits);
        }
        assert_eq!(with_digits("中央一丁目2-3"), "中央1丁目2-3");
    }
}
