//! Whether a notice that somebody holds in their hands is genuine and still the last word.

use std::fmt;
use time::OffsetDateTime;

/// Crockford's base 32: without `I L O U`, which people take for others or read into words.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 80 bits.
const LENGTH: usize = 16;
/// How many stand together.
const GROUP: usize = 4;

/// The code on a notice by which anybody can ask about it: 80 random bits, written `7KQF-2M9X-0ZT4-B6RC`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerificationCode([u8; LENGTH]);

impl VerificationCode {
    /// Spells random bits.
    #[must_use]
    pub fn from_random(random: [u8; 10]) -> Self {
        let bits = random.iter().fold(0_u128, |bits, octet| (bits << 8) | u128::from(*octet));
        Self(std::array::from_fn(|place| SIGNS[(bits >> (5 * (LENGTH - 1 - place)) & 31) as usize]))
    }

    /// Reads a code as people type it: any case and width, spaces, hyphens, and `O I L` for the digits that they look
    /// like.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut signs = Vec::with_capacity(LENGTH);
        for typed in text.chars() {
            let sign = match typed {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(typed) - 0xfee0)?,
                other => other,
            };
            let sign = match sign.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            match u8::try_from(sign) {
                Ok(known) if SIGNS.contains(&known) => signs.push(known),
                _ if sign.is_whitespace() || is_dash(sign) => {}
                _ => return None,
            }
            if signs.len() > LENGTH {
                return None;
            }
        }
        signs.try_into().ok().map(Self)
    }

    /// The bare signs, as they stand in an address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever in it.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

const fn is_dash(sign: char) -> bool {
    matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff70}')
}

impl fmt::Display for VerificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups: Vec<&str> = (0..LENGTH).step_by(GROUP).filter_map(|at| self.as_str().get(at..at + GROUP)).collect();
        f.write_str(&groups.join("-"))
    }
}

impl fmt::Debug for VerificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerificationCode(…)")
    }
}

/// How a notice stands that the library did place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeStanding {
    /// It is the last word.
    InForce,
    /// A newer notice says something about the same application, or the same person's card.
    Superseded,
    /// The library has taken it back: the decision was opened again.
    Revoked,
    /// It was placed, and its contents have been erased since, as the rules want; no more can be said.
    Erased,
}

/// What anybody may know of a notice. Nothing of it says about whom it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedNotice {
    /// Its kind, as [`NoticeContent::kind`](super::notice::NoticeContent::kind) names it.
    pub kind: String,
    /// When it was placed.
    pub placed_at: OffsetDateTime,
    /// How it stands.
    pub standing: NoticeStanding,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_code_survives_being_typed(random: [u8; 10]) {
            let code = VerificationCode::from_random(random);
            let typed = format!("　{} ", code.to_string().to_lowercase().replace('-', "ー").replace('0', "o").replace('1', "Ｌ"));
            prop_assert_eq!(VerificationCode::parse(&typed), Some(code.clone()));
            prop_assert_eq!(VerificationCode::parse(code.as_str()), Some(code));
        }

        #[test]
        fn no_two_draws_are_spelled_the_same(one: [u8; 10], other: [u8; 10]) {
            let same = VerificationCode::from_random(one) == VerificationCode::from_random(other);
            prop_assert_eq!(same, one == other);
        }
    }

    #[test]
    fn a_code_stands_in_four_groups() {
        assert_eq!(VerificationCode::from_random([0; 10]).to_string(), "0000-0000-0000-0000");
        assert_eq!(VerificationCode::from_random([0xFF; 10]).to_string(), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in [
            "",
            "0000-0000-0000-000",
            "0000-0000-0000-00000",
            "0000-0000-0000-000U",
            "髙橋花子髙橋花子髙橋花子髙橋花子",
        ] {
            assert_eq!(VerificationCode::parse(typed), None, "{typed}");
        }
    }
}
