//! Until when a document counts, as the reviewer reads it: in place of what the applicant typed, or of a document that was
//! shown in another way.

use super::{Work, submitted_version};
use crate::clock::japanese_date;
use crate::document::read_statement;
use crate::domain::event::{Event, EventKind};
use crate::domain::library::{EvidenceCode, Library};
use crate::domain::permission::Permission;
use crate::domain::proof::ShownProof;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::service::apply::rules_of;
use crate::service::attach::AttachFault;
use crate::service::record::staff_event;
use crate::service::{Error, Once, Portal};
use crate::store::{application_proofs, applications, events};
use time::Date;

impl Portal {
    /// Notes that a document of a kind was shown, and the day that stands on it. Gives what is wrong with that, and then
    /// nothing is noted.
    ///
    /// # Errors
    /// [`Error::Refused`] without a living claim, [`Error::Repeated`] for the second sending.
    pub async fn note_proof(
        &self,
        library: &Library,
        by: &StaffMember,
        reference: &Reference,
        (kind, dated): (&EvidenceCode, Option<Date>),
        once: &Once,
    ) -> Result<Option<AttachFault>, Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Review), reference, once, now).await?;
        // Whoever decides holds the application: it is theirs as long as they do, or decided.
        let held = applications::hold_by_reference(&mut tx, by.library_id, reference).await?;
        let application = held.unwrap_or(application);
        application.must_be_claimed_by(&by, now)?;
        let rules = rules_of(&mut tx, library, application.rules_version).await?;
        let (frozen, _) = submitted_version(&mut tx, &application).await?;
        let category = read_statement(&frozen.document)?.answers.category;
        let today = japanese_date(now);
        let accepted = rules.evidence_for(application.procedure, &category);
        let found = accepted.into_iter().find(|one| one.code == *kind && one.is_accepted_on(today));
        let Some(found) = found else { return Ok(Some(AttachFault::OtherKind)) };
        let counts_until = match found.shown(dated, today) {
            Ok(counts_until) => counts_until,
            Err(fault) => return Ok(Some(fault.into())),
        };
        let shown = ShownProof { kind: found.code.clone(), counts_until };
        application_proofs::save(&mut tx, &application, &shown, by.id, now).await?;
        let event = staff_event(&application, EventKind::ProofNoted, &by, now);
        events::insert(&mut tx, &Event { detail: found.code.to_string(), ..event }).await?;
        tx.commit().await?;
        Ok(None)
    }
}
