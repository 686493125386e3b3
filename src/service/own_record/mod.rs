//! Everything that the library keeps of a patron, for that patron: what, until when, and who looked.

mod applications;
mod deeds;

use super::bearer::{self, Bearer, Proved};
use super::bounces::RETURNS_WITHIN;
use super::own_sessions::OwnSession;
use super::patron_page::{OwnNotice, Papers};
use super::session::Session;
use super::{Error, Portal};
use crate::clock::japanese_date;
use crate::domain::card::Card;
use crate::domain::credential::CredentialState;
use crate::domain::event::{ChainedEvent, EventKind};
use crate::domain::ids::{ApplicationId, StaffId};
use crate::domain::library::{BlockCode, Library};
use crate::domain::notice::NoticeContent;
use crate::domain::patron::Patron;
use crate::domain::patron_request::PatronRequest;
use crate::domain::permission::Role;
use crate::domain::proof::ShownProof;
use crate::domain::staff::StaffMember;
use crate::store::certificate_links::LinkedCard;
use crate::store::own_record;
pub use crate::store::own_record::{KeptMail, KnownDevice, Look, Looked};
use crate::store::passkeys::Passkey;
use crate::store::{
    cards, certificate_links, certificate_numbers, credentials, events, passkeys, patron_blocks, patron_proofs,
    patron_requests, staff,
};
pub use applications::{KeptApplication, KeptSignature, KeptVersion};
pub use deeds::{DeedKept, OwnDeed};
use std::collections::BTreeMap;
use time::{Date, Duration, OffsetDateTime};

/// How many entries of each kind are shown, the newest first.
const MOST: u32 = 500;
/// For how long it is known that a mail was sent which no application, reminder or key of its own keeps.
pub const MAIL_KEPT: Duration = RETURNS_WITHIN;

/// Everything that is kept of a patron.
#[derive(Debug, Clone)]
pub struct OwnRecord {
    /// When it was read.
    pub at: OffsetDateTime,
    /// Who, with all facts.
    pub patron: Patron,
    /// Until when the record is kept, if nothing changes; none without a clock that ends it.
    pub kept_until: Option<Date>,
    /// The cards, the newest first.
    pub cards: Vec<Card>,
    /// The link of the My Number card.
    pub linked: Option<LinkedCard>,
    /// True if something is known of the user-authentication certificate.
    pub has_certificate_number: bool,
    /// True if there is a password.
    pub has_password: bool,
    /// Since when it is the patron's own.
    pub password_chosen_at: Option<OffsetDateTime>,
    /// The passkeys.
    pub passkeys: Vec<Passkey>,
    /// Where the patron is signed in.
    pub sessions: Vec<OwnSession>,
    /// From where the patron has signed in.
    pub devices: Vec<KnownDevice>,
    /// What stops procedures.
    pub blocks: Vec<BlockCode>,
    /// The documents that were shown, by kind.
    pub proofs: Vec<ShownProof>,
    /// What the patron asked of the library, with its answers, the newest first.
    pub requests: Vec<PatronRequest>,
    /// The applications, the newest first.
    pub applications: Vec<KeptApplication>,
    /// The notices, the newest first.
    pub notices: Vec<KeptNotice>,
    /// The mails, the newest first: their words are gone once they were handed over.
    pub mails: Vec<KeptMail>,
    /// Who of the staff had to do with it, the newest first.
    pub looks: Vec<RoleLook>,
    /// What the patron did, the newest first.
    pub deeds: Vec<OwnDeed>,
}

/// One notice, with when it reached the patron.
#[derive(Debug, Clone)]
pub struct KeptNotice {
    /// The notice.
    pub own: OwnNotice,
    /// When the initial password that it tells of was shown; of other notices never.
    pub password_shown_at: Option<OffsetDateTime>,
    /// Until when it is kept, if not as long as its application.
    pub kept_until: Option<Date>,
}

/// That somebody of the staff had to do with the patron: as what, not who.
#[derive(Debug, Clone)]
pub struct RoleLook {
    /// Their roles as they are now.
    pub roles: Vec<Role>,
    /// What.
    pub what: Looked,
    /// When.
    pub at: OffsetDateTime,
}

impl Portal {
    /// Everything that is kept of whoever the session stands for.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold a card.
    pub async fn own_record(&self, library: &Library, session: &Session) -> Result<OwnRecord, Error> {
        let ways = self.sign_in_ways(session).await?;
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let tx = &mut tx;
        let Proved { held, .. } = bearer::proved_in_person(tx, session, now).await?;
        let bearer = Bearer::find(tx, session, now).await?;
        let (library_id, id) = (library.id, held.patron.id);
        let ids: Vec<ApplicationId> = bearer.applications.iter().map(|one| one.id).collect();
        let (mut applications, mut timelines) = (Vec::new(), Timelines::new());
        for application in &bearer.applications {
            applications.push(KeptApplication::of(tx, library, application.clone()).await?);
            timelines.insert(application.id, events::list(tx, application.id).await?);
        }
        let state = credentials::find_by_patron(tx, library_id, id).await?.map(|own| own.state);
        let looks = own_record::list_looks(tx, library_id, id, &ids, MOST).await?;
        let colleagues = staff::list(tx, library_id).await?;
        let devices = own_record::list_devices(tx, library_id, id).await?;
        let notices = Papers::of(tx, library, bearer, now).await?.notices;
        Ok(OwnRecord {
            at: now,
            kept_until: library.rules.record_kept_until(held.card.expires_on),
            cards: cards::list_by_patron(tx, library_id, id).await?,
            linked: certificate_links::find_linked_card(tx, library_id, id).await?,
            has_certificate_number: certificate_numbers::find(tx, library_id, id).await?.is_some(),
            has_password: ways.has_password,
            password_chosen_at: state.and_then(|state| match state {
                CredentialState::Chosen { chosen_at, .. } => Some(chosen_at),
                _ => None,
            }),
            passkeys: passkeys::list_by_patron(tx, library_id, id).await?,
            blocks: patron_blocks::list_codes(tx, library_id, id).await?,
            proofs: patron_proofs::list(tx, library_id, id).await?,
            requests: patron_requests::list_by_patron(tx, library_id, id, MOST).await?,
            applications,
            notices: notices.into_iter().map(|own| KeptNotice::of(own, library, &timelines)).collect(),
            mails: own_record::list_mails(tx, library_id, (id, held.patron.facts.email.as_ref()), &ids, MOST).await?,
            looks: looks.iter().map(|look| RoleLook::of(look, &colleagues)).collect(),
            deeds: deeds::list(tx, (library_id, id), &timelines, (&ways.sessions, &devices)).await?,
            sessions: ways.sessions,
            devices,
            patron: held.patron,
        })
    }
}

/// What happened to each of somebody's applications.
type Timelines = BTreeMap<ApplicationId, Vec<ChainedEvent>>;

impl KeptNotice {
    fn of(own: OwnNotice, library: &Library, timelines: &Timelines) -> Self {
        let (notice, content) = (&own.notice, &own.notice.content);
        let timeline = notice.about.application_id().and_then(|id| timelines.get(&id));
        let happened: &[ChainedEvent] = timeline.map_or(&[], Vec::as_slice);
        let is_shown =
            |entry: &&ChainedEvent| entry.event.kind == EventKind::PasswordShown && entry.event.at >= notice.placed_at;
        let tells_of_password = matches!(
            content,
            NoticeContent::Issued(_) | NoticeContent::IssuedToChildren(_) | NoticeContent::PasswordIssued(_)
        );
        Self {
            password_shown_at: happened.iter().find(is_shown).filter(|_| tells_of_password).map(|entry| entry.event.at),
            kept_until: notice
                .about
                .patron_id()
                .map(|_| library.rules.retention.notices.after(japanese_date(notice.placed_at))),
            own,
        }
    }
}

impl RoleLook {
    fn of(look: &Look, colleagues: &[StaffMember]) -> Self {
        let by = |id: StaffId| colleagues.iter().find(|member| member.id == id);
        let mut roles: Vec<Role> =
            by(look.by).map(|member| member.roles.iter().map(|grant| grant.role).collect()).unwrap_or_default();
        roles.sort_unstable();
        roles.dedup();
        Self { roles, what: look.what, at: look.at }
    }
}
