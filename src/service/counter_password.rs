//! Initial passwords at the counter: for whoever cannot sign in, or has lost the one there was. Handed out on paper
//! after it was checked who asks; the one before dies with it.

use super::blocks;
use super::own_sessions::end_everything;
use super::patrons::allowed;
use super::record::staff_event;
use super::relations::must_be_no_own;
use super::{Error, Once, Portal};
use crate::domain::card::{Card, CardState};
use crate::domain::credential::{Credential, CredentialState, InitialPassword};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApplicationId, CredentialId, PatronId};
use crate::domain::library::Library;
use crate::domain::obstacle::Obstacle;
use crate::domain::patron::Patron;
use crate::domain::permission::Permission;
use crate::domain::procedure::Procedure;
use crate::domain::staff::StaffMember;
use crate::domain::visit::IdentityProof;
use crate::random;
use crate::store::patron_views::PatronView;
use crate::store::{Tx, applications, cards, credentials, events, patron_views, patrons};
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// Who asks for a password at the counter.
#[derive(Debug, Clone)]
pub struct CounterDesk {
    /// The patron.
    pub patron: Patron,
    /// The card that the password belongs to.
    pub card: Card,
    /// When a password was last shown or handed out, if one was.
    pub last_at: Option<OffsetDateTime>,
}

/// A password that is handed out, for one page.
#[derive(Debug)]
pub struct HandedOut {
    /// The password.
    pub password: InitialPassword,
    /// Whose.
    pub patron: Patron,
    /// The card that it belongs to.
    pub card: Card,
    /// When.
    pub at: OffsetDateTime,
}

impl Portal {
    /// What staff see before they hand out a password. Opening it is recorded.
    ///
    /// # Errors
    /// As [`hand_out_password`](Self::hand_out_password).
    pub async fn counter_desk(&self, by: &StaffMember, id: PatronId) -> Result<CounterDesk, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let (by, desk, _) = desk_for(&mut tx, by, id).await?;
        patron_views::insert(&mut tx, &by, &PatronView::Opened(id), now).await?;
        tx.commit().await?;
        Ok(desk)
    }

    /// Makes a new initial password for the patron who stands at the counter, and gives it once: only its Argon2id hash
    /// rests. Whatever password or right to see one there was ends with it, and so does every session and passkey. Who asked was checked by `proof`, and that
    /// is recorded with who did it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no card, and at other branches, [`Error::Obstacle`] for a card that is not in force and while a block
    /// stops passwords, [`Error::Refused`] for whoever enters nothing at the counter,
    /// [`Error::Related`] for their own people, [`Error::Repeated`] for the second sending.
    pub async fn hand_out_password(
        &self,
        library: &Library,
        by: &StaffMember,
        id: PatronId,
        proof: &IdentityProof,
        once: &Once,
    ) -> Result<HandedOut, Error> {
        let now = self.clock.now();
        let length = library.rules.password.length;
        let mut drawn = Zeroizing::new(vec![0; length * 4]);
        random::fill(&mut drawn);
        let password = InitialPassword::from_random(&drawn, length).ok_or(Error::Internal("randomness was unfair"))?;
        let hash = self.passwords.hash(Zeroizing::new(password.expose().to_owned())).await?;

        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        // The record of the application first and the patron then, as every decision takes them.
        let (by, desk, before) = desk_for(&mut tx, by, id).await?;
        let through = record_of(&desk.patron, before.as_ref());
        if let Some(through) = through
            && let Some(application) = applications::find(&mut tx, by.library_id, through).await?
        {
            let handed_out = staff_event(&application, EventKind::PasswordHandedOut, &by, now);
            let detail = proof.as_str().to_owned();
            events::insert(&mut tx, &Event { detail, ..handed_out }).await?;
        }
        patrons::lock(&mut tx, by.library_id, id).await?;
        let (by, CounterDesk { patron, card, .. }, before) = desk_for(&mut tx, &by, id).await?;
        if record_of(&patron, before.as_ref()) != through {
            return Err(Error::Stale);
        }
        if let Some(before) = &before {
            credentials::save_handed_out(&mut tx, before, &hash, now).await?;
        } else {
            // Patrons who came from a file have none yet.
            let credential = Credential {
                id: CredentialId::new(now),
                library_id: by.library_id,
                patron_id: id,
                application_id: None,
                viewable_until: now,
                state: CredentialState::Shown { hash, shown_at: now },
            };
            credentials::insert(&mut tx, &credential).await?;
        }
        // Whoever stands here may be here because somebody else has got in.
        end_everything(&mut tx, by.library_id, id, now).await?;
        patron_views::insert(&mut tx, &by, &PatronView::PasswordHandedOut(id, proof.clone()), now).await?;
        tx.commit().await?;
        Ok(HandedOut { password, patron, card, at: now })
    }
}

/// The patron reads of a password in the record of what granted it.
fn record_of(patron: &Patron, before: Option<&Credential>) -> Option<ApplicationId> {
    before.and_then(|before| before.application_id).or(patron.application_id)
}

async fn desk_for(
    tx: &mut Tx,
    by: &StaffMember,
    id: PatronId,
) -> Result<(StaffMember, CounterDesk, Option<Credential>), Error> {
    let by = allowed(tx, by, Permission::EnterApplication).await?;
    let patron = patrons::find(tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
    must_be_no_own(tx, &by, id).await?;
    let branch = patron.facts.branch.as_ref();
    if !by.scope(Permission::EnterApplication).is_some_and(|scope| scope.covers(branch)) {
        return Err(Error::NotFound);
    }
    let card = cards::find_by_patron(tx, by.library_id, id).await?.ok_or(Error::NotFound)?;
    if card.state != CardState::Active {
        return Err(Error::Obstacle(Obstacle::Stopped));
    }
    if let Some(obstacle) = blocks::obstacle_of(tx, by.library_id, id, Procedure::PasswordIssue).await? {
        return Err(Error::Obstacle(obstacle));
    }
    let credential = credentials::find_by_patron(tx, by.library_id, id).await?;
    let last_at = credential.as_ref().and_then(|credential| match credential.state {
        CredentialState::Shown { shown_at, .. } | CredentialState::Chosen { shown_at, .. } => Some(shown_at),
        CredentialState::Unseen => None,
    });
    Ok((by, CounterDesk { patron, card, last_at }, credential))
}
