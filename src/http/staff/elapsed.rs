//! How long ago something was, in the largest unit that says enough.

use time::{Duration, OffsetDateTime};

/// `たった今`, `5分前`, `2時間前`, `3日前`.
pub(super) fn elapsed(since: OffsetDateTime, now: OffsetDateTime) -> String {
    let ago = now - since;
    match () {
        () if ago < Duration::minutes(1) => "たった今".to_owned(),
        () if ago < Duration::hours(1) => format!("{}分前", ago.whole_minutes()),
        () if ago < Duration::days(1) => format!("{}時間前", ago.whole_hours()),
        () => format!("{}日前", ago.whole_days()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_unit_grows_with_the_time() {
        let now = datetime!(2026-11-20 05:05 UTC);
        for (ago, expected) in [
            (Duration::seconds(-3), "たった今"),
            (Duration::seconds(59), "たった今"),
            (Duration::seconds(60), "1分前"),
            (Duration::minutes(59), "59分前"),
            (Duration::minutes(150), "2時間前"),
            (Duration::hours(24), "1日前"),
            (Duration::days(40), "40日前"),
        ] {
            assert_eq!(elapsed(now - ago, now), expected);
        }
    }
}
