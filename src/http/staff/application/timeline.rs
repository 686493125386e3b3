//! What happened, newest first, in words, with who and when.

use crate::domain::event::{Actor, ChainedEvent, EventKind};
use crate::domain::staff::StaffMember;
use crate::http::filters::Moment;
use crate::http::staff::wording;
use crate::http::staff::wording::name_of;

/// One thing that happened, or several openings in a row by one person.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) what: &'static str,
    pub(super) detail: &'static str,
    pub(super) who: String,
    /// Of several, the last.
    pub(super) at: Moment,
    pub(super) times: u32,
}

/// The record, for reading from the present back.
pub(super) fn newest_first(events: &[ChainedEvent], staff: &[StaffMember]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for ChainedEvent { event, .. } in events.iter().rev() {
        let entry = Entry {
            what: wording::of_event(event.kind),
            detail: wording::of_detail(event.kind, &event.detail),
            who: match event.actor {
                Actor::Applicant if is_guardians(event.kind) => "保護者".to_owned(),
                Actor::Applicant => "申込者".to_owned(),
                Actor::Staff(id) => name_of(staff, id),
                Actor::System => "システム".to_owned(),
            },
            at: Moment(event.at),
            times: 1,
        };
        match entries.last_mut() {
            Some(last) if event.kind == EventKind::Viewed && (last.what, &last.who) == (entry.what, &entry.who) => {
                last.times += 1;
            }
            _ => entries.push(entry),
        }
    }
    entries
}

/// The guardian acts on the applicant's side; the kind of the event tells the two apart.
const fn is_guardians(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Cosigned
            | EventKind::GuardianConfirmed
            | EventKind::CosigningBegun
            | EventKind::CosigningFailed
            | EventKind::CosignatureRefused
            | EventKind::GuardianDeclined
            | EventKind::GuardianAddressWrong
            | EventKind::GuardianLockedOut
    )
}
