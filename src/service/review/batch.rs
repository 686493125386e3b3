//! Several at once: each is a transition of its own, with a key of its own, and one that fails stops none of the rest.

use super::decide::Approval;
use crate::domain::library::Library;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::domain::version::Version;
use crate::service::{Error, Once, Portal};

/// The most that are dealt with at once: a page of the queue.
pub const LARGEST_BATCH: usize = super::QUEUE_PAGE as usize;

/// What became of one of several.
#[derive(Debug)]
pub struct BatchItem<T> {
    /// Which application.
    pub reference: Reference,
    /// What became of it.
    pub outcome: Result<T, Error>,
}

impl Portal {
    /// Claims several applications.
    pub async fn claim_all(&self, by: &StaffMember, references: &[Reference], once: &Once) -> Vec<BatchItem<()>> {
        let mut items = Vec::with_capacity(references.len());
        for reference in references.iter().take(LARGEST_BATCH) {
            let outcome = self.claim(by, reference, &own_key(once, reference)).await;
            items.push(BatchItem { reference: reference.clone(), outcome });
        }
        items
    }

    /// Approves several applications, each on the version that was seen and only if everything that can be checked by
    /// itself is still good.
    pub async fn approve_all(
        &self,
        library: &Library,
        by: &StaffMember,
        seen: &[(Reference, Version)],
        once: &Once,
    ) -> Vec<BatchItem<Approval>> {
        let mut items = Vec::with_capacity(seen.len());
        for (reference, version) in seen.iter().take(LARGEST_BATCH) {
            let key = own_key(once, reference);
            let approval = self.approve_if_green(library, by, (reference, *version), &key);
            // Kept on the heap: it is too large to be carried about within others.
            let outcome = Box::pin(approval).await;
            items.push(BatchItem { reference: reference.clone(), outcome });
        }
        items
    }

    async fn approve_if_green(
        &self,
        library: &Library,
        by: &StaffMember,
        (reference, seen): (&Reference, Version),
        once: &Once,
    ) -> Result<Approval, Error> {
        let file = self.open_file(by, reference).await?;
        if !file.is_green() && !file.application.state.is_final() {
            return Err(Error::NotGreen);
        }
        self.approve(library, by, reference, seen, once).await
    }
}

/// The key of one of several: a form that is sent again finds each where it left it.
fn own_key(once: &Once, reference: &Reference) -> Once {
    Once { key: format!("{}/{reference}", once.key), ..once.clone() }
}
