//! What goes into the record of an application.

use crate::domain::application::Application;
use crate::domain::event::{Actor, Event, EventKind};
use crate::domain::staff::StaffMember;
use time::OffsetDateTime;

/// An event of a staff member's doing.
pub(super) fn staff_event(application: &Application, kind: EventKind, by: &StaffMember, now: OffsetDateTime) -> Event {
    Event {
        library_id: application.library_id,
        application_id: application.id,
        kind,
        actor: Actor::Staff(by.id),
        version: application.last_version,
        detail: String::new(),
        at: now,
    }
}
