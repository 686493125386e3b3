//! Blocks: flags by which staff stop procedures of a patron. What a kind stops is said by the rule file alone; nothing
//! of what anybody borrowed is ever among them.

use super::ids::{LibraryId, PatronId, StaffId};
use super::library::BlockCode;
use super::review::Remark;
use time::OffsetDateTime;

/// A block that is in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The library of the patron.
    pub library_id: LibraryId,
    /// Who is stopped.
    pub patron_id: PatronId,
    /// Its kind.
    pub code: BlockCode,
    /// What colleagues should know; the patron never reads it.
    pub note: Option<Remark>,
    /// Who put it there.
    pub set_by: StaffId,
    /// When.
    pub set_at: OffsetDateTime,
}
