//! Everything that the library keeps of a patron, for that patron: what, until when, and who looked.

use super::bearer::{self, Bearer, Proved};
use super::bounces::RETURNS_WITHIN;
use super::own_sessions::OwnSession;
use super::patron_page::{OwnNotice, Papers};
use super::session::Session;
use super::{Error, Portal};
use crate::clock::japanese_date;
use crate::domain::application::Application;
use crate::domain::card::Card;
use crate::domain::credential::CredentialState;
use crate::domain::event::{Actor, EventKind};
use crate::domain::ids::{ApplicationId, LibraryId, PatronId, StaffId};
use crate::domain::library::{BlockCode, Library};
use crate::domain::patron::Patron;
use crate::domain::patron_deed::PatronDeed;
use crate::domain::patron_request::PatronRequest;
use crate::domain::permission::Role;
use crate::domain::proof::ShownProof;
use crate::domain::staff::StaffMember;
use crate::store::certificate_links::LinkedCard;
use crate::store::own_record;
pub use crate::store::own_record::{KeptMail, KnownDevice, Look, Looked};
use crate::store::passkeys::Passkey;
use crate::store::{
    Tx, attachments, cards, certificate_links, certificate_numbers, credentials, events, passkeys, patron_blocks,
    patron_deeds, patron_proofs, patron_requests, staff,
};
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
    pub notices: Vec<OwnNotice>,
    /// The mails, the newest first: their words are gone once they were handed over.
    pub mails: Vec<KeptMail>,
    /// Who of the staff had to do with it, the newest first.
    pub looks: Vec<RoleLook>,
    /// What the patron did with card and record, the newest first.
    pub deeds: Vec<(PatronDeed, OffsetDateTime)>,
}

/// One application.
#[derive(Debug, Clone)]
pub struct KeptApplication {
    /// Which.
    pub application: Application,
    /// Until when its contents are kept; none while it is open.
    pub kept_until: Option<Date>,
    /// How many pictures of documents there are.
    pub pictures: usize,
    /// Until when those are kept.
    pub pictures_until: Option<Date>,
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
        let mut applications = Vec::new();
        for application in &bearer.applications {
            applications.push(kept(tx, library, application.clone()).await?);
        }
        let state = credentials::find_by_patron(tx, library_id, id).await?.map(|own| own.state);
        let looks = own_record::list_looks(tx, library_id, id, &ids, MOST).await?;
        let colleagues = staff::list(tx, library_id).await?;
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
            sessions: ways.sessions,
            devices: own_record::list_devices(tx, library_id, id).await?,
            blocks: patron_blocks::list_codes(tx, library_id, id).await?,
            proofs: patron_proofs::list(tx, library_id, id).await?,
            requests: patron_requests::list_by_patron(tx, library_id, id, MOST).await?,
            applications,
            notices: Papers::of(tx, library, bearer, now).await?.notices,
            mails: own_record::list_mails(tx, library_id, (id, held.patron.facts.email.as_ref()), &ids, MOST).await?,
            looks: looks.iter().map(|look| RoleLook::of(look, &colleagues)).collect(),
            deeds: deeds(tx, (library_id, id), &ids).await?,
            patron: held.patron,
        })
    }
}

/// What a patron did by themselves: some of it stands in the records of their applications.
async fn deeds(
    tx: &mut Tx,
    (library_id, id): (LibraryId, PatronId),
    applications: &[ApplicationId],
) -> Result<Vec<(PatronDeed, OffsetDateTime)>, Error> {
    let mut deeds = patron_deeds::list(tx, library_id, id, MOST).await?;
    for application in applications {
        let own = events::list(tx, *application).await?.into_iter().map(|entry| entry.event);
        let own = own.filter(|event| matches!(event.actor, Actor::Applicant));
        deeds.extend(own.filter_map(|event| Some((deed_of(event.kind)?, event.at))));
    }
    deeds.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
    deeds.truncate(MOST as usize);
    Ok(deeds)
}

const fn deed_of(kind: EventKind) -> Option<PatronDeed> {
    match kind {
        EventKind::CardStopped => Some(PatronDeed::CardStopped),
        EventKind::CardFound => Some(PatronDeed::CardFound),
        EventKind::CardUnlinked => Some(PatronDeed::CardUnlinked),
        _ => None,
    }
}

async fn kept(tx: &mut Tx, library: &Library, application: Application) -> Result<KeptApplication, Error> {
    let retention = &library.rules.retention;
    let ended = application.state.ended();
    let pictures = attachments::list_present(tx, application.id).await?.len();
    Ok(KeptApplication {
        kept_until: ended.map(|(ending, at)| retention.of(ending).after(japanese_date(at))),
        pictures_until: ended.filter(|_| pictures > 0).map(|(_, at)| retention.attachments.after(japanese_date(at))),
        pictures,
        application,
    })
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
