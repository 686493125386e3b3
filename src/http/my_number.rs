//! No form takes an individual number (マイナンバー): a library may not collect them (番号利用法 art. 20).
//!
//! Every posted form is looked through, whatever its fields are called. In free text the digits may also be another
//! number of twelve, such as a driving licence's, which passes the check digit once in eleven times: there the page
//! asks, and goes on once the person has said so. A name or an address has no such number in it: there it is refused.
//!
//! What was typed is drawn into the page that refuses it, so that it can be mended, and goes nowhere else: neither
//! store nor log nor address ever sees it.

use super::field_errors::FieldErrors;
use crate::domain::my_number;
use crate::words::{Phrase, Words};

/// The box that says "this is another number".
pub(super) const CONFIRMATION: &str = "not_my_number";
/// What is said where no number of twelve digits belongs.
pub(super) fn refused() -> Phrase {
    Words::default().fault_my_number()
}

/// What is said where one may belong.
pub(super) fn maybe() -> Phrase {
    Words::default().fault_my_number_maybe()
}

/// Boxes for free text.
const FREE_TEXT: [&str; 15] = [
    "answer",
    "reason",
    "message",
    "note",
    "details",
    "text",
    "body",
    "memo",
    "opinion",
    "question",
    "hold_reason",
    "reopen_reason",
    "refusal_reason",
    "take_over_reason",
    "block_note",
];
/// How the boxes for free text about one field of an application begin.
const FREE_TEXT_OF: &str = "text_";
/// Boxes that may hold twelve digits of another kind: numbers of ours, what is never kept as typed, and addresses and
/// telephone numbers (`+81 90 …` has twelve), which are read too strictly to hold anything else.
const OTHER_NUMBERS: [&str; 14] = [
    "application",
    "digest",
    "number",
    "card",
    "card_number",
    "password",
    "again",
    "current",
    "code",
    "q",
    "email",
    "as_typed",
    "login",
    "phone",
];

/// What is said about the boxes in which a My Number seems to stand. `confirmed` says that the free text has another.
pub(super) fn refusals(fields: &[(String, String)], confirmed: bool) -> FieldErrors {
    let mut errors = FieldErrors::none();
    for (name, value) in fields {
        let is_free = FREE_TEXT.contains(&name.as_str()) || name.starts_with(FREE_TEXT_OF);
        if OTHER_NUMBERS.contains(&name.as_str()) || (is_free && confirmed) || !my_number::is_in(value) {
            continue;
        }
        if is_free {
            errors.ask(name.clone(), maybe());
        } else {
            errors.add(name.clone(), refused());
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, confirmed: bool) -> Option<String> {
        let fields = [(name.to_owned(), "番号は１２３４ ５６７８ ９０１８です".to_owned())];
        refusals(&fields, confirmed).of(name).map(ToOwned::to_owned)
    }

    #[test]
    fn a_box_for_anything_is_refused_and_one_for_free_text_asks() {
        for name in ["name", "line1", "a_box_to_come"] {
            assert_eq!(said(name, true), Some(refused().plain()), "{name}");
        }
        for name in FREE_TEXT.into_iter().chain(["text_name"]) {
            assert_eq!(said(name, false), Some(maybe().plain()), "{name}");
            assert_eq!(said(name, true), None, "{name}");
        }
    }

    #[test]
    fn numbers_of_ours_pass() {
        for name in OTHER_NUMBERS {
            assert_eq!(said(name, false), None, "{name}");
        }
    }
}
