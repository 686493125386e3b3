//! Staff stop procedures of a patron, and let them go on. What a block stops is said by the rules in force today,
//! whatever rules an application began with: it is about the patron, not about the application.

use super::patrons::allowed;
use super::relations::must_be_no_own;
use super::{Error, Once, Portal};
use crate::domain::application::Application;
use crate::domain::block::Block;
use crate::domain::ids::{LibraryId, PatronId};
use crate::domain::library::{BlockCode, BlockKind};
use crate::domain::obstacle::Obstacle;
use crate::domain::permission::Permission;
use crate::domain::procedure::Procedure;
use crate::domain::review::Remark;
use crate::domain::staff::StaffMember;
use crate::store::patron_views::PatronView;
use crate::store::{Tx, libraries, patron_blocks, patron_views, patrons};

impl Portal {
    /// Puts a block of a kind that the rule file names on a patron; one of the same kind is said anew.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a kind that the rules do not name and for nobody's id, [`Error::Refused`] for whoever may
    /// not block patrons, [`Error::Related`] for their own people.
    pub async fn block_patron(
        &self,
        by: &StaffMember,
        id: PatronId,
        code: BlockCode,
        note: Option<Remark>,
        once: &Once,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &allowed(&mut tx, by, Permission::BlockPatrons).await?;
        must_be_no_own(&mut tx, by, id).await?;
        let library = libraries::find(&mut tx, by.library_id).await?.ok_or(Error::NotFound)?;
        let kind = library.rules.blocks.into_iter().find(|kind| kind.code == code).ok_or(Error::NotFound)?;
        if !patrons::lock(&mut tx, by.library_id, id).await? {
            return Err(Error::NotFound);
        }
        let block = Block { library_id: by.library_id, patron_id: id, code, note, set_by: by.id, set_at: now };
        patron_blocks::save(&mut tx, &block).await?;
        patron_views::insert(&mut tx, by, &PatronView::Blocked(id, kind.code), now).await?;
        Ok(tx.commit().await?)
    }

    /// Lifts a block; one that was lifted already stays so.
    ///
    /// # Errors
    /// [`Error::NotFound`] for nobody's id, [`Error::Refused`] for whoever may not block patrons,
    /// [`Error::Related`] for their own people.
    pub async fn lift_block(&self, by: &StaffMember, id: PatronId, code: BlockCode, once: &Once) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        once.claim(&mut tx, now).await?;
        let by = &allowed(&mut tx, by, Permission::BlockPatrons).await?;
        must_be_no_own(&mut tx, by, id).await?;
        if !patrons::lock(&mut tx, by.library_id, id).await? {
            return Err(Error::NotFound);
        }
        if patron_blocks::delete(&mut tx, by.library_id, id, &code).await? {
            patron_views::insert(&mut tx, by, &PatronView::Unblocked(id, code), now).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The kinds of block on a patron that stop a procedure today.
pub(super) async fn stopping(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    procedure: Procedure,
) -> Result<Vec<BlockKind>, Error> {
    let codes = patron_blocks::list_codes(tx, library_id, patron_id).await?;
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let library = libraries::find(tx, library_id).await?.ok_or(Error::NotFound)?;
    Ok(library.rules.blocks_of(procedure).filter(|kind| codes.contains(&kind.code)).cloned().collect())
}

/// What a patron is told of the blocks that stop a procedure; `None` if none does.
pub(super) async fn obstacle_of(
    tx: &mut Tx,
    library_id: LibraryId,
    patron_id: PatronId,
    procedure: Procedure,
) -> Result<Option<Obstacle>, Error> {
    let kinds = stopping(tx, library_id, patron_id, procedure).await?;
    let is_blocked = !kinds.is_empty();
    let explanation = kinds.into_iter().find_map(|kind| kind.explanation);
    Ok(is_blocked.then_some(Obstacle::Blocked { explanation }))
}

/// Keeps everybody from putting a block on the patron, or lifting one, until the deciding transaction has ended: what it
/// finds holds.
pub(super) async fn hold_still(tx: &mut Tx, application: &Application) -> Result<(), Error> {
    if let Some(patron_id) = application.patron_id {
        patrons::lock(tx, application.library_id, patron_id).await?;
    }
    Ok(())
}

/// Refuses to decide for a patron whom staff have stopped.
pub(super) async fn must_not_be_blocked(tx: &mut Tx, application: &Application) -> Result<(), Error> {
    let Some(patron_id) = application.patron_id else { return Ok(()) };
    hold_still(tx, application).await?;
    match obstacle_of(tx, application.library_id, patron_id, application.procedure).await? {
        Some(obstacle) => Err(Error::Obstacle(obstacle)),
        None => Ok(()),
    }
}
