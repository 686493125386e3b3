//! How days are written in files.

use crate::domain::person::width::narrow_without_spaces;
use crate::domain::person::{Era, Wareki};
use serde::{Deserialize, Serialize};
use time::{Date, Month};

/// How a day is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DateForm {
    /// `2026-11-20`.
    #[default]
    #[serde(rename = "yyyy-mm-dd")]
    Hyphens,
    /// `2026/11/20`.
    #[serde(rename = "yyyy/mm/dd")]
    Slashes,
    /// `20261120`.
    #[serde(rename = "yyyymmdd")]
    Digits,
    /// `R8.11.20`: the era by its first letter.
    #[serde(rename = "era")]
    Era,
}

const LETTERS: [(char, Era); 5] =
    [('M', Era::Meiji), ('T', Era::Taisho), ('S', Era::Showa), ('H', Era::Heisei), ('R', Era::Reiwa)];

impl DateForm {
    /// Writes a day. A day before 1873 has no era and is written with hyphens.
    #[must_use]
    pub fn write(self, day: Date) -> String {
        let (year, month, of_month) = (day.year(), u8::from(day.month()), day.day());
        match (self, Wareki::of(day)) {
            (Self::Slashes, _) => format!("{year:04}/{month:02}/{of_month:02}"),
            (Self::Digits, _) => format!("{year:04}{month:02}{of_month:02}"),
            (Self::Era, Some(wareki)) => {
                let letter = LETTERS.iter().find(|(_, era)| *era == wareki.era).map_or('R', |(letter, _)| *letter);
                format!("{letter}{}.{month}.{of_month}", wareki.year)
            }
            (Self::Hyphens | Self::Era, _) => format!("{year:04}-{month:02}-{of_month:02}"),
        }
    }

    /// Reads a day of this form, in any width and with or without leading zeros; the day must exist, and lie in
    /// the era that is given.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Date> {
        let text = narrow_without_spaces(text);
        match self {
            Self::Hyphens => read_parts(&text, '-', 4),
            Self::Slashes => read_parts(&text, '/', 4),
            Self::Digits if text.len() == 8 && text.is_ascii() => day_of(&text[..4], &text[4..6], &text[6..]),
            Self::Digits => None,
            Self::Era => read_era(&text),
        }
    }
}

fn read_parts(text: &str, separator: char, year_digits: usize) -> Option<Date> {
    let [year, month, day]: [&str; 3] = text.split(separator).collect::<Vec<_>>().try_into().ok()?;
    if year.len() == year_digits { day_of(year, month, day) } else { None }
}

fn read_era(text: &str) -> Option<Date> {
    let letter = text.chars().next()?.to_ascii_uppercase();
    let (_, era) = LETTERS.into_iter().find(|(known, _)| *known == letter)?;
    let [year, month, day]: [&str; 3] = text.get(1..)?.split('.').collect::<Vec<_>>().try_into().ok()?;
    let year = number(year, 2).filter(|year| *year > 0)?;
    let year = (era.first_year() + i32::try_from(year).ok()? - 1).to_string();
    day_of(&year, month, day).filter(|day| Wareki::of(*day).is_some_and(|wareki| wareki.era == era))
}

fn day_of(year: &str, month: &str, day: &str) -> Option<Date> {
    let year = i32::try_from(number(year, 4)?).ok()?;
    let month = Month::try_from(u8::try_from(number(month, 2)?).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(number(day, 2)?).ok()?).ok()
}

fn number(text: &str, longest: usize) -> Option<u32> {
    let is_number = (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date;

    const FORMS: [DateForm; 4] = [DateForm::Hyphens, DateForm::Slashes, DateForm::Digits, DateForm::Era];

    #[test]
    fn each_form_is_written_as_its_name_says() {
        let day = date!(2026 - 11 - 02);
        let written = FORMS.map(|form| form.write(day));
        assert_eq!(written, ["2026-11-02", "2026/11/02", "20261102", "R8.11.2"]);
        assert_eq!(DateForm::Era.write(date!(1989 - 01 - 07)), "S64.1.7");
        assert_eq!(DateForm::Era.write(date!(1989 - 01 - 08)), "H1.1.8");
    }

    #[test]
    fn days_that_do_not_exist_are_not_read() {
        for (form, text) in [
            (DateForm::Hyphens, "2026-02-29"),
            (DateForm::Hyphens, "26-02-28"),
            (DateForm::Hyphens, "2026/02/28"),
            (DateForm::Slashes, "2026/13/01"),
            (DateForm::Digits, "2026122"),
            (DateForm::Digits, "２０２６１２３２"),
            (DateForm::Digits, "二〇二六"),
            (DateForm::Era, "H31.5.1"),
            (DateForm::Era, "R0.5.1"),
            (DateForm::Era, "X1.5.1"),
            (DateForm::Era, ""),
            (DateForm::Era, "令8.5.1"),
        ] {
            assert_eq!(form.read(text), None, "{text}");
        }
        assert_eq!(DateForm::Hyphens.read("2028-02-29"), Some(date!(2028 - 02 - 29)), "a leap day is a day");
        assert_eq!(DateForm::Era.read("r08.05.01"), Some(date!(2026 - 05 - 01)));
        assert_eq!(DateForm::Slashes.read("２０２６／１／５"), Some(date!(2026 - 01 - 05)));
    }

    proptest! {
        #[test]
        fn every_day_comes_back(days in 0_i64..60_000, form in 0_usize..4) {
            let day = date!(1873 - 01 - 01) + time::Duration::days(days);
            prop_assert_eq!(FORMS[form].read(&FORMS[form].write(day)), Some(day));
        }
    }
}
