//! Days in JSON and TOML: ISO 8601, `2026-11-20`, for `#[serde(with = "…")]`.

use serde::{Deserialize, Deserializer, Serializer};
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const FORM: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Writes a day.
///
/// # Errors
/// If the day cannot be written (years beyond 9999).
pub fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&day.format(FORM).map_err(serde::ser::Error::custom)?)
}

/// Reads a day.
///
/// # Errors
/// If the text is not a day in this form.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    Date::parse(&text, FORM).map_err(serde::de::Error::custom)
}

/// A day in this form, as browsers' date boxes hold it; empty for years beyond 9999.
#[must_use]
pub fn written(day: Date) -> String {
    day.format(FORM).unwrap_or_default()
}

/// Reads a day in this form.
#[must_use]
pub fn parse(text: &str) -> Option<Date> {
    Date::parse(text, FORM).ok()
}

/// Lists of days.
pub mod list {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use time::Date;

    #[derive(Serialize, Deserialize)]
    struct Day(#[serde(with = "super")] Date);

    /// Writes days.
    ///
    /// # Errors
    /// If one cannot be written.
    pub fn serialize<S: Serializer>(days: &[Date], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(days.iter().map(|day| Day(*day)))
    }

    /// Reads days.
    ///
    /// # Errors
    /// If one is not a day.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Date>, D::Error> {
        Ok(Vec::<Day>::deserialize(deserializer)?.into_iter().map(|day| day.0).collect())
    }
}

/// Days that may be missing; with `#[serde(default)]`.
pub mod option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use time::Date;

    #[derive(Serialize, Deserialize)]
    struct Day(#[serde(with = "super")] Date);

    /// Writes the day or nothing.
    ///
    /// # Errors
    /// If the day cannot be written.
    pub fn serialize<S: Serializer>(day: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        day.map(Day).serialize(serializer)
    }

    /// Reads the day, if there is one.
    ///
    /// # Errors
    /// If the text is not a day.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        Ok(Option::<Day>::deserialize(deserializer)?.map(|day| day.0))
    }
}
