//! Whether a notice is genuine, asked by anybody: by the code on it, or by the file itself. Says nothing about whom it is.

use super::{Error, Portal};
use crate::domain::library::Library;
use crate::domain::verification::{VerificationCode, VerifiedNotice};
use crate::jpki::NoSeal;
use crate::sha256::sha256;
use crate::store::{notice_codes, notice_documents};
use std::sync::Arc;

/// What was found out about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileVerdict {
    /// It is byte for byte a file that the library gave out, and this is the notice.
    Given(VerifiedNotice),
    /// It bears the library's seal, unbroken; but the library does not keep this file (any more).
    Sealed,
    /// It bears no seal.
    Unsealed,
    /// It bears somebody else's seal.
    Foreign,
    /// It bears a seal that does not hold: the file was changed.
    Changed,
}

impl Portal {
    /// What anybody may know of the notice with this code.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn verify_notice_code(
        &self,
        library: &Library,
        code: &VerificationCode,
    ) -> Result<Option<VerifiedNotice>, Error> {
        Ok(notice_codes::verify(&mut self.db.read().await?, library.id, code).await?)
    }

    /// True if the library seals its notices, so that files can be judged.
    #[must_use]
    pub fn seals_notices(&self, library: &Library) -> bool {
        self.seals.find(&library.rules.slug).is_some()
    }

    /// What anybody may know of a file that is said to be a notice. The file is not kept.
    ///
    /// # Errors
    /// The store's; [`Error::NotFound`] if the library has no seal.
    pub async fn verify_notice_file(&self, library: &Library, file: Vec<u8>) -> Result<FileVerdict, Error> {
        let seal = Arc::clone(self.seals.find(&library.rules.slug).ok_or(Error::NotFound)?);
        let (digest, verdict) = self.typesetting.run(move || (sha256(&file), seal.is_on(&file))).await?;
        match verdict {
            Ok(()) => {}
            Err(NoSeal::Absent) => return Ok(FileVerdict::Unsealed),
            Err(NoSeal::Foreign) => return Ok(FileVerdict::Foreign),
            Err(NoSeal::Broken(_)) => return Ok(FileVerdict::Changed),
        }
        let mut tx = self.db.read().await?;
        let Some(id) = notice_documents::find_by_digest(&mut tx, library.id, &digest).await? else {
            return Ok(FileVerdict::Sealed);
        };
        let notice = notice_codes::verify_notice(&mut tx, library.id, id).await?;
        Ok(notice.map_or(FileVerdict::Sealed, FileVerdict::Given))
    }
}
