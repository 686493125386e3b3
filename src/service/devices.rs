//! The devices from which a patron signs in: known by a cookie that means nothing else, and told of when they are new.

use super::Error;
use super::session::SessionToken;
use crate::domain::device::DeviceKind;
use crate::domain::ids::{LibraryId, MailId};
use crate::domain::notice::{MailContent, QueuedMail};
use crate::domain::patron::Patron;
use crate::store::{Tx, outbox, patron_devices};
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};

/// For how long a device is known that is not used. Browsers keep no cookie for longer (RFC 6265bis §5.5).
pub const DEVICE_KEPT: Duration = Duration::days(400);

/// The device that somebody signs in from.
#[derive(Debug, Clone)]
pub struct Device {
    /// What the portal knows it by, if the patron has signed in from it before. Opens nothing.
    pub token: SessionToken,
    /// Its kind.
    pub kind: DeviceKind,
    /// In which network it is, where that can be told.
    pub network: Option<IpAddr>,
}

/// Whether the patron is told of a device that is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// By mail.
    ByMail,
    /// The code for it came by mail.
    Told,
}

/// Notes that a patron has signed in from a device, and tells them if it is a new one.
pub(super) async fn remember(
    tx: &mut Tx,
    library_id: LibraryId,
    patron: &Patron,
    device: &Device,
    telling: Telling,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let is_new = patron_devices::save(tx, library_id, patron.id, &device.token.hash(), device.kind, now).await?;
    if is_new && telling == Telling::ByMail {
        tell(tx, library_id, patron, MailContent::NewDevice { at: now, device: device.kind }, now).await?;
    }
    Ok(())
}

/// Queues a mail to a patron that is about none of their applications.
pub(super) async fn tell(
    tx: &mut Tx,
    library_id: LibraryId,
    patron: &Patron,
    content: MailContent,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let Some(recipient) = patron.facts.email.clone() else { return Ok(()) };
    let id = MailId::new(now);
    let mail = QueuedMail {
        id,
        library_id,
        application_id: None,
        recipient,
        language: patron.language,
        content,
        queued_at: now,
        attempts: 0,
    };
    outbox::insert(tx, &mail, None).await?;
    Ok(())
}
