//! The page of whoever is signed in: the card first, then what is in progress, then every notice.

use super::bearer::{self, Bearer};
use super::deliver::{Status, password_waits, status_of, waits_for};
use super::family::has_children;
use super::guardian;
use super::my_card::OwnCard;
use super::procedures::{self, MyCard};
use super::session::Session;
use super::{Error, Portal};
use crate::domain::application::{Application, ApplicationState};
use crate::domain::event::{ChainedEvent, EventKind};
use crate::domain::ids::NoticeId;
use crate::domain::library::Library;
use crate::domain::notice::{Notice, NoticeContent, PaperWay};
use crate::domain::patron::Patron;
use crate::domain::person::{EmailAddress, PersonName};
use crate::domain::reference::Reference;
use crate::store::messages::{self, Side};
use crate::store::{Tx, dead_addresses, drafts, events, notices, paper_notices};
use time::OffsetDateTime;

/// The page.
#[derive(Debug, Clone)]
pub struct PatronPage {
    /// The application that is open.
    pub status: Status,
    /// The card, and what can be done about it; for whoever has proved to be its holder.
    pub card: Option<MyCard>,
    /// Whose card it is, if it is a child's and a guardian looks after it.
    pub child: Option<PersonName>,
    /// Everything that is theirs, the newest first.
    pub applications: Vec<OwnApplication>,
    /// The notices of all of them, the newest first.
    pub notices: Vec<OwnNotice>,
    /// True if a password can be collected that nobody has seen, through whichever application.
    pub password_waits: bool,
    /// What happened to the open application and to the card, in order.
    pub record: Vec<ChainedEvent>,
    /// The address at which nobody is any more, if mail to theirs came back.
    pub dead_address: Option<EmailAddress>,
    /// True if the session stood for a patron, and has done so for too long.
    pub is_proof_over: bool,
    /// Which pages beside this one are theirs.
    pub beside: Beside,
}

/// Which pages there are for whoever is signed in, beside what becomes of their applications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beside {
    /// How they sign in: for whoever stands for themselves, and not for a child of theirs.
    pub account: bool,
    /// The cards of children whom they look after.
    pub family: bool,
}

/// What a patron sees first.
#[derive(Debug, Clone)]
pub struct CardPage {
    /// The card, and what can be done about it.
    pub own: OwnCard,
    /// Applications and notices.
    pub papers: Papers,
    /// Through which application, and by which number in it, the first password of the child can be collected whose card
    /// it is, if nobody has seen it.
    pub child_password: Option<(Reference, u32)>,
    /// True if there are children whose cards are looked after.
    pub has_children: bool,
    /// The address at which nobody is any more, if mail to theirs came back.
    pub dead_address: Option<EmailAddress>,
}

/// The applications of whoever is signed in, and what the library wrote to them.
#[derive(Debug, Clone, Default)]
pub struct Papers {
    /// Everything that is theirs, the newest first.
    pub applications: Vec<OwnApplication>,
    /// The notices of all of them, the newest first.
    pub notices: Vec<OwnNotice>,
    /// True if a password can be collected that nobody has seen.
    pub password_waits: bool,
}

/// One of their applications.
#[derive(Debug, Clone)]
pub struct OwnApplication {
    /// Which.
    pub application: Application,
    /// True for the one that is open.
    pub is_open: bool,
    /// True if there is a notice or a message in it that was not opened.
    pub has_unread: bool,
    /// True if a guardian asks in it for cards of children, or about the card of one.
    pub is_for_children: bool,
}

/// One of their notices.
#[derive(Debug, Clone)]
pub struct OwnNotice {
    /// What it says.
    pub notice: Notice,
    /// When it was taken back.
    pub revoked_at: Option<OffsetDateTime>,
    /// True if it asks for something that is still to be put right.
    pub is_asking: bool,
    /// How it goes on paper, if it does.
    pub paper: Option<OnPaper>,
}

/// A notice on paper, as its reader sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnPaper {
    /// The library is going to print it.
    Waiting,
    /// It left the library, in this way and then.
    Gone(PaperWay, OffsetDateTime),
}

impl Portal {
    /// The page of whoever the session stands for.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the application is gone.
    pub async fn patron_page(&self, library: &Library, session: &Session) -> Result<PatronPage, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let bearer = Bearer::find(&mut tx, session, now).await?;
        let open = bearer.application.ok_or(Error::NotFound)?;
        let status = status_of(&mut tx, library, open, now).await?;
        let proved = bearer::proved(&mut tx, session, now).await?;
        let beside = Beside {
            account: proved.as_ref().is_some_and(|proved| !proved.is_guardian()),
            family: has_children(&mut tx, library, session, &bearer, now).await?,
        };
        // A child's card is shown beside what its guardian asked for the child, and beside nothing of the guardian's own.
        let is_about = match (&proved, bearer.application(open)) {
            (Some(proved), Some(open)) if proved.is_guardian() => {
                guardian::is_about(&mut tx, open, &proved.held.patron).await?
            }
            _ => true,
        };
        let proved = proved.filter(|_| is_about);
        let child = proved.as_ref().filter(|proved| proved.is_guardian());
        let child = child.map(|proved| proved.held.patron.facts.name.clone());
        let (card, known_address) = match proved {
            Some(proved) => {
                let email = proved.held.patron.facts.email.clone();
                (Some(procedures::card_of(&mut tx, library, proved, now).await?), email)
            }
            None => (None, status.answers.as_ref().and_then(|answers| answers.email.clone())),
        };
        let mut page = PatronPage {
            password_waits: false,
            dead_address: dead_address(&mut tx, library, known_address).await?,
            record: status.timeline.clone(),
            is_proof_over: session.proof.is_some() && bearer.proof.is_none(),
            beside,
            status,
            card,
            child,
            applications: Vec::new(),
            notices: Vec::new(),
        };
        for application in &bearer.applications {
            if application.id != open {
                let others = events::list(&mut tx, application.id).await?;
                page.record.extend(others.into_iter().filter(|entry| is_about_card(entry.event.kind)));
            }
        }
        page.record.sort_by_key(|entry| entry.event.at);
        let papers = Papers::of(&mut tx, library, bearer, now).await?;
        Ok(PatronPage {
            applications: papers.applications,
            notices: papers.notices,
            password_waits: papers.password_waits,
            ..page
        })
    }

    /// Everything that belongs to whoever the session stands for, the newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] once the open application is gone.
    pub async fn own_applications(&self, library: &Library, session: &Session) -> Result<Vec<OwnApplication>, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let bearer = Bearer::find(&mut tx, session, now).await?;
        Ok(Papers::of(&mut tx, library, bearer, now).await?.applications)
    }

    /// What a patron sees first: the card, and what waits for them.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever has not proved to hold a card.
    pub async fn card_page(&self, library: &Library, session: &Session) -> Result<CardPage, Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let bearer = Bearer::find(&mut tx, session, now).await?;
        let proved = bearer::proved(&mut tx, session, now).await?.ok_or(Error::NotFound)?;
        let own = OwnCard::of(&mut tx, library, proved, now).await?;
        Ok(CardPage {
            dead_address: dead_address(&mut tx, library, own.patron.facts.email.clone()).await?,
            has_children: has_children(&mut tx, library, session, &bearer, now).await?,
            child_password: child_password(&mut tx, &own.patron, &bearer.applications, now).await?,
            own,
            papers: Papers::of(&mut tx, library, bearer, now).await?,
        })
    }
}

async fn child_password(
    tx: &mut Tx,
    patron: &Patron,
    applications: &[Application],
    now: OffsetDateTime,
) -> Result<Option<(Reference, u32)>, Error> {
    if patron.child_number == 0 {
        return Ok(None);
    }
    for application in applications {
        if waits_for(tx, application, patron, now).await? {
            // What is asked for about the card of one child counts no children.
            let number = if patron.application_id == Some(application.id) { patron.child_number } else { 0 };
            return Ok(Some((application.reference.clone(), number)));
        }
    }
    Ok(None)
}

impl Papers {
    pub(super) async fn of(tx: &mut Tx, library: &Library, bearer: Bearer, now: OffsetDateTime) -> Result<Self, Error> {
        let mut papers = Self::default();
        for application in bearer.applications {
            papers.password_waits |= password_waits(tx, library, &application, now).await?;
            let notices = notices_of(tx, &application).await?;
            let unread = messages::count_unread(tx, application.id, Side::Applicant).await?;
            let has_unread = unread > 0 || notices.iter().any(OwnNotice::is_unread);
            let is_open = bearer.application == Some(application.id);
            papers.notices.extend(notices);
            let is_for_children = is_for_children(tx, &application).await?;
            papers.applications.push(OwnApplication { application, is_open, has_unread, is_for_children });
        }
        if let Some(patron_id) = bearer.patron_id {
            for notice in notices::list_by_patron(tx, library.id, patron_id).await? {
                let paper = on_paper(tx, &notice).await?;
                papers.notices.push(OwnNotice { notice, revoked_at: None, is_asking: false, paper });
            }
        }
        papers.notices.sort_by_key(|one| std::cmp::Reverse(one.notice.placed_at));
        Ok(papers)
    }
}

impl OwnNotice {
    /// True if it counts, and nobody has opened it here.
    #[must_use]
    pub const fn is_unopened(&self) -> bool {
        self.notice.first_read_at.is_none() && self.revoked_at.is_none()
    }

    /// The same, and nobody was given it on paper either.
    #[must_use]
    pub const fn is_unread(&self) -> bool {
        self.is_unopened() && !matches!(self.paper, Some(OnPaper::Gone(..)))
    }
}

async fn is_for_children(tx: &mut Tx, application: &Application) -> Result<bool, Error> {
    if matches!(application.state, ApplicationState::Purged { .. }) {
        return Ok(false);
    }
    let answers = drafts::find(tx, application.id).await?;
    Ok(answers.guardianship.is_some() || answers.by_guardian.is_some())
}

/// What happened to the card is told whichever application is open.
const fn is_about_card(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::CardStopped
            | EventKind::CardFound
            | EventKind::CardUnlinked
            | EventKind::Reopened
            | EventKind::PasswordChosen
    )
}

/// Mail to the address came back, and nobody has confirmed it since.
async fn dead_address(
    tx: &mut Tx,
    library: &Library,
    email: Option<EmailAddress>,
) -> Result<Option<EmailAddress>, Error> {
    match email {
        Some(email) if dead_addresses::contains(tx, library.id, &email).await? => Ok(Some(email)),
        _ => Ok(None),
    }
}

async fn notices_of(tx: &mut Tx, application: &Application) -> Result<Vec<OwnNotice>, Error> {
    let (library_id, id) = (application.library_id, application.id);
    let placed = notices::list_by_application(tx, library_id, id).await?;
    let is_asked = application.state.correction().is_some() && !application.state.is_final();
    let newest: Option<NoticeId> =
        placed.iter().rfind(|notice| matches!(notice.content, NoticeContent::Returned(_))).map(|notice| notice.id);
    let mut found = Vec::with_capacity(placed.len());
    for notice in placed {
        let (is_asking, paper) = (is_asked && newest == Some(notice.id), on_paper(tx, &notice).await?);
        found.push(OwnNotice { notice, revoked_at: None, is_asking, paper });
    }
    for revoked in notices::list_revoked(tx, library_id, id).await? {
        let (notice, revoked_at) = (revoked.notice, Some(revoked.revoked_at));
        found.push(OwnNotice { notice, revoked_at, is_asking: false, paper: None });
    }
    Ok(found)
}

async fn on_paper(tx: &mut Tx, notice: &Notice) -> Result<Option<OnPaper>, Error> {
    let paper = paper_notices::find(tx, notice.library_id, notice.id).await?;
    Ok(paper.map(|paper| paper.delivered.map_or(OnPaper::Waiting, |(way, _, at)| OnPaper::Gone(way, at))))
}
