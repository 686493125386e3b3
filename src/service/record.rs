//! What goes into the record of an application.

use crate::domain::application::Application;
use crate::domain::event::{Actor, Event, EventKind};
use crate::domain::staff::StaffMember;
use time::OffsetDateTime;

/// An event of a staff member's doing.
pub(super) fn staff_event(application: &Application, kind: EventKind, by: &StaffMember, now: OffsetDateTime) -> Event {
    event_by(application, kind, Actor::Staff(by.id), now)
}

/// An event of nobody's doing: a clock's, a rule's.
pub(super) fn system_event(application: &Application, kind: EventKind, now: OffsetDateTime) -> Event {
    event_by(application, kind, Actor::System, now)
}

/// An event of whoever it was.
pub(super) fn event_by(application: &Application, kind: EventKind, actor: Actor, now: OffsetDateTime) -> Event {
    Event {
        library_id: application.library_id,
        application_id: application.id,
        kind,
        actor,
        version: application.last_version,
        detail: String::new(),
        at: now,
    }
}
