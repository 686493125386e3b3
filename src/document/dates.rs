//! Dates as papers write them: in the common era, and for readers of Japanese in the Japanese one, too.

use super::fonts::{Fonts, Line};
use crate::domain::person::{Era, Wareki};
use crate::words::{Phrase, Words};
use serde::Serialize;
use time::Date;

/// One day, written twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct PrintedDate {
    /// `2026年11月20日`, for where there is little room.
    western: Line,
    /// `2026年11月20日（令和8年11月20日）`; only the former before the Gregorian calendar came to Japan.
    full: Line,
}

impl PrintedDate {
    pub(super) fn of(day: Date, words: Words, fonts: &Fonts) -> Self {
        Self { western: fonts.line(&western(words.with_ruby(false), day)), full: fonts.line(&in_words(words, day)) }
    }
}

/// A day as papers write it: `2026年11月20日（令和8年11月20日）`, `20 November 2026 (Reiwa 8)`.
pub(super) fn in_words(words: Words, day: Date) -> Phrase {
    let western = western(words, day);
    let Some(Wareki { era, year }) = Wareki::of(day) else { return western };
    let years = u32::try_from(year).unwrap_or_default();
    let year = match era {
        Era::Meiji => words.date_meiji(years),
        Era::Taisho => words.date_taisho(years),
        Era::Showa => words.date_showa(years),
        Era::Heisei => words.date_heisei(years),
        Era::Reiwa => words.date_reiwa(years),
    };
    let era = if words.lang().is_japanese() { words.join([year, month_and_day(words, day)], "") } else { year };
    words.document_date_both(western, era)
}

/// The same in little room.
pub(super) fn western(words: Words, day: Date) -> Phrase {
    words.document_date_western(day.year().to_string(), month_and_day(words, day))
}

fn month_and_day(words: Words, day: Date) -> Phrase {
    words.date_month_day(u8::from(day.month()), day.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;
    use time::macros::date;

    #[test]
    fn eras_change_on_their_first_day() {
        for (day, written) in [
            (date!(2026 - 11 - 20), "2026年11月20日（令和8年11月20日）"),
            (date!(2019 - 05 - 01), "2019年5月1日（令和元年5月1日）"),
            (date!(2019 - 04 - 30), "2019年4月30日（平成31年4月30日）"),
            (date!(1989 - 01 - 08), "1989年1月8日（平成元年1月8日）"),
            (date!(1989 - 01 - 07), "1989年1月7日（昭和64年1月7日）"),
            (date!(1926 - 12 - 25), "1926年12月25日（昭和元年12月25日）"),
            (date!(1926 - 12 - 24), "1926年12月24日（大正15年12月24日）"),
            (date!(1912 - 07 - 30), "1912年7月30日（大正元年7月30日）"),
            (date!(1912 - 07 - 29), "1912年7月29日（明治45年7月29日）"),
            (date!(1872 - 12 - 31), "1872年12月31日"),
        ] {
            assert_eq!(in_words(Words::default(), day).plain(), written);
        }
    }

    #[test]
    fn each_language_writes_days_in_its_own_way() {
        let day = date!(2026 - 11 - 20);
        let said = |lang| in_words(Words::new(lang), day).spelled();
        assert_eq!(said(Lang::En), "20 November 2026 (Reiwa 8)");
        assert!(said(Lang::JaSimple).starts_with("2026年（ねん）11月（がつ）20日（にち）（令和（れいわ）8年（ねん）"));
    }
}
