//! Categories of patrons: why one may use the library, and what follows from it.

use super::{CategoryCode, EvidenceDemand, LibraryText, PatronService, Validity};
use crate::domain::person::PostalAddress;
use crate::domain::person::width::is_variation_selector;
use serde::{Deserialize, Serialize};

/// A reason for which one may use the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Its code.
    pub code: CategoryCode,
    /// What the form and the notice call it.
    pub label: LibraryText,
    /// A line under the label.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<LibraryText>,
    /// Where its people live: beginnings of prefecture and municipality, such as `兵庫県姫路市`. Empty means anywhere.
    #[serde(default)]
    pub areas: Vec<String>,
    /// False if its people apply at the counter only.
    #[serde(default = "yes")]
    pub online: bool,
    /// How many items may be borrowed.
    pub loan_limit: u32,
    /// How many with a linked My Number card, if that makes a difference.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub loan_limit_linked: Option<u32>,
    /// What its people cannot use, such as reserving.
    #[serde(default)]
    pub withheld: Vec<PatronService>,
    /// The age below which nobody belongs here, not even with a guardian.
    #[serde(default)]
    pub lowest_age: u32,
    /// The highest age at which one belongs here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub maximum_age: Option<u32>,
    /// The age from which one may apply online, if it is not the library's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub minimum_age: Option<u32>,
    /// When its cards expire, if not by the library's rule.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub validity: Option<Validity>,
    /// True if its cards end with the document that was shown for it, such as a student card, where that ends first.
    #[serde(default)]
    pub ends_with_proof: bool,
    /// True if somebody has to stand surety (保証人).
    #[serde(default)]
    pub guarantor: bool,
    /// What its people have to prove, besides what the library asks of everybody.
    #[serde(default)]
    pub evidence_asked: Vec<EvidenceDemand>,
}

const fn yes() -> bool {
    true
}

/// Why somebody may not apply online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Ineligible {
    /// The rules do not know the category.
    #[error("the category is not one of this library")]
    UnknownCategory,
    /// Younger than the rules ask.
    #[error("younger than {minimum} years")]
    TooYoung {
        /// The age that is needed, in full years.
        minimum: u32,
    },
    /// Older than the category allows.
    #[error("older than {maximum} years")]
    TooOld {
        /// The highest age, in full years.
        maximum: u32,
    },
    /// People of the category apply at the counter.
    #[error("people of the category apply at the counter")]
    CounterOnly,
    /// The address lies outside the category's areas.
    #[error("the address lies outside the areas of the category")]
    OutOfArea,
}

impl Category {
    /// Tells whether people with this address belong here.
    #[must_use]
    pub fn covers(&self, address: &PostalAddress) -> bool {
        let home = area_key(&format!("{}{}", address.prefecture().name(), address.municipality()));
        self.areas.is_empty() || self.areas.iter().any(|area| home.starts_with(&area_key(area)))
    }
}

/// A municipality in the form in which it is compared: the district (郡) of a town or village may be
/// left out, and the small ケ may be written large.
fn area_key(area: &str) -> String {
    let plain: String = area
        .chars()
        .filter(|c| !c.is_whitespace() && !is_variation_selector(*c))
        .map(|c| if c == 'ヶ' { 'ケ' } else { c })
        .collect();
    let Some((prefecture, rest)) = plain.split_at_checked(plain.find(['都', '道', '府', '県']).map_or(0, |at| at + 3))
    else {
        return plain;
    };
    match rest.split_once('郡') {
        Some((district, town)) if !district.is_empty() && town.contains(['町', '村']) => {
            format!("{prefecture}{town}")
        }
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::TypedAddress;

    fn category(areas: &[&str]) -> Category {
        Category {
            code: "resident".parse().unwrap(),
            label: "市内に住んでいる人".into(),
            hint: None,
            areas: areas.iter().map(ToString::to_string).collect(),
            online: true,
            loan_limit: 6,
            loan_limit_linked: None,
            withheld: Vec::new(),
            lowest_age: 0,
            maximum_age: None,
            minimum_age: None,
            validity: None,
            ends_with_proof: false,
            guarantor: false,
            evidence_asked: Vec::new(),
        }
    }

    fn address(prefecture: &str, municipality: &str) -> PostalAddress {
        PostalAddress::parse(TypedAddress { postcode: "6700012", prefecture, municipality, line1: "1-1", line2: "" })
            .unwrap()
    }

    #[test]
    fn an_area_covers_its_municipality_and_the_wards_of_it() {
        let harima = category(&["兵庫県姫路市", "兵庫県神崎郡福崎町", "神奈川県横浜市", "茨城県龍ケ崎市"]);
        for (prefecture, municipality) in [
            ("28", "姫路市"),
            ("28", " 姫路市"),
            ("28", "神崎郡福崎町"),
            ("28", "福崎町"),
            ("14", "横浜市中区"),
            ("08", "龍ヶ崎市"),
        ] {
            assert!(harima.covers(&address(prefecture, municipality)), "{municipality}");
        }
        for (prefecture, municipality) in [("28", "神戸市中央区"), ("33", "姫路市"), ("28", "神崎郡市川町")]
        {
            assert!(!harima.covers(&address(prefecture, municipality)), "{municipality}");
        }
    }

    #[test]
    fn a_city_with_the_sign_for_district_in_its_name_is_a_city() {
        for city in ["福島県郡山市", "愛知県蒲郡市", "奈良県大和郡山市", "京都府京都市"] {
            assert_eq!(area_key(city), city);
        }
    }

    #[test]
    fn a_category_without_areas_covers_everywhere() {
        assert!(category(&[]).covers(&address("47", "那覇市")));
    }
}
