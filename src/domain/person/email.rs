//! E-mail addresses.

use super::personal_text;
use super::width::{is_invisible, narrow_without_spaces};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The longest address that a mail server must accept (RFC 5321 §4.5.3.1.3 less the angle brackets).
const LONGEST: usize = 254;

/// Providers whose names are often mistyped. Their own look-alikes are in [`REAL_LOOK_ALIKES`].
const WELL_KNOWN: [&str; 13] = [
    "gmail.com",
    "yahoo.co.jp",
    "icloud.com",
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "softbank.ne.jp",
    "i.softbank.jp",
    "outlook.jp",
    "outlook.com",
    "hotmail.com",
    "hotmail.co.jp",
    "ymail.ne.jp",
    "nifty.com",
];
/// Providers that exist and are one letter away from a better known one.
const REAL_LOOK_ALIKES: [&str; 4] = ["mail.com", "ymail.com", "email.com", "fmail.com"];

/// An e-mail address to which a mail server will deliver, in ASCII.
///
/// Stricter than RFC 5321: no quoted local parts, no address literals, no internationalised
/// addresses, none of which a Japanese provider gives out.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// The text cannot be an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// Nothing but white space.
    #[error("the e-mail address is empty")]
    Empty,
    /// Not of the form `name@example.jp`.
    #[error("the e-mail address has an unsound form")]
    Form,
    /// White space between its letters: whether it is one letter too many or one too few, nobody can know.
    #[error("white space stands inside the e-mail address")]
    Space,
    /// Two dots in a row, or one beside the `@`: a form that was given out once and that mail servers refuse.
    #[error("the dots of the e-mail address stand where mail servers refuse them")]
    Dots,
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    /// Accepts full-width signs and spaces around it, as Japanese input methods produce them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        if text.contains(char::is_whitespace) {
            return Err(InvalidEmail::Space);
        }
        let address = narrow_without_spaces(text).replace('。', ".");
        if address.is_empty() {
            return Err(InvalidEmail::Empty);
        }
        let (local, domain) = address.split_once('@').ok_or(InvalidEmail::Form)?;
        if has_lost_dots(local) && is_domain(domain) {
            return Err(InvalidEmail::Dots);
        }
        if address.len() <= LONGEST && is_local_part(local) && is_domain(domain) {
            Ok(Self(address))
        } else {
            Err(InvalidEmail::Form)
        }
    }
}

/// Sound letters whose dots do not stand between two of them.
fn has_lost_dots(local: &str) -> bool {
    let letters: String = local.split('.').collect();
    is_local_part(&letters) && !is_local_part(local) && local.len() <= 64
}

/// A dot-atom of RFC 5321 §4.1.2, at most 64 octets.
fn is_local_part(local: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    local.len() <= 64 && local.split('.').all(is_atom)
}

/// Two or more labels of letters, digits and inner hyphens (RFC 1123 §2.1), the last one not a number.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top_is_a_name = domain
        .rsplit_once('.')
        .is_some_and(|(_, top)| top.len() >= 2 && top.starts_with(|c: char| c.is_ascii_alphabetic()));
    top_is_a_name && domain.split('.').all(is_label)
}

impl EmailAddress {
    /// The address as it is shown and mailed to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two addresses are compared: the domain in lower case. The local part
    /// is the provider's own matter (RFC 5321 §2.4) and stays as it is.
    #[must_use]
    pub fn match_token(&self) -> String {
        let (local, domain) = self.parts();
        format!("{local}@{}", domain.to_ascii_lowercase())
    }

    /// The well-known provider that was probably meant, if the domain is one slip away from it.
    #[must_use]
    pub fn typo_hint(&self) -> Option<&'static str> {
        let domain = self.parts().1.to_ascii_lowercase();
        if WELL_KNOWN.contains(&&*domain) || REAL_LOOK_ALIKES.contains(&&*domain) {
            return None;
        }
        WELL_KNOWN.into_iter().find(|known| is_one_slip_away(domain.as_bytes(), known.as_bytes()))
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('@').unwrap_or((&self.0, ""))
    }
}

/// One letter too many, too few or wrong, or two neighbours swapped.
fn is_one_slip_away(typed: &[u8], meant: &[u8]) -> bool {
    let same_start = typed.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let (typed, meant) = (&typed[same_start..], &meant[same_start..]);
    match (typed, meant) {
        ([_, rest @ ..], _) if rest == meant => true,
        (_, [_, rest @ ..]) if rest == typed => true,
        ([a, b, typed @ ..], [c, d, meant @ ..]) if a == d && b == c && typed == meant => true,
        ([_, typed @ ..], [_, meant @ ..]) => typed == meant,
        _ => false,
    }
}

personal_text!(EmailAddress, InvalidEmail);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> EmailAddress {
        text.parse().unwrap()
    }

    #[test]
    fn full_width_signs_are_accepted() {
        assert_eq!(parsed(" Ｈａｎａ．ｙ＠ｅｘａｍｐｌｅ。ｊｐ\u{3000}").as_str(), "Hana.y@example.jp");
    }

    #[test]
    fn unsound_forms_are_refused() {
        assert_eq!(" ".parse::<EmailAddress>(), Err(InvalidEmail::Empty));
        let long = format!("{}@{}.jp", "a".repeat(64), "b.".repeat(100));
        for bad in [
            "hana",
            "@example.jp",
            "hana@",
            "a@b@example.jp",
            "a@example",
            "a@-x.jp",
            "a@192.0.2.1",
            "花@example.jp",
            "a\"b@example.jp",
            "a@example.jp,b",
            "a@ex\0ample.jp",
            &long,
        ] {
            assert_eq!(bad.parse::<EmailAddress>(), Err(InvalidEmail::Form), "{bad}");
        }
    }

    #[test]
    fn a_space_inside_is_asked_about_and_dots_are_named() {
        for text in ["a b@example.jp", "a@exam ple.jp", "a　b@example.jp", "a@ex\r\nample.jp"] {
            assert_eq!(text.parse::<EmailAddress>(), Err(InvalidEmail::Space), "{text}");
        }
        for text in ["a..b@docomo.ne.jp", "a.@docomo.ne.jp", ".a@example.jp"] {
            assert_eq!(text.parse::<EmailAddress>(), Err(InvalidEmail::Dots), "{text}");
        }
    }

    #[test]
    fn slips_are_hinted_at_and_real_providers_are_not() {
        for slip in ["gmial.com", "gmai.com", "gmail.co", "gmaill.com", "gnail.com", "GMAIL.CON"] {
            assert_eq!(parsed(&format!("hana@{slip}")).typo_hint(), Some("gmail.com"), "{slip}");
        }
        assert_eq!(parsed("hana@yaho.co.jp").typo_hint(), Some("yahoo.co.jp"));
        for real in ["gmail.com", "mail.com", "ymail.com", "example.jp", "yahoo.com", "city.himeji.lg.jp"] {
            assert_eq!(parsed(&format!("hana@{real}")).typo_hint(), None, "{real}");
        }
    }

    #[test]
    fn only_the_domain_is_lowered_for_matching() {
        assert_eq!(parsed("Hana@Example.JP").match_token(), "Hana@example.jp");
    }

    proptest! {
        #[test]
        fn any_width_gives_the_same_address(local in "[a-z0-9]{1,10}", label in "[a-z0-9]{1,10}") {
            let narrow = format!("{local}@{label}.jp");
            let wide: String = narrow.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
            prop_assert_eq!(wide.parse::<EmailAddress>().unwrap(), narrow.parse::<EmailAddress>().unwrap());
        }
    }
}
