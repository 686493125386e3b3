//! Dates of birth, which the register does not always know whole.

use super::{Comparison, Difference, Likeness};
use crate::domain::person::BirthDate;

/// A Gregorian date of which parts may be unknown.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct PartialDate {
    /// Gregorian year.
    pub year: Option<i32>,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31.
    pub day: Option<u8>,
}

/// Compares a declared date of birth with the certificate's. If a known part differs, they differ;
/// if a part is unknown and the rest agrees, the whole is not known.
#[must_use]
pub fn compare_birth(declared: BirthDate, certificate: PartialDate) -> Comparison {
    let date = declared.date();
    let parts = [
        (date.year(), certificate.year),
        (i32::from(date.month() as u8), certificate.month.map(i32::from)),
        (i32::from(date.day()), certificate.day.map(i32::from)),
    ];
    let differences: Vec<Difference> = parts
        .into_iter()
        .filter_map(|(mine, theirs)| theirs.filter(|theirs| *theirs != mine).map(|theirs| (mine, theirs)))
        .map(|(mine, theirs)| Difference {
            declared: format!("{mine:02}"),
            certificate: format!("{theirs:02}"),
            likeness: Likeness::Different,
        })
        .collect();
    if differences.is_empty() && parts.iter().any(|(_, theirs)| theirs.is_none()) {
        return Comparison::without_differences(Likeness::NotKnown);
    }
    Comparison::of(differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(year: Option<i32>, month: Option<u8>, day: Option<u8>) -> Comparison {
        compare_birth("1985-04-27".parse().unwrap(), PartialDate { year, month, day })
    }

    #[test]
    fn whole_dates_are_the_same_or_different() {
        assert_eq!(compare(Some(1985), Some(4), Some(27)).likeness, Likeness::Same);
        let other = compare(Some(1985), Some(5), Some(27));
        assert_eq!(other.likeness, Likeness::Different);
        assert_eq!((&*other.differences[0].declared, &*other.differences[0].certificate), ("04", "05"));
    }

    #[test]
    fn unknown_parts_leave_it_open_unless_a_known_one_differs() {
        assert_eq!(compare(None, None, None).likeness, Likeness::NotKnown);
        assert_eq!(compare(Some(1985), None, None).likeness, Likeness::NotKnown);
        assert_eq!(compare(Some(1986), None, Some(27)).likeness, Likeness::Different);
    }
}
