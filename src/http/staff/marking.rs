//! Marking the places at which two texts differ.

/// A stretch of a text.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::http::staff) struct Stretch {
    pub(in crate::http::staff) text: String,
    pub(in crate::http::staff) differs: bool,
}

/// Parts `text` at the stretches that differ, which occur in it in order. One that is not found
/// in the original writing stays unmarked; the line of text names it all the same.
pub(in crate::http::staff) fn marked<'a>(text: &str, differing: impl Iterator<Item = &'a str>) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut rest = text;
    for stretch in differing.filter(|stretch| !stretch.is_empty()) {
        let Some((before, after)) = rest.split_once(stretch) else { continue };
        push(&mut stretches, before, false);
        push(&mut stretches, stretch, true);
        rest = after;
    }
    push(&mut stretches, rest, false);
    stretches
}

fn push(stretches: &mut Vec<Stretch>, text: &str, differs: bool) {
    if !text.is_empty() {
        stretches.push(Stretch { text: text.to_owned(), differs });
    }
}

/// A pair of dates, `YYYY-MM-DD`, in which whole parts are marked.
pub(in crate::http::staff) fn marked_dates(one: &str, other: &str) -> [Vec<Stretch>; 2] {
    let differing = |mine: &str, theirs: &str| {
        let parts = mine.split('-').zip(theirs.split('-').map(Some).chain(std::iter::repeat(None)));
        let mut stretches = Vec::new();
        for (at, (mine, theirs)) in parts.enumerate() {
            if at > 0 {
                push(&mut stretches, "-", false);
            }
            push(&mut stretches, mine, theirs.is_some_and(|theirs| theirs != mine && !theirs.is_empty()));
        }
        stretches
    };
    [differing(one, other), differing(other, one)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(text: &str, differs: bool) -> Stretch {
        Stretch { text: text.into(), differs }
    }

    #[test]
    fn the_second_of_two_like_stretches_is_found_behind_the_first() {
        let stretches = marked("1-2-1", ["1", "1"].into_iter());
        assert_eq!(stretches, [stretch("1", true), stretch("-2-", false), stretch("1", true)]);
    }

    #[test]
    fn nothing_is_lost_where_a_stretch_is_missing() {
        assert_eq!(marked("中央一丁目", ["1", ""].into_iter()), [stretch("中央一丁目", false)]);
        assert_eq!(marked("", std::iter::empty()), []);
    }

    #[test]
    fn the_part_of_a_date_is_marked_that_differs_and_no_other_of_the_same_digits() {
        let [one, other] = marked_dates("1912-12-12", "1912-11-12");
        assert_eq!(one[2], stretch("12", true));
        assert_eq!(other[2], stretch("11", true));
        assert!(one.iter().filter(|stretch| stretch.differs).count() == 1, "{one:?}");
        assert!(marked_dates("1985-04-27", "")[0].iter().all(|stretch| !stretch.differs));
    }
}
