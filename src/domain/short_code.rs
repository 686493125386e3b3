//! A short code that people copy by eye and hand.

use std::fmt;

/// Signs that nobody confuses, in capitals: no `0 O 1 I L 5 S`-like pairs.
const SIGNS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRTUVWXYZ";

/// Eight digits and capitals (about 40 bits), written `K7QF-2M9X`.
#[derive(Clone, PartialEq, Eq)]
pub struct ShortCode([u8; 8]);

impl ShortCode {
    /// Spells 64 random bits.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        let mut rest = random;
        Self(std::array::from_fn(|_| {
            let sign = SIGNS[(rest % 30) as usize];
            rest /= 30;
            sign
        }))
    }

    /// Reads a code as people type it: any case, width, spaces and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let typed: Vec<u8> = text
            .chars()
            .filter_map(|c| match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
                other => Some(other),
            })
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase() as u8)
            .collect();
        typed.try_into().ok().map(Self)
    }

    /// The bare code, for hashing.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.0);
        write!(f, "{}-{}", &text[..4], &text[4..])
    }
}

impl fmt::Debug for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShortCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_code_survives_being_typed(random: u64) {
            let code = ShortCode::from_random(random);
            let typed = format!(" {} ", code.to_string().to_lowercase().replace('-', "－"));
            prop_assert_eq!(ShortCode::parse(&typed), Some(code));
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in ["", "K7QF-2M9", "K7QF-2M9X4", "髙橋花子髙橋花子"] {
            assert_eq!(ShortCode::parse(typed), None, "{typed}");
        }
    }
}
