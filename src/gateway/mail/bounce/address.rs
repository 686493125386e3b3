//! The envelope's sender: another one for every mail (VERP), with a mark that nobody else can make.

use crate::domain::ids::MailId;
use data_encoding::BASE32_NOPAD;
use lettre::Address;
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// What of the keyed hash stands in the address: 80 bits, because a local part has 64 characters.
const MARK: usize = 10;
/// An id and a mark in base 32.
const SIGNS: usize = 42;
/// The longest local part (RFC 5321 §4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;

/// The mailbox to which mails come back, such as `bounce@card.example.jp`. Each mail is sent from an extension of it
/// (RFC 5233): `bounce+…@card.example.jp`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct BounceAddress {
    local: String,
    domain: String,
}

/// The text is no address that can be extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address such as bounce@card.example.jp, with at most 21 characters and no + before the @")]
pub struct InvalidBounceAddress;

/// The mail that an address speaks of, if its mark is genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    /// The mail.
    pub id: MailId,
    mark: [u8; MARK],
}

impl BounceAddress {
    /// The sender in the envelope of one mail, whose keyed hash is `hash`.
    #[must_use]
    pub fn of(&self, id: MailId, hash: &[u8; 32]) -> Option<Address> {
        let mut bytes = id.as_uuid().as_bytes().to_vec();
        bytes.extend_from_slice(&hash[..MARK]);
        let signs = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
        Address::new(format!("{}+{signs}", self.local), &self.domain).ok()
    }

    /// The mail that `text` speaks of; nothing for any other address. Mail systems may change the case on the way.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Marked> {
        let (local, domain) = text.trim().rsplit_once('@')?;
        let (name, signs) = local.split_once('+')?;
        if !domain.eq_ignore_ascii_case(&self.domain) || !name.eq_ignore_ascii_case(&self.local) {
            return None;
        }
        if signs.len() != SIGNS {
            return None;
        }
        let bytes = BASE32_NOPAD.decode(signs.to_ascii_uppercase().as_bytes()).ok()?;
        let (id, mark) = bytes.split_first_chunk::<16>()?;
        Some(Marked { id: MailId::from_uuid(Uuid::from_bytes(*id)), mark: mark.try_into().ok()? })
    }
}

impl Marked {
    /// Tells whether the mark was made with the mail's keyed hash.
    #[must_use]
    pub fn is_genuine(&self, hash: &[u8; 32]) -> bool {
        bool::from(self.mark.ct_eq(&hash[..MARK]))
    }
}

impl FromStr for BounceAddress {
    type Err = InvalidBounceAddress;

    fn from_str(text: &str) -> Result<Self, InvalidBounceAddress> {
        let address: Address = text.parse().map_err(|_| InvalidBounceAddress)?;
        let (local, domain) = (address.user().to_owned(), address.domain().to_owned());
        if local.contains('+') || local.len() + 1 + SIGNS > LONGEST_LOCAL_PART {
            return Err(InvalidBounceAddress);
        }
        Ok(Self { local, domain })
    }
}

impl TryFrom<String> for BounceAddress {
    type Error = InvalidBounceAddress;

    fn try_from(text: String) -> Result<Self, InvalidBounceAddress> {
        text.parse()
    }
}

impl fmt::Display for BounceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn box_() -> BounceAddress {
        "bounce@card.example.jp".parse().unwrap()
    }

    #[test]
    fn an_address_tells_the_mail_and_whether_we_made_it() {
        let id = MailId::from_uuid(Uuid::from_u128(7));
        let address = box_().of(id, &[5; 32]).unwrap();
        assert!(address.user().len() <= LONGEST_LOCAL_PART);
        for text in [address.to_string(), address.to_string().to_uppercase(), format!(" {address} ")] {
            let marked = box_().read(&text).unwrap();
            assert_eq!(marked.id, id);
            assert!(marked.is_genuine(&[5; 32]) && !marked.is_genuine(&[6; 32]));
        }
    }

    #[test]
    fn other_addresses_tell_nothing() {
        let address = box_().of(MailId::from_uuid(Uuid::from_u128(7)), &[5; 32]).unwrap().to_string();
        let elsewhere = address.replace("card.example", "other.example");
        let longer = address.replace('@', "a@");
        for text in ["", "bounce@card.example.jp", "bounce+x@card.example.jp", &elsewhere, &longer, &address[1..]] {
            assert_eq!(box_().read(text), None, "{text}");
        }
    }

    #[test]
    fn a_mailbox_must_leave_room() {
        for text in ["bounce", "a+b@example.jp", "a-very-long-name-indeed@example.jp", "@example.jp"] {
            assert_eq!(text.parse::<BounceAddress>(), Err(InvalidBounceAddress), "{text}");
        }
    }
}
