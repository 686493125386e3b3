//! The number of a patron's user-authentication certificate: noted, confirmed, looked up, removed.

use super::record::{staff_event, system_event};
use super::review::Work;
use super::{Error, Once, Portal};
use crate::domain::application::Application;
use crate::domain::certificate_number::{CertificateNumber, NumberSource, NumberState, PatronCertificate};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{LibraryId, PatronId};
use crate::domain::patron::Patron;
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::jpki::{Signer, Verdict};
use crate::store::{
    StoreError, Tx, applications, certificate_links, certificate_numbers, drafts, events, patrons, signatures,
};
use time::{Duration, OffsetDateTime};

/// How many patrons one round asks about.
const BATCH: u32 = 20;
/// After so many tries in vain (about two weeks) the register is not asked any more; staff may still note a number.
const MOST_TRIES: u32 = 18;

impl Portal {
    /// Notes a number that a member of staff has typed, or read at the counter, for the card of an application. It
    /// counts as unconfirmed, and takes the place of whatever was known.
    ///
    /// # Errors
    /// [`Error::NotFound`] before the issue, [`Error::CertificateNumberTaken`] if it is another patron's.
    pub async fn record_certificate_number(
        &self,
        by: &StaffMember,
        reference: &Reference,
        number: CertificateNumber,
        source: NumberSource,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let (Work { mut tx, by, application }, patron) = self.begin_on_issued(by, reference, once, now).await?;
        let known = PatronCertificate {
            library_id: by.library_id,
            patron_id: patron.id,
            state: NumberState::Pending { tries: 0, next_try_at: now },
        };
        save(&mut tx, &known.record(number, source, now)).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::CertificateNumberRecorded, &by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Confirms the number that was noted.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none to confirm.
    pub async fn confirm_certificate_number(
        &self,
        by: &StaffMember,
        reference: &Reference,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let (Work { mut tx, by, application }, patron) = self.begin_on_issued(by, reference, once, now).await?;
        let known = certificate_numbers::find(&mut tx, by.library_id, patron.id).await?;
        let confirmed = known.and_then(|known| known.confirm(now)).ok_or(Error::NotFound)?;
        save(&mut tx, &confirmed).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::CertificateNumberConfirmed, &by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets the number.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none.
    pub async fn remove_certificate_number(
        &self,
        by: &StaffMember,
        reference: &Reference,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let (Work { mut tx, by, application }, patron) = self.begin_on_issued(by, reference, once, now).await?;
        if !certificate_numbers::delete(&mut tx, by.library_id, patron.id).await? {
            return Err(Error::NotFound);
        }
        events::insert(&mut tx, &staff_event(&application, EventKind::CertificateNumberRemoved, &by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Begins to work on the number of whoever was issued a card on an application.
    async fn begin_on_issued(
        &self,
        by: &StaffMember,
        reference: &Reference,
        once: &Once,
        now: OffsetDateTime,
    ) -> Result<(Work, Patron), Error> {
        let mut work = self.begin_work((by, Permission::Review), reference, once, now).await?;
        // A guardian's certificate is none of the children's, whose cards these are.
        let answers = drafts::find(&mut work.tx, work.application.id).await?;
        if answers.guardianship.is_some() || answers.by_guardian.is_some() {
            return Err(Error::NotFound);
        }
        let patron = patrons::find_by_application(&mut work.tx, by.library_id, work.application.id).await?;
        Ok((work, patron.ok_or(Error::NotFound)?))
    }

    /// Asks the register about every patron who is due; true if there may be more.
    ///
    /// # Errors
    /// Only the store's. A register that is down only postpones.
    pub async fn look_up_certificate_numbers(&self) -> Result<bool, Error> {
        if !self.certificate_lookup.is_there() {
            return Ok(false);
        }
        let now = self.clock.now();
        let due = certificate_numbers::list_due(&mut self.db.read().await?, now, BATCH).await?;
        for pending in &due {
            if let Err(error) = self.look_up(pending, now).await {
                tracing::error!(patron = %pending.patron_id, %error, "a certificate number cannot be looked up");
                self.postpone(pending, now).await?;
            }
        }
        Ok(due.len() == BATCH as usize)
    }

    async fn look_up(&self, pending: &PatronCertificate, now: OffsetDateTime) -> Result<(), Error> {
        let (application, signer) = self.signer_of(pending.library_id, pending.patron_id).await?;
        let number = match self.certificate_lookup.find(&signer.serial, &signer.issuer).await {
            Ok(Some(number)) => number,
            Ok(None) => return self.postpone(pending, now).await,
            Err(error) => {
                tracing::warn!(patron = %pending.patron_id, %error, "the register gave no certificate number");
                return self.postpone(pending, now).await;
            }
        };
        let recorded = pending.clone().record(number, NumberSource::JlisLookup, now);
        let confirmed = recorded.confirm(now).ok_or(Error::Internal("a recorded number can be confirmed"))?;
        let mut tx = self.db.begin().await?;
        if !self.is_still_pending(&mut tx, pending).await? {
            return Ok(());
        }
        save(&mut tx, &confirmed).await?;
        let confirmed = system_event(&application, EventKind::CertificateNumberConfirmed, now);
        let event = Event { detail: NumberSource::JlisLookup.as_str().to_owned(), ..confirmed };
        events::insert(&mut tx, &event).await?;
        Ok(tx.commit().await?)
    }

    async fn postpone(&self, pending: &PatronCertificate, now: OffsetDateTime) -> Result<(), Error> {
        let NumberState::Pending { tries, .. } = pending.state else { return Ok(()) };
        let tries = tries.saturating_add(1);
        let mut tx = self.db.begin().await?;
        if !self.is_still_pending(&mut tx, pending).await? {
            return Ok(());
        }
        if tries >= MOST_TRIES {
            certificate_numbers::delete(&mut tx, pending.library_id, pending.patron_id).await?;
        } else {
            let state = NumberState::Pending { tries, next_try_at: now + pause_after(tries) };
            save(&mut tx, &PatronCertificate { state, ..pending.clone() }).await?;
        }
        Ok(tx.commit().await?)
    }

    /// False if staff has noted a number, or removed the question, in the meantime.
    async fn is_still_pending(&self, tx: &mut Tx, pending: &PatronCertificate) -> Result<bool, Error> {
        let known = certificate_numbers::find(tx, pending.library_id, pending.patron_id).await?;
        Ok(known.as_ref() == Some(pending))
    }

    async fn signer_of(&self, library_id: LibraryId, patron_id: PatronId) -> Result<(Application, Signer), Error> {
        let mut tx = self.db.read().await?;
        // The certificate that signed last: patrons from before the portal, and next cards, come by a link.
        let linked = certificate_links::find_newest_application(&mut tx, library_id, patron_id).await?;
        let id = linked.ok_or(Error::NotFound)?;
        let application = applications::find(&mut tx, library_id, id).await?.ok_or(Error::NotFound)?;
        let evidence =
            signatures::find(&mut tx, application.id, application.signed_number()).await?.ok_or(Error::NotFound)?;
        let verdict: Verdict =
            serde_json::from_str(&evidence.verdict_json).map_err(|_| Error::Internal("unreadable verdict"))?;
        Ok((application, verdict.signer.ok_or(Error::NotFound)?))
    }

    /// Puts a new patron on the list of those about whom the register is asked, if there is one.
    pub(super) async fn await_certificate_number(
        &self,
        tx: &mut Tx,
        library_id: LibraryId,
        patron_id: PatronId,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        if !self.certificate_lookup.is_there() {
            return Ok(());
        }
        let state = NumberState::Pending { tries: 0, next_try_at: now };
        save(tx, &PatronCertificate { library_id, patron_id, state }).await
    }
}

/// What is known of the certificate of whoever was issued a card on an application.
pub(super) async fn of_application(tx: &mut Tx, application: &Application) -> Result<Option<NumberState>, Error> {
    let patron = patrons::find_by_application(tx, application.library_id, application.id).await?;
    let Some(patron) = patron else { return Ok(None) };
    Ok(certificate_numbers::find(tx, application.library_id, patron.id).await?.map(|known| known.state))
}

async fn save(tx: &mut Tx, certificate: &PatronCertificate) -> Result<(), Error> {
    certificate_numbers::save(tx, certificate).await.map_err(|error| match error {
        StoreError::Duplicate => Error::CertificateNumberTaken,
        other => other.into(),
    })
}

/// The register learns of a new certificate within some ninety minutes: half an hour, doubled at each try in vain, at
/// most a day.
fn pause_after(tries: u32) -> Duration {
    (Duration::minutes(30) * (1_i32 << tries.saturating_sub(1).min(10))).min(Duration::DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_half_an_hour_to_a_day() {
        assert_eq!(pause_after(1), Duration::minutes(30));
        assert_eq!(pause_after(2), Duration::HOUR);
        assert_eq!(pause_after(7), Duration::DAY);
        assert_eq!(pause_after(u32::MAX), Duration::DAY);
    }
}
