//! Who lives in a seeded town. Everything follows from a number, so that anybody can be made again, on any thread.

use super::names::{FAMILY, GIVEN, QUARTERS};
use crate::domain::person::{BirthDate, EmailAddress, Kana, PersonName, Phone, PostalAddress, TypedAddress};
use time::{Date, Duration};

/// Somebody.
pub(super) struct Person {
    pub(super) name: PersonName,
    pub(super) kana: Kana,
    pub(super) birth: BirthDate,
    pub(super) address: PostalAddress,
    pub(super) phone: Phone,
    pub(super) email: EmailAddress,
}

/// Draws that look random and are the same for the same number and purpose.
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn of(number: u64, purpose: u64) -> Self {
        Self(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ purpose.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// The next one, by Steele's `SplitMix64`.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `limit`, which is more than 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// One of a list, those at its beginning more often.
    fn frequent<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let limit = list.len() as u64;
        let place = self.below(limit).min(self.below(limit));
        list.get(usize::try_from(place).ok()?)
    }
}

impl Person {
    /// The person with this number; `None` if a list holds something unsound.
    pub(super) fn of(number: u64, today: Date) -> Option<Self> {
        let mut draws = Draws::of(number, 1);
        let (family, family_kana) = draws.frequent(FAMILY)?;
        let (given, given_kana) = draws.frequent(GIVEN)?;
        let days = 6 * 365 + draws.below(88 * 365);
        let birth = today.checked_sub(Duration::days(i64::try_from(days).ok()?))?;
        Some(Self {
            name: format!("{family}　{given}").parse().ok()?,
            kana: format!("{family_kana}　{given_kana}").parse().ok()?,
            birth: birth.to_string().parse().ok()?,
            address: address(&mut draws)?,
            // No telephone has a number that goes on with 0.
            phone: format!("0900{:07}", number % 10_000_000).parse().ok()?,
            email: format!("yomu.{number}@example.jp").parse().ok()?,
        })
    }
}

fn address(draws: &mut Draws) -> Option<PostalAddress> {
    let (postcode, quarter) = draws.frequent(QUARTERS)?;
    let (block, house) = (1 + draws.below(40), 1 + draws.below(30));
    let line1 = match draws.below(3) {
        0 => format!("{quarter}{block}番地{house}"),
        1 => format!("{quarter}{}丁目{block}番{house}号", 1 + draws.below(5)),
        _ => format!("{quarter}{}", 1 + draws.below(900)),
    };
    let line2 = match draws.below(3) {
        0 => format!("コーポ{quarter}{}0{}", 1 + draws.below(5), 1 + draws.below(8)),
        _ => String::new(),
    };
    let typed = TypedAddress { postcode, prefecture: "28", municipality: "姫路市", line1: &line1, line2: &line2 };
    PostalAddress::parse(typed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use time::macros::date;

    #[test]
    fn every_name_and_place_of_the_lists_is_sound() {
        for (name, kana) in FAMILY.iter().chain(GIVEN) {
            assert!(name.parse::<PersonName>().is_ok() && kana.parse::<Kana>().is_ok(), "{name}");
        }
        let today = date!(2026 - 11 - 20);
        assert!((0..5_000).all(|number| Person::of(number, today).is_some()));
    }

    #[test]
    fn the_same_number_is_the_same_person_and_few_share_a_name() {
        let today = date!(2026 - 11 - 20);
        let name = |number| Person::of(number, today).unwrap().name.as_str().to_owned();
        assert_eq!(name(7), name(7));
        let names: HashSet<String> = (0..1_000).map(name).collect();
        assert!((500..1_000).contains(&names.len()), "{}", names.len());
    }
}
