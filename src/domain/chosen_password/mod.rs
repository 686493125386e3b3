//! Passwords that patrons choose themselves: what is taken, and what is too easy to guess.
//!
//! Length counts, and what everybody tries first is refused (NIST SP 800-63B §3.1.1.2); there are no rules about kinds of
//! signs.

use super::card_number::CardNumber;
use super::library::PasswordRules;
use super::person::BirthDate;
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// No password is longer, in signs.
const LONGEST: usize = 128;
/// What is tried first everywhere, in small letters, one a line.
const COMMON: &str = include_str!("common.txt");

/// A password as it is hashed: whatever width it was typed in (NFKC).
#[derive(Clone, PartialEq, Eq)]
pub struct TypedPassword(Zeroizing<String>);

impl TypedPassword {
    /// Takes what was typed. Spaces around and inside stay: they can be part of a password that somebody chose.
    #[must_use]
    pub fn new(text: String) -> Self {
        let text = Zeroizing::new(text);
        Self(Zeroizing::new(text.nfkc().collect()))
    }

    /// True if nothing but spaces was typed.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// The same without spaces, as an initial password is copied from groups of four.
    #[must_use]
    pub fn without_spaces(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.chars().filter(|c| !c.is_whitespace()).collect())
    }

    /// The password itself. Hash it; never log, keep or mail it.
    #[must_use]
    pub fn expose(&self) -> &Zeroizing<String> {
        &self.0
    }

    /// Tells why it cannot be chosen.
    ///
    /// # Errors
    /// See [`WeakPassword`].
    pub fn judge(&self, rules: &PasswordRules, number: &CardNumber, birth: BirthDate) -> Result<(), WeakPassword> {
        let length = self.0.chars().count();
        if length < rules.minimum_length {
            return Err(WeakPassword::TooShort);
        }
        if length > LONGEST {
            return Err(WeakPassword::TooLong);
        }
        let bare = self.bare();
        if bare.contains(&bare_of(number.as_str())) {
            return Err(WeakPassword::CardNumber);
        }
        if births(birth).iter().any(|spelt| bare.contains(spelt)) {
            return Err(WeakPassword::BirthDate);
        }
        if rules.refuse_common && is_common(&bare) {
            return Err(WeakPassword::Common);
        }
        Ok(())
    }

    fn bare(&self) -> Zeroizing<String> {
        Zeroizing::new(bare_of(&self.0))
    }
}

impl fmt::Debug for TypedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedPassword(…)")
    }
}

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer signs than the library's rule says.
    #[error("the password is too short")]
    TooShort,
    /// More signs than anybody types.
    #[error("the password is too long")]
    TooLong,
    /// The number of the card stands in it.
    #[error("the password holds the card number")]
    CardNumber,
    /// The date of birth stands in it.
    #[error("the password holds the date of birth")]
    BirthDate,
    /// It is tried first everywhere.
    #[error("the password is a common one")]
    Common,
    /// It is the initial password, or the one before.
    #[error("the password is the old one")]
    Same,
}

/// Small letters and digits alone.
fn bare_of(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The date of birth as people spell it in digits: by the Gregorian year, and by the era's.
fn births(birth: BirthDate) -> [String; 3] {
    let (date, era) = (birth.date(), birth.to_wareki());
    let day = format!("{:02}{:02}", u8::from(date.month()), date.day());
    [
        format!("{:04}{day}", date.year()),
        format!("{:02}{day}", date.year().rem_euclid(100)),
        format!("{:02}{day}", era.year),
    ]
}

fn is_common(bare: &str) -> bool {
    // Digits and marks behind a common word are the first thing that is tried after it.
    let word = bare.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_listed = |text: &str| !text.is_empty() && COMMON.lines().any(|line| line == text);
    is_listed(bare) || is_listed(word) || is_one_run(bare) || is_repeated(bare)
}

/// One sign over and over, or signs that follow each other by one: `11111111`, `abcdefgh`, `87654321`.
fn is_one_run(text: &str) -> bool {
    let signs: Vec<u32> = text.chars().map(u32::from).collect();
    let steps: Vec<i64> = signs.windows(2).map(|pair| i64::from(pair[1]) - i64::from(pair[0])).collect();
    [-1, 0, 1].into_iter().any(|step| steps.iter().all(|found| *found == step))
}

/// A short piece over and over: `abcabcabc`, `1212121212`.
fn is_repeated(text: &str) -> bool {
    let signs: Vec<char> = text.chars().collect();
    (1..=4).any(|length| signs.len() >= 2 * length && signs.iter().zip(signs.iter().skip(length)).all(|(a, b)| a == b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<(), WeakPassword> {
        let rules = PasswordRules {
            length: 10,
            viewable_days: 30,
            initial_days: None,
            minimum_length: 8,
            refuse_common: true,
            card_sign_in: crate::domain::library::CardSignIn::Offered,
            reissue_limit: None,
        };
        let typed = TypedPassword::new(text.to_owned());
        typed.judge(&rules, &"300000014".parse().unwrap(), "1990-04-01".parse().unwrap())
    }

    #[test]
    fn length_and_nothing_else_makes_a_password() {
        for good in ["とても長い合言葉だよ", "correct horse battery", "kawa-no-hotori", "山田の花壇に水を"]
        {
            assert_eq!(judged(good), Ok(()), "{good}");
        }
        assert_eq!(judged("k3f9x2q"), Err(WeakPassword::TooShort));
        assert_eq!(judged(&"あ1".repeat(70)), Err(WeakPassword::TooLong));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for common in [
            "password",
            "Password123",
            "ｐａｓｓｗｏｒｄ",
            "qwertyuiop",
            "11111111",
            "12345678",
            "87654321",
            "abcabcabc",
            "library2026",
            "toshokan1",
        ] {
            assert_eq!(judged(common), Err(WeakPassword::Common), "{common}");
        }
    }

    #[test]
    fn what_stands_on_the_card_is_no_password() {
        for number in ["300000014", "3000-0001-4", "abc300000014", "３００００００１４"] {
            assert_eq!(judged(number), Err(WeakPassword::CardNumber), "{number}");
        }
        for birth in ["19900401", "1990-04-01!", "hanako900401", "平成020401です"] {
            assert_eq!(judged(birth), Err(WeakPassword::BirthDate), "{birth}");
        }
    }

    #[test]
    fn width_does_not_matter_and_spaces_do() {
        let typed = |text: &str| TypedPassword::new(text.to_owned());
        assert_eq!(typed("Ｔ７ｋＰ"), typed("T7kP"));
        assert_ne!(typed("T7 kP"), typed("T7kP"));
        assert_eq!(typed("T7k P9mX　w").without_spaces().as_str(), "T7kP9mXw");
        assert!(!format!("{:?}", typed("hunter22")).contains("hunter"));
    }
}
