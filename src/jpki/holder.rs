//! The facts about a person in the subjectAltName of a signing certificate.
//!
//! Unknown kinds of names are skipped: new ones (readings, former surnames) are to come. The sex
//! that the certificate also carries is not read; no library needs it.

use serde::{Deserialize, Serialize};
use time::{Date, Month};

use super::certificate::Certificate;
use super::oid;
use super::reason::Reason;
use super::tlv::{self, Malformed, OID, SEQUENCE, UTF8_STRING};

/// Far above the 200 characters that an address may have.
const MAX_OCTETS: usize = 4096;

/// What the certificate says about its holder, exactly as written there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The name, surname and given name apart by U+3000.
    pub name: String,
    /// Which characters of the name stand for others, counted from zero.
    pub name_substitutes: Vec<u32>,
    /// The birth date as far as it is known; `None` if the certificate does not carry one.
    pub birth: Option<CertifiedBirth>,
    /// The address from the prefecture on; absent for people who live abroad.
    pub address: Option<String>,
    /// Which characters of the address stand for others, counted from zero.
    pub address_substitutes: Vec<u32>,
}

/// A birth date of which any part may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertifiedBirth {
    /// The era in which it is recorded.
    pub era: Era,
    /// The Gregorian year.
    pub year: Option<u16>,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31.
    pub day: Option<u8>,
}

/// The first digit of the birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Era {
    /// 不明
    Unknown,
    /// 明治
    Meiji,
    /// 大正
    Taisho,
    /// 昭和
    Showa,
    /// 平成
    Heisei,
    /// 令和
    Reiwa,
    /// A digit that has no era yet. The year is Gregorian, so the date can be read all the same.
    Later,
}

impl CertifiedBirth {
    /// Reads the nine digits `EYYYYMMDD`, in which zeros mean "unknown".
    ///
    /// # Errors
    /// `HolderMalformed` for anything else.
    pub fn parse(digits: &str) -> Result<Self, Reason> {
        let octets: &[u8; 9] = digits.as_bytes().try_into().map_err(|_| Reason::HolderMalformed)?;
        if !octets.iter().all(u8::is_ascii_digit) {
            return Err(Reason::HolderMalformed);
        }
        let number = |range: std::ops::Range<usize>| {
            octets.get(range).unwrap_or_default().iter().fold(0_u16, |sum, digit| sum * 10 + u16::from(digit - b'0'))
        };
        let small = |range, most| match u8::try_from(number(range)) {
            Ok(0) => Ok(None),
            Ok(value) if value <= most => Ok(Some(value)),
            _ => Err(Reason::HolderMalformed),
        };
        Ok(Self {
            era: match octets[0] {
                b'0' => Era::Unknown,
                b'1' => Era::Meiji,
                b'2' => Era::Taisho,
                b'3' => Era::Showa,
                b'4' => Era::Heisei,
                b'5' => Era::Reiwa,
                _ => Era::Later,
            },
            year: Some(number(1..5)).filter(|year| *year != 0),
            month: small(5..7, 12)?,
            day: small(7..9, 31)?,
        })
    }

    /// The date, if every part is known and there is such a day.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        let month = Month::try_from(self.month?).ok()?;
        Date::from_calendar_date(i32::from(self.year?), month, self.day?).ok()
    }
}

impl Holder {
    /// Reads the holder's facts.
    ///
    /// # Errors
    /// `HolderMissing` without a name, `HolderMalformed` for facts that are not written as the
    /// profile says, stand twice, or hold characters that no name or address has.
    pub fn from_certificate(certificate: &Certificate<'_>) -> Result<Self, Reason> {
        let facts = Facts::read(certificate)?;
        let name = facts.name.ok_or(Reason::HolderMissing)?;
        check_text(name)?;
        if let Some(address) = facts.address {
            check_text(address)?;
        }
        Ok(Self {
            name: name.to_owned(),
            name_substitutes: positions(facts.name_substitutes)?,
            birth: facts.birth.map(CertifiedBirth::parse).transpose()?,
            address: facts.address.map(str::to_owned),
            address_substitutes: positions(facts.address_substitutes)?,
        })
    }
}

#[derive(Default)]
struct Facts<'a> {
    name: Option<&'a str>,
    name_substitutes: Option<&'a str>,
    birth: Option<&'a str>,
    address: Option<&'a str>,
    address_substitutes: Option<&'a str>,
}

impl<'a> Facts<'a> {
    fn read(certificate: &Certificate<'a>) -> Result<Self, Reason> {
        let malformed = |_: Malformed| Reason::HolderMalformed;
        let extension = certificate.extensions.find(&oid::SUBJECT_ALT_NAME).ok_or(Reason::HolderMissing)?;
        let mut names = tlv::only(extension.value, SEQUENCE).map_err(malformed)?.reader();
        let mut facts = Self::default();
        while !names.is_empty() {
            let general_name = names.any().map_err(malformed)?;
            if general_name.tag != tlv::constructed(0) {
                continue;
            }
            let mut fields = general_name.reader();
            let kind = fields.expect(OID).map_err(malformed)?.value;
            let wrapped = fields.expect(tlv::constructed(0)).map_err(malformed)?;
            fields.finish().map_err(malformed)?;
            let Some(fact) = facts.slot(kind) else { continue };
            let text = tlv::only(wrapped.value, UTF8_STRING).map_err(malformed)?.value;
            if text.len() > MAX_OCTETS {
                return Err(Reason::TooLarge);
            }
            let text = str::from_utf8(text).map_err(|_| Reason::HolderMalformed)?;
            if fact.replace(text).is_some() {
                return Err(Reason::HolderMalformed);
            }
        }
        Ok(facts)
    }

    fn slot(&mut self, kind: &[u8]) -> Option<&mut Option<&'a str>> {
        [
            (oid::HOLDER_NAME, &mut self.name),
            (oid::HOLDER_NAME_SUBSTITUTES, &mut self.name_substitutes),
            (oid::HOLDER_BIRTH, &mut self.birth),
            (oid::HOLDER_ADDRESS, &mut self.address),
            (oid::HOLDER_ADDRESS_SUBSTITUTES, &mut self.address_substitutes),
        ]
        .into_iter()
        .find_map(|(known, slot)| (known.as_bytes() == kind).then_some(slot))
    }
}

/// Control and direction characters could make a page show something else than what is signed.
fn check_text(text: &str) -> Result<(), Reason> {
    let deceives = |character: char| {
        character.is_control()
            || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    if text.trim().is_empty() || text.chars().any(deceives) { Err(Reason::HolderMalformed) } else { Ok(()) }
}

/// The positions of `1` in a row of `0` and `1`. Its length should be that of the text, but a
/// difference says nothing about the person and is let pass.
fn positions(flags: Option<&str>) -> Result<Vec<u32>, Reason> {
    let mut positions = Vec::new();
    for (position, flag) in (0_u32..).zip(flags.unwrap_or_default().bytes()) {
        match flag {
            b'0' => {}
            b'1' => positions.push(position),
            _ => return Err(Reason::HolderMalformed),
        }
    }
    Ok(positions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_whole_birth_date_is_read() {
        let birth = CertifiedBirth::parse("319800217").unwrap();
        assert_eq!(birth, CertifiedBirth { era: Era::Showa, year: Some(1980), month: Some(2), day: Some(17) });
        assert_eq!(birth.date(), Some(date!(1980 - 02 - 17)));
    }

    #[test]
    fn unknown_parts_stay_unknown() {
        let birth = CertifiedBirth::parse("019550000").unwrap();
        assert_eq!(birth, CertifiedBirth { era: Era::Unknown, year: Some(1955), month: None, day: None });
        assert_eq!(birth.date(), None);
        assert_eq!(CertifiedBirth::parse("000000000").unwrap().year, None);
        assert_eq!(CertifiedBirth::parse("620400101").unwrap().era, Era::Later);
    }

    #[test]
    fn what_is_no_birth_date_is_refused() {
        for digits in ["", "31980021", "3198002170", "31980０217", "319801317", "319800132", "3198002-7"] {
            assert_eq!(CertifiedBirth::parse(digits), Err(Reason::HolderMalformed), "{digits}");
        }
        assert_eq!(CertifiedBirth::parse("420000230").unwrap().date(), None, "30 February");
    }

    #[test]
    fn substitutes_are_positions() {
        assert_eq!(positions(Some("01001")), Ok(vec![1, 4]));
        assert_eq!(positions(None), Ok(vec![]));
        assert_eq!(positions(Some("02")), Err(Reason::HolderMalformed));
    }

    #[test]
    fn texts_that_could_deceive_are_refused() {
        for text in ["", "　", "黒桐\u{0}幹也", "黒桐\u{202E}幹也", "黒桐\n幹也"] {
            assert_eq!(check_text(text), Err(Reason::HolderMalformed), "{text:?}");
        }
        assert_eq!(check_text("黒桐　幹也"), Ok(()));
        assert_eq!(check_text("𠮷田　葛\u{E0100}城"), Ok(()), "variation selectors are part of names");
    }
}
