//! What must never be a card number: the number of a person in the state's own registers.

/// True for twelve digits whose last one is the check digit of a My Number (個人番号; 行政手続における特定の個人を
/// 識別するための番号の利用等に関する法律施行令第八条, 平成26年総務省令第85号第五条).
pub(super) fn looks_like_my_number(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    let Some([body @ .., check]) = digits.as_deref() else { return false };
    if body.len() != 11 {
        return false;
    }
    let sum: u32 = body.iter().rev().zip([2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6]).map(|(digit, weight)| digit * weight).sum();
    *check
        == match sum % 11 {
            0 | 1 => 0,
            remainder => 11 - remainder,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_with_the_check_digit_of_a_my_number_are_recognised() {
        // The sum of 12345678901 is 2×1+3×0+4×9+5×8+6×7+7×6+2×5+3×4+4×3+5×2+6×1 = 212, which leaves 3.
        assert!(looks_like_my_number("123456789018"));
        for other in ["123456789017", "12345678901", "1234567890180", "", "12345678901A"] {
            assert!(!looks_like_my_number(other), "{other}");
        }
        // A remainder of 1 or 0 is written 0.
        assert!(looks_like_my_number("000000000000"));
    }
}
