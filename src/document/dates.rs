//! Dates as Japanese papers write them: in the common era and in the Japanese one.

use crate::domain::person::{Era, Wareki};
use serde::Serialize;
use time::Date;

/// One day, written twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct PrintedDate {
    /// `2026年11月20日`.
    western: String,
    /// `令和8年11月20日`; none before the Gregorian calendar came to Japan.
    era: Option<String>,
}

impl From<Date> for PrintedDate {
    fn from(day: Date) -> Self {
        let month_and_day = format!("{}月{}日", u8::from(day.month()), day.day());
        let era = Wareki::of(day).map(|wareki| match wareki.year {
            1 => format!("{}元年{month_and_day}", era_name(wareki.era)),
            year => format!("{}{year}年{month_and_day}", era_name(wareki.era)),
        });
        Self { western: format!("{}年{month_and_day}", day.year()), era }
    }
}

const fn era_name(era: Era) -> &'static str {
    match era {
        Era::Meiji => "明治",
        Era::Taisho => "大正",
        Era::Showa => "昭和",
        Era::Heisei => "平成",
        Era::Reiwa => "令和",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn eras_change_on_their_first_day() {
        for (day, era) in [
            (date!(2026 - 11 - 20), Some("令和8年11月20日")),
            (date!(2019 - 05 - 01), Some("令和元年5月1日")),
            (date!(2019 - 04 - 30), Some("平成31年4月30日")),
            (date!(1989 - 01 - 08), Some("平成元年1月8日")),
            (date!(1989 - 01 - 07), Some("昭和64年1月7日")),
            (date!(1926 - 12 - 25), Some("昭和元年12月25日")),
            (date!(1926 - 12 - 24), Some("大正15年12月24日")),
            (date!(1912 - 07 - 30), Some("大正元年7月30日")),
            (date!(1912 - 07 - 29), Some("明治45年7月29日")),
            (date!(1872 - 12 - 31), None),
        ] {
            assert_eq!(PrintedDate::from(day).era.as_deref(), era);
        }
        assert_eq!(PrintedDate::from(date!(2026 - 11 - 20)).western, "2026年11月20日");
    }
}
