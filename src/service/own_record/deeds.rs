//! What a patron did by themselves: in their own record, in those of their applications, and where they signed in.

use super::super::Error;
use super::super::devices::DEVICE_KEPT;
use super::super::own_sessions::OwnSession;
use super::{KnownDevice, MOST, Timelines};
use crate::clock::japanese_date;
use crate::domain::event::{Actor, EventKind};
use crate::domain::ids::{LibraryId, PatronId};
use crate::domain::patron_deed::PatronDeed;
use crate::store::{Tx, patron_deeds};
use time::{Date, OffsetDateTime};

/// Something that the patron did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnDeed {
    /// What.
    pub what: PatronDeed,
    /// When.
    pub at: OffsetDateTime,
    /// For how long it is known.
    pub kept: DeedKept,
}

/// For how long a deed is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeedKept {
    /// For good, so that it can be checked.
    ForGood,
    /// Until the device is forgotten, if nobody signs in from it any more.
    Until(Date),
    /// Until whoever it is signs out.
    WithSession,
}

/// All of it, the newest first.
pub(super) async fn list(
    tx: &mut Tx,
    (library_id, id): (LibraryId, PatronId),
    timelines: &Timelines,
    (sessions, devices): (&[OwnSession], &[KnownDevice]),
) -> Result<Vec<OwnDeed>, Error> {
    let for_good = |(what, at)| OwnDeed { what, at, kept: DeedKept::ForGood };
    let own = patron_deeds::list(tx, library_id, id, MOST).await?.into_iter().map(for_good);
    let events = timelines.values().flatten().map(|entry| &entry.event);
    let told = events.filter(|event| matches!(event.actor, Actor::Applicant));
    let told = told.filter_map(|event| Some(for_good((deed_of(event.kind)?, event.at))));
    let mut deeds: Vec<OwnDeed> = own.chain(told).chain(sign_ins(sessions, devices)).collect();
    deeds.sort_by_key(|deed| std::cmp::Reverse(deed.at));
    deeds.truncate(MOST as usize);
    Ok(deeds)
}

/// When the patron signed in, as far as a device or a session still tells it. A device that told of the moment has told
/// of the session that began with it.
fn sign_ins(sessions: &[OwnSession], devices: &[KnownDevice]) -> Vec<OwnDeed> {
    let mut deeds: Vec<OwnDeed> = Vec::new();
    let mut note = |at: OffsetDateTime, kept: DeedKept| {
        if deeds.iter().all(|deed| deed.at != at) {
            deeds.push(OwnDeed { what: PatronDeed::SignedIn, at, kept });
        }
    };
    for device in devices {
        let kept = DeedKept::Until(japanese_date(device.last_at + DEVICE_KEPT));
        note(device.last_at, kept);
        note(device.first_at, kept);
    }
    for session in sessions {
        note(session.started_at, DeedKept::WithSession);
    }
    deeds
}

const fn deed_of(kind: EventKind) -> Option<PatronDeed> {
    match kind {
        EventKind::Submitted | EventKind::SubmittedUnsigned => Some(PatronDeed::Applied),
        EventKind::Withdrawn => Some(PatronDeed::Withdrew),
        EventKind::MessageSent => Some(PatronDeed::Wrote),
        EventKind::NoticeRead => Some(PatronDeed::NoticeRead),
        EventKind::NoticeDownloaded => Some(PatronDeed::NoticeDownloaded),
        EventKind::PasswordShown => Some(PatronDeed::PasswordShown),
        EventKind::PasswordChosen => Some(PatronDeed::PasswordChosen),
        EventKind::CardStopped => Some(PatronDeed::CardStopped),
        EventKind::CardFound => Some(PatronDeed::CardFound),
        EventKind::CardUnlinked => Some(PatronDeed::CardUnlinked),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::device::DeviceKind;
    use time::Duration;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 01:00 UTC);

    #[test]
    fn a_sign_in_is_told_once_whether_device_or_session_or_both_know_of_it() {
        let session =
            |started_at| OwnSession { handle: String::new(), device: None, started_at, seen_at: NOW, is_this: true };
        let device = KnownDevice { kind: DeviceKind::Mac, first_at: NOW - Duration::DAY, last_at: NOW };
        let deeds = sign_ins(&[session(NOW), session(NOW - Duration::HOUR)], &[device]);
        let told: Vec<_> = deeds.iter().map(|deed| (deed.at, deed.kept)).collect();
        let until = DeedKept::Until(japanese_date(NOW + DEVICE_KEPT));
        let expected = [(NOW, until), (NOW - Duration::DAY, until), (NOW - Duration::HOUR, DeedKept::WithSession)];
        assert_eq!(told, expected);
    }
}
