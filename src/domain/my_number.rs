//! Finding individual numbers (個人番号, "My Number") in what people type, so that none is ever kept.
//!
//! A library may not collect them (番号利用法 art. 20). They have twelve digits, of which the last checks the others
//! (平成26年総務省令第85号 art. 5). One other number of twelve digits in eleven passes the same check by chance: those
//! of driving licences among them. So a hit is a reason to ask, not a proof.
//!
//! Nothing here keeps, returns or prints a number: only where one stands.

use std::ops::Range;

/// The digits of an individual number.
const DIGITS: usize = 12;

/// Where an individual number seems to stand in `text`, in bytes; `None` if none does.
///
/// Full-width digits count, and so do spaces, hyphens and middle dots between digits and signs that nobody sees: one
/// number may be written in groups, but the groups must be of one size or there must be nothing else beside them.
#[must_use]
pub fn find(text: &str) -> Option<Range<usize>> {
    runs(text).iter().find_map(Run::my_number)
}

/// Tells whether an individual number seems to stand in `text`.
#[must_use]
pub fn is_in(text: &str) -> bool {
    find(text).is_some()
}

/// A digit, where it stands, and whether it stands right behind the one before.
#[derive(Clone, Copy)]
struct Digit {
    value: u8,
    start: usize,
    end: usize,
    opens_group: bool,
}

/// Digits with nothing but separators between them.
#[derive(Default)]
struct Run(Vec<Digit>);

impl Run {
    fn my_number(&self) -> Option<Range<usize>> {
        self.0.windows(DIGITS).enumerate().find_map(|(at, window)| {
            let ends_group = self.0.get(at + DIGITS).is_none_or(|next| next.opens_group);
            let stands_alone = self.0.len() == DIGITS || has_equal_groups(window);
            let is_number = window[0].opens_group && ends_group && stands_alone && passes_check(window);
            is_number.then(|| window[0].start..window[DIGITS - 1].end)
        })
    }
}

/// True for 12, 6-6, 4-4-4, 3-3-3-3, six pairs and twelve single digits.
fn has_equal_groups(window: &[Digit]) -> bool {
    let size = window[1..].iter().position(|digit| digit.opens_group).map_or(DIGITS, |place| place + 1);
    DIGITS.is_multiple_of(size)
        && window.iter().enumerate().all(|(place, digit)| digit.opens_group == place.is_multiple_of(size))
}

/// The check digit of art. 5: eleven minus the remainder of Σ Pₙ·Qₙ by eleven, where Pₙ is the n-th digit from the
/// right without the check digit, and Qₙ is n + 1 up to the sixth and n − 5 from the seventh; 0 for remainders 0 and 1.
fn passes_check(window: &[Digit]) -> bool {
    let [others @ .., check] = window else { return false };
    let weights = (1_u32..).map(|n| if n <= 6 { n + 1 } else { n - 5 });
    let sum: u32 = others.iter().rev().zip(weights).map(|(digit, weight)| u32::from(digit.value) * weight).sum();
    let expected = match sum % 11 {
        0 | 1 => 0,
        remainder => 11 - remainder,
    };
    u32::from(check.value) == expected
}

fn runs(text: &str) -> Vec<Run> {
    let (mut runs, mut run) = (Vec::new(), Run::default());
    // Digits right beside hexadecimal letters are part of a fingerprint or of a serial number.
    let (mut separated, mut behind_letter, mut is_code) = (true, false, false);
    for (start, sign) in text.char_indices() {
        if let Some(value) = digit_of(sign) {
            is_code |= run.0.is_empty() && behind_letter;
            run.0.push(Digit { value, start, end: start + sign.len_utf8(), opens_group: separated });
            (separated, behind_letter) = (false, false);
        } else if is_separator(sign) {
            (separated, behind_letter) = (true, false);
        } else if !is_unseen(sign) {
            is_code |= !separated && sign.is_ascii_hexdigit();
            let ended = std::mem::take(&mut run);
            runs.extend((!is_code).then_some(ended));
            (separated, behind_letter, is_code) = (true, sign.is_ascii_hexdigit(), false);
        }
    }
    runs.extend((!is_code).then_some(run));
    runs
}

fn digit_of(sign: char) -> Option<u8> {
    let half = match sign {
        '0'..='9' => u32::from(sign) - u32::from('0'),
        '０'..='９' => u32::from(sign) - u32::from('０'),
        _ => return None,
    };
    u8::try_from(half).ok()
}

fn is_separator(sign: char) -> bool {
    (sign.is_whitespace() && !matches!(sign, '\n' | '\r'))
        || matches!(
            sign,
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '－' | 'ー' | 'ｰ' | '・' | '･' | '.' | '．' | '_' | '＿'
        )
}

/// Signs of no width, which would hide a number from us and from nobody else.
fn is_unseen(sign: char) -> bool {
    matches!(sign, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A number that passes the check and belongs to nobody: 1234 5678 901 gives the check digit 8.
    const NUMBER: &str = "123456789018";

    #[test]
    fn the_check_digit_follows_the_ordinance() {
        // By hand: 1·2+0·3+9·4+8·5+7·6+6·7 + 5·2+4·3+3·4+2·5+1·6 = 212; 212 mod 11 = 3; 11 − 3 = 8.
        assert!(is_in(NUMBER));
        for wrong in (0..10).filter(|digit| *digit != 8) {
            assert!(!is_in(&format!("12345678901{wrong}")), "{wrong}");
        }
        // Remainders 0 and 1 both give 0: Σ = 0, and 6·2 = 12.
        assert!(is_in("000000000000") && is_in("000000000060"));
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for text in [
            "1234 5678 9018",
            "1234-5678-9018",
            "１２３４　５６７８　９０１８",
            "１２３４－５６７８－９０１８",
            "1234ー5678ー9018",
            "123\u{200B}456789018",
            "1 2 3 4 5 6 7 8 9 0 1 8",
            "私の番号は123456789018です",
            "No.123456789018",
            "123456\u{2212}789018",
            "12345-6789-018",
            "電話 079-221-1234 番号 1234 5678 9018",
            "079-221-1234 1234-5678-9018",
        ] {
            assert!(is_in(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for text in [
            "",
            "12345678901",
            "1234567890180",
            "0123456789018",
            "090-1234-5678",
            "670-0012 姫路市本町68番地 1-2-3",
            "2026年11月20日 10:30〜11:30",
            "1234a5678b9018",
            "f123456789018e",
            "ab123456789018",
            "123456789018f",
            "1234\n5678\n9018",
        ] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn the_place_is_told_in_bytes_of_the_text() {
        let text = "番号 １２３４-5678 9018。";
        let place = find(text).unwrap();
        assert_eq!(&text[place], "１２３４-5678 9018");
    }

    proptest! {
        #[test]
        fn no_text_causes_a_panic_and_every_place_is_in_the_text(text in "[0-9０-９ 　a-gあ\\-ー\u{200B}]{0,60}") {
            if let Some(place) = find(&text) {
                prop_assert_eq!(text[place].chars().filter_map(digit_of).count(), DIGITS);
            }
        }

        #[test]
        fn any_wrong_digit_is_noticed_unless_both_give_the_same_check(place in 0_usize..11, by in 1_u8..10) {
            let mut digits = NUMBER.as_bytes().to_vec();
            digits[place] = b'0' + (digits[place] - b'0' + by) % 10;
            let changed = String::from_utf8(digits).unwrap();
            // A weight of 2 to 7 times a difference of 1 to 9 is no multiple of eleven, so the remainder always changes;
            // only the remainders 0 and 1 share a check digit, and neither is that of this number.
            prop_assert!(!is_in(&changed));
        }
    }
}
