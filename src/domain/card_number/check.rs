//! Check signs, as barcode readers and library systems in Japan compute them.

use serde::{Deserialize, Serialize};

/// The signs of NW-7 in the order of their values for modulus 16.
const NW7: &[u8; 20] = b"0123456789-$:/.+ABCD";

/// How the last sign of a card number follows from the others.
///
/// All schemes but modulus 16 read the digits of prefix and serial and pass over letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckScheme {
    /// No check sign.
    None,
    /// Modulus 10, weights 2-1 from the right, digits of the products added (Luhn).
    Modulus10Weight21,
    /// Modulus 10, weights 2-1 from the right, products added whole.
    Modulus10Weight21Lump,
    /// Modulus 10, weights 3-1 from the right, as in EAN.
    Modulus10Weight31,
    /// Modulus 11, weights 2 to 7 from the right. 11 is written 0; a serial whose check would be 10 is never issued.
    Modulus11,
    /// Modulus 11, weights 2 to 7; 10 and 11 are both written 0.
    Modulus11Zero,
    /// Modulus 11, weights 2 to 7; 11 is written 0 and 10 is written X.
    Modulus11X,
    /// Modulus 11, weights 2 to 10, otherwise as [`CheckScheme::Modulus11`].
    Modulus11Weight10,
    /// 7DR: the number modulo 7.
    SevenDr,
    /// 7DSR: 7 less the number modulo 7, itself modulo 7.
    SevenDsr,
    /// 9DR: the number modulo 9.
    NineDr,
    /// 9DSR: 9 less the number modulo 9, itself modulo 9.
    NineDsr,
    /// Modulus 16 over start sign, data and stop sign of the barcode; letters of the prefix are not in it.
    Modulus16,
}

impl CheckScheme {
    /// The check sign of `body` (prefix and serial) in a barcode between `start` and `stop`.
    /// Empty if the scheme has none; `None` if no number with this body is issued.
    pub(super) fn sign_of(self, body: &str, start: char, stop: char) -> Option<String> {
        let sign = match self {
            Self::None => return Some(String::new()),
            Self::Modulus10Weight21 => complement(weighted(body, &[2, 1], |product| product / 10 + product % 10), 10),
            Self::Modulus10Weight21Lump => complement(weighted(body, &[2, 1], |product| product), 10),
            Self::Modulus10Weight31 => complement(weighted(body, &[3, 1], |product| product), 10),
            Self::Modulus11 | Self::Modulus11Zero | Self::Modulus11X | Self::Modulus11Weight10 => {
                match (complement(weighted(body, self.weights(), |product| product), 11), self) {
                    (10, Self::Modulus11Zero) => 0,
                    (10, Self::Modulus11X) => return Some("X".to_owned()),
                    (10, _) => return None,
                    (check, _) => check,
                }
            }
            Self::SevenDr => remainder(body, 7),
            Self::SevenDsr => complement(remainder(body, 7), 7),
            Self::NineDr => remainder(body, 9),
            Self::NineDsr => complement(remainder(body, 9), 9),
            Self::Modulus16 => {
                let data = body.chars().filter(|c| !c.is_ascii_alphabetic());
                let values = [start, stop].into_iter().chain(data).filter_map(nw7_value);
                // Without the last modulo a sum that is a multiple of 16 would give 'A', which no reader accepts.
                return NW7.get(complement(values.sum(), 16) as usize).map(|sign| char::from(*sign).to_string());
            }
        };
        Some(sign.to_string())
    }

    /// The weights of a modulus 11 scheme, from the right.
    pub(super) const fn weights(self) -> &'static [u32] {
        match self {
            Self::Modulus11Weight10 => &[2, 3, 4, 5, 6, 7, 8, 9, 10],
            _ => &[2, 3, 4, 5, 6, 7],
        }
    }

    /// True for schemes that pass over some serials.
    pub(super) const fn skips(self) -> bool {
        matches!(self, Self::Modulus11 | Self::Modulus11Weight10)
    }
}

fn nw7_value(c: char) -> Option<u32> {
    let index = NW7.iter().position(|sign| char::from(*sign) == c.to_ascii_uppercase())?;
    u32::try_from(index).ok()
}

fn digits(body: &str) -> impl DoubleEndedIterator<Item = u32> {
    body.chars().filter_map(|c| c.to_digit(10))
}

fn weighted(body: &str, weights: &[u32], fold: impl Fn(u32) -> u32) -> u32 {
    digits(body).rev().zip(weights.iter().cycle()).map(|(digit, weight)| fold(digit * weight)).sum()
}

fn remainder(body: &str, modulus: u32) -> u32 {
    digits(body).fold(0, |rest, digit| (rest * 10 + digit) % modulus)
}

const fn complement(sum: u32, modulus: u32) -> u32 {
    (modulus - sum % modulus) % modulus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_gives_its_published_check_sign() {
        for (scheme, sign) in [
            (CheckScheme::None, ""),
            (CheckScheme::Modulus10Weight21, "2"),
            (CheckScheme::Modulus10Weight21Lump, "4"),
            (CheckScheme::Modulus10Weight31, "4"),
            (CheckScheme::Modulus11, "5"),
            (CheckScheme::Modulus11Weight10, "9"),
            (CheckScheme::SevenDr, "2"),
            (CheckScheme::SevenDsr, "5"),
            (CheckScheme::NineDr, "0"),
            (CheckScheme::NineDsr, "0"),
        ] {
            assert_eq!(scheme.sign_of("12345678", 'A', 'A'), Some(sign.to_owned()), "{scheme:?}");
        }
    }

    #[test]
    fn modulus_16_covers_start_and_stop_signs() {
        assert_eq!(CheckScheme::Modulus16.sign_of("37859", 'A', 'B'), Some("+".to_owned()));
        assert_eq!(CheckScheme::Modulus16.sign_of("0000000", 'A', 'A'), Some("0".to_owned()), "never the letter A");
    }

    #[test]
    fn modulus_11_writes_11_as_0_and_has_no_sign_for_10() {
        // 6 × 2 = 12 leaves 1, so the check would be 10.
        assert_eq!(CheckScheme::Modulus11.sign_of("6", 'A', 'A'), None);
        assert_eq!(CheckScheme::Modulus11Zero.sign_of("6", 'A', 'A'), Some("0".to_owned()));
        assert_eq!(CheckScheme::Modulus11X.sign_of("6", 'A', 'A'), Some("X".to_owned()));
        assert_eq!(CheckScheme::Modulus11.sign_of("0", 'A', 'A'), Some("0".to_owned()));
    }
}
