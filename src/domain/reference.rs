//! The application's public number (申込番号): short enough to read out on the telephone.

use std::fmt;
use std::str::FromStr;

/// Thirty-one signs without `0 O 1 I L`, so that nothing is misread; a prime number of
/// signs lets one check character catch every single error and every swap of neighbours.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const DIGITS: usize = 7;

/// `LC-7K3M-92QP`: seven random signs and a check character. Unique within a library.
/// It identifies, it does not authorise: knowing a reference opens nothing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference([u8; DIGITS + 1]);

/// The text is not a reference, or one of its characters was misread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an application reference")]
pub struct InvalidReference;

impl Reference {
    /// Spells `random` as a reference. Give it at least 35 random bits.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        let mut rest = random;
        let mut signs = [0; DIGITS + 1];
        for sign in &mut signs[..DIGITS] {
            *sign = ALPHABET[(rest % 31) as usize];
            rest /= 31;
        }
        signs[DIGITS] = check_character(&signs[..DIGITS]).unwrap_or(ALPHABET[0]);
        Self(signs)
    }
}

/// ISO 7064 style weighted sum over a prime modulus.
fn check_character(signs: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (weight, sign) in (2..).zip(signs) {
        sum += weight * ALPHABET.iter().position(|known| known == sign)?;
    }
    ALPHABET.get((31 - sum % 31) % 31).copied()
}

impl FromStr for Reference {
    type Err = InvalidReference;

    /// Accepts lower case, spaces, any hyphen and full-width letters, as people type them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut typed: String = text
            .chars()
            .filter_map(|c| match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
                other => Some(other),
            })
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if typed.len() == DIGITS + 3 && typed.starts_with("LC") {
            typed.drain(..2);
        }
        let signs: [u8; DIGITS + 1] = typed.as_bytes().try_into().map_err(|_| InvalidReference)?;
        match check_character(&signs[..DIGITS]) {
            Some(check) if check == signs[DIGITS] => Ok(Self(signs)),
            _ => Err(InvalidReference),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LC-")?;
        for (index, sign) in self.0.iter().enumerate() {
            if index == 4 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*sign))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_reference_survives_being_read_out(random: u64) {
            let reference = Reference::from_random(random);
            let spoken = reference.to_string().to_lowercase().replace('-', " ");
            prop_assert_eq!(spoken.parse::<Reference>().unwrap(), reference);
        }

        #[test]
        fn one_misread_character_is_noticed(random: u64, at in 0usize..8, step in 1usize..31) {
            let mut signs = Reference::from_random(random).0;
            let sign = ALPHABET.iter().position(|known| *known == signs[at]).unwrap();
            signs[at] = ALPHABET[(sign + step) % 31];
            prop_assert!(Reference(signs).to_string().parse::<Reference>().is_err());
        }

        #[test]
        fn swapped_neighbours_are_noticed(random: u64, at in 0usize..6) {
            let mut signs = Reference::from_random(random).0;
            prop_assume!(signs[at] != signs[at + 1]);
            signs.swap(at, at + 1);
            prop_assert!(Reference(signs).to_string().parse::<Reference>().is_err());
        }
    }

    #[test]
    fn full_width_letters_are_accepted() {
        let reference = Reference::from_random(42);
        let wide: String =
            reference.to_string().chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        assert_eq!(wide.parse::<Reference>().unwrap(), reference);
    }
}
