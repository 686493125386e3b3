//! Second opinions and memos: what colleagues tell each other. Applicants never see it.

use super::Work;
use crate::clock::japanese_date;
use crate::domain::application::{Application, Refused};
use crate::domain::event::EventKind;
use crate::domain::ids::{MemoId, OpinionId, StaffId};
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::review::{Memo, Opinion, OpinionAnswer, Remark};
use crate::domain::staff::StaffMember;
use crate::service::record::staff_event;
use crate::service::{Error, Once, Portal};
use crate::store::{StoreError, Tx, events, memos, opinions, staff};
use time::OffsetDateTime;

impl Portal {
    /// Asks a colleague what they think. They see it in their queue; the claim stays where it is.
    ///
    /// # Errors
    /// [`Error::Refused`] if the colleague may not open the file, [`Error::AlreadyAsked`] while a question to them is open.
    pub async fn ask_opinion(
        &self,
        by: &StaffMember,
        reference: &Reference,
        (asked_of, question): (StaffId, Remark),
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Review), reference, once, now).await?;
        let by = &by;
        let colleague = staff::find(&mut tx, by.library_id, asked_of).await?.ok_or(Error::NotFound)?.member;
        if colleague.id == by.id {
            return Err(Refused::SamePerson.into());
        }
        application.must_be_for(&colleague, Permission::OpenFile).map_err(|_| Refused::NotAllowed)?;
        let opinion = Opinion {
            id: OpinionId::new(now),
            library_id: by.library_id,
            application_id: application.id,
            asked_by: by.id,
            asked_of,
            question,
            asked_at: now,
            answer: None,
        };
        match opinions::insert(&mut tx, &opinion).await {
            Err(StoreError::Duplicate) => return Err(Error::AlreadyAsked),
            inserted => inserted?,
        }
        events::insert(&mut tx, &staff_event(&application, EventKind::OpinionAsked, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Says what one thinks about an application that one was asked about.
    ///
    /// # Errors
    /// [`Error::Stale`] unless a question to `by` is open.
    pub async fn give_opinion(
        &self,
        by: &StaffMember,
        reference: &Reference,
        text: Remark,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } =
            self.begin_work((by, Permission::OpenFile), reference, once, now).await?;
        let by = &by;
        let answer = OpinionAnswer { text, answered_at: now };
        opinions::answer(&mut tx, application.id, by.id, &answer).await?;
        events::insert(&mut tx, &staff_event(&application, EventKind::OpinionGiven, by, now)).await?;
        Ok(tx.commit().await?)
    }

    /// Writes a memo for colleagues.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside the library and the branches.
    pub async fn write_memo(
        &self,
        by: &StaffMember,
        reference: &Reference,
        text: Remark,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Work { mut tx, by, application } = self.begin_work((by, Permission::Review), reference, once, now).await?;
        let by = &by;
        keep_memo(&mut tx, &application, by, text, now).await?;
        Ok(tx.commit().await?)
    }

    /// The colleagues who could be asked about an application, and whether they are there today.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn colleagues_for(
        &self,
        by: &StaffMember,
        application: &Application,
    ) -> Result<Vec<(StaffMember, bool)>, Error> {
        let today = japanese_date(self.clock.now());
        let mut tx = self.db.read().await?;
        let absences = staff::list_absences(&mut tx, by.library_id, today).await?;
        let colleagues = staff::list(&mut tx, by.library_id).await?;
        let may_read = |member: &StaffMember| application.must_be_for(member, Permission::OpenFile).is_ok();
        let is_here =
            |member: &StaffMember| !absences.iter().any(|days| days.staff_id == member.id && days.covers(today));
        Ok(colleagues
            .into_iter()
            .filter(|member| member.id != by.id && may_read(member))
            .map(|member| {
                let here = is_here(&member);
                (member, here)
            })
            .collect())
    }
}

pub(super) async fn keep_memo(
    tx: &mut Tx,
    application: &Application,
    by: &StaffMember,
    text: Remark,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let memo = Memo {
        id: MemoId::new(now),
        library_id: application.library_id,
        application_id: application.id,
        written_by: by.id,
        written_at: now,
        text,
    };
    memos::insert(tx, &memo).await?;
    events::insert(tx, &staff_event(application, EventKind::MemoWritten, by, now)).await?;
    Ok(())
}
