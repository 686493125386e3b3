//! What lists have in common that are looked at page by page: the days between which, the key at which a page begins as it
//! stands in the address, and the way to the other pages.

use crate::clock::start_of_day;
use std::fmt::Display;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// A day as a date field sends it.
pub(super) fn day_of(text: &str) -> Option<Date> {
    Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).ok()
}

/// From the first moment of one day to the last of another, in Japan; what is no day bounds nothing.
pub(super) fn between(from: &str, until: &str) -> (Option<OffsetDateTime>, Option<OffsetDateTime>) {
    (day_of(from).map(start_of_day), day_of(until).and_then(Date::next_day).map(start_of_day))
}

/// `1795669500000000.0199…`: microseconds since 1970 and what tells apart that happened at once.
pub(super) fn key_text(at: OffsetDateTime, rest: impl Display) -> String {
    format!("{}.{rest}", at.unix_timestamp_nanos() / 1000)
}

/// The same read back; a key that somebody has changed is none.
pub(super) fn parse_key(text: &str) -> Option<(OffsetDateTime, &str)> {
    let (micros, rest) = text.split_once('.')?;
    let nanos = micros.parse::<i64>().ok().map(|micros| i128::from(micros) * 1000)?;
    Some((OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?, rest))
}

/// A view as the query of its address.
pub(super) fn with_query(url: String, view: &impl serde::Serialize) -> String {
    let query = serde_html_form::to_string(view).unwrap_or_default();
    if query.is_empty() { url } else { format!("{url}?{query}") }
}

/// The way to the other pages.
pub(super) struct Pager {
    pub(super) label: &'static str,
    pub(super) links: Vec<PagerLink>,
}

/// One of them.
pub(super) struct PagerLink {
    pub(super) url: String,
    pub(super) words: &'static str,
    /// What it is to this page, for programs; empty for none.
    pub(super) rel: &'static str,
}

impl Pager {
    /// Of a list that goes both ways.
    pub(super) fn both_ways(label: &'static str, before: Option<String>, after: Option<String>) -> Self {
        Self::of(label, [(before, "前へ", "prev"), (after, "次へ", "next")])
    }

    /// Of one that only goes on, and begins anew.
    pub(super) fn onwards(label: &'static str, first: Option<String>, next: Option<String>) -> Self {
        Self::of(label, [(first, "最初から", ""), (next, "次へ", "next")])
    }

    fn of(label: &'static str, links: [(Option<String>, &'static str, &'static str); 2]) -> Self {
        let link = |(url, words, rel): (Option<String>, _, _)| Some(PagerLink { url: url?, words, rel });
        Self { label, links: links.into_iter().filter_map(link).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_key_survives_the_address_and_a_changed_one_is_none() {
        let at = datetime!(2026-11-20 05:05:00.123456 UTC);
        assert_eq!(parse_key(&key_text(at, "7.8")), Some((at, "7.8")));
        for text in ["", "1", "x.y", "99999999999999999999.0"] {
            assert_eq!(parse_key(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_japans_and_the_last_one_counts_whole() {
        let day = "2026-11-20";
        let expected = (Some(datetime!(2026-11-19 15:00 UTC)), Some(datetime!(2026-11-20 15:00 UTC)));
        assert_eq!(between(day, day), expected);
        assert_eq!(between("x", ""), (None, None));
    }

    #[test]
    fn only_ways_that_there_are_are_shown() {
        let words = |pager: Pager| pager.links.into_iter().map(|link| link.words).collect::<Vec<_>>();
        assert_eq!(words(Pager::both_ways("", None, Some("/x".into()))), ["次へ"]);
        assert_eq!(words(Pager::onwards("", Some("/".into()), Some("/x".into()))), ["最初から", "次へ"]);
        assert!(Pager::onwards("", None, None).links.is_empty());
    }
}
