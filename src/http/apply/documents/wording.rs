//! What is asked for, and what went wrong with a file, in plain words.

pub(in crate::http) use crate::document::wording::of_proofs as things_in;

use crate::domain::library::{Forbidden, Proof};
use crate::domain::proof::ProvedBefore;
use crate::http::filters::Day;
use crate::picture::{Hint, MOST_PAGES, Unreadable};
use crate::service::attach::AttachFault;
use crate::words::{Lang, Phrase, Words};

/// The words in which a fault is found.
const FOUND: Words = Words::new(Lang::Ja);

/// What a demand asks for.
pub(in crate::http) fn demand_in(words: Words, proves: &[Proof]) -> Phrase {
    words.apply_documents_what_for(things_in(words, proves))
}

/// The same in Japanese.
pub(in crate::http) fn of_demand(proves: &[Proof]) -> String {
    demand_in(FOUND, proves).plain()
}

/// What was shown before and need not be shown again.
pub(in crate::http) fn of_before(words: Words, before: &ProvedBefore<'_>) -> Phrase {
    let label = &before.kind.label;
    match before.until {
        Some(day) => words.apply_documents_before_until(label, Day(day)),
        None => words.apply_documents_before(label),
    }
}

/// What must not be on a picture.
pub(super) fn of_forbidden(words: Words, forbidden: Forbidden) -> Phrase {
    match forbidden {
        Forbidden::MyNumberCardBack => words.apply_documents_card_back(),
        Forbidden::InsuranceNumber => words.apply_documents_insurance(),
    }
}

/// What a person should look at.
pub(super) fn of_hint(words: Words, hint: Hint) -> Phrase {
    match hint {
        Hint::Small => words.apply_documents_small(),
        Hint::Blurred => words.apply_documents_blurred(),
    }
}

/// Why a document was not attached, and what to do.
pub(super) fn of_fault(fault: AttachFault) -> Phrase {
    match fault {
        AttachFault::OtherKind => FOUND.apply_documents_other_kind(),
        AttachFault::DateMissing => FOUND.apply_documents_date_missing(),
        AttachFault::Expired => FOUND.apply_documents_expired(),
        AttachFault::TooMany => FOUND.apply_documents_too_many(),
        AttachFault::TooLarge => FOUND.apply_documents_too_heavy(),
        AttachFault::Destroyed => FOUND.apply_documents_destroyed(),
        AttachFault::Unreadable(reason) => of_reason(reason),
    }
}

/// Why a file does not become a picture, and what to do.
fn of_reason(reason: Unreadable) -> Phrase {
    match reason {
        Unreadable::Empty => FOUND.apply_documents_empty(),
        Unreadable::Heic => FOUND.apply_documents_heic(),
        Unreadable::Markup | Unreadable::OtherKind => FOUND.apply_documents_not_a_picture(),
        Unreadable::TwoKinds => FOUND.apply_documents_two_kinds(),
        Unreadable::TooManyPixels => FOUND.apply_documents_pixels(),
        Unreadable::TooManyPages => FOUND.apply_documents_pages(MOST_PAGES.to_string()),
        Unreadable::Locked => FOUND.apply_documents_locked(),
        Unreadable::FormProgram => FOUND.apply_documents_program(),
        Unreadable::Damaged => FOUND.apply_documents_damaged(),
        Unreadable::CutShort => FOUND.apply_documents_cut_short(),
        Unreadable::TooMuchWork => FOUND.apply_documents_too_much(),
    }
}

/// A file that is larger than may be sent.
pub(super) fn too_large(largest_mb: usize) -> Phrase {
    FOUND.apply_documents_file_large(largest_mb.to_string())
}
