//! The file of a notice: set once, sealed where the library has a seal, and kept, so that it stays the same for ever.
//!
//! No decision waits for a seal. A worker seals what was placed, and whoever is faster than the worker has it done at
//! the first download; while the key or the time-stamping authority is away, the notice is read as a page.

use super::apply::event;
use super::bearer::Bearer;
use super::deliver::{load_notice, note_reading};
use super::session::Session;
use super::{Error, Portal};
use crate::document::wording::words_of;
use crate::document::{Edition, WayToVerify};
use crate::domain::event::EventKind;
use crate::domain::ids::NoticeId;
use crate::domain::language::Language;
use crate::domain::library::Library;
use crate::domain::notice::{Notice, PaperSize};
use crate::domain::verification::VerificationCode;
use crate::random;
use crate::store::notice_documents::DocumentKey;
use crate::store::{events, libraries, notice_codes, notice_documents, notices};
use time::OffsetDateTime;

/// How many notices of a library one round seals.
const BATCH: u32 = 20;

/// A code that no notice has yet.
pub(super) fn fresh_code() -> VerificationCode {
    VerificationCode::from_random(random::bytes())
}

impl Portal {
    /// A notice as PDF; the same bytes each time once it is sealed. The taking is recorded.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anybody else's notice; [`Error::Seal`] while it cannot be sealed.
    pub async fn notice_document(
        &self,
        library: &Library,
        session: &Session,
        id: NoticeId,
        size: PaperSize,
    ) -> Result<(Notice, Vec<u8>), Error> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let bearer = Bearer::find(&mut tx, session, now).await?;
        let mut notice = load_notice(&mut tx, library, &bearer, id).await?;
        drop(tx);
        let document = self.document_of(library, &notice, size, now).await?;
        let mut tx = self.db.begin().await?;
        note_reading(&mut tx, bearer.application_of(&notice), &mut notice, now).await?;
        notices::mark_saved(&mut tx, notice.id, now).await?;
        if let Some(application) = bearer.application_of(&notice) {
            let kind = EventKind::NoticeDownloaded;
            events::insert(&mut tx, &event(application, kind, notice.content.kind(), now)).await?;
        }
        tx.commit().await?;
        Ok((notice, document))
    }

    /// Seals notices that were placed and have no sealed file yet; true if there may be more. Safe to run twice and to
    /// interrupt.
    ///
    /// # Errors
    /// Only the store's. A seal that is away is logged, and its notices wait for the next round.
    pub async fn seal_notices(&self) -> Result<bool, Error> {
        let mut may_be_more = false;
        for seal in self.seals.iter() {
            let mut tx = self.db.read().await?;
            let Some(library) = libraries::find_by_slug(&mut tx, seal.library()).await? else { continue };
            let unsealed = notice_documents::list_unsealed(&mut tx, library.id, BATCH).await?;
            drop(tx);
            let mut sealed = 0;
            for notice in &unsealed {
                match self.seal_notice(&library, *notice).await {
                    Ok(()) => sealed += 1,
                    Err(Error::Seal(error)) => {
                        // Whoever is away now is away for the rest of the batch as well.
                        tracing::error!(library = seal.library(), %error, "notices wait for their seal");
                        break;
                    }
                    // Purged meanwhile.
                    Err(Error::NotFound) => {}
                    Err(error) => tracing::error!(%notice, %error, "a notice cannot be sealed"),
                }
            }
            may_be_more |= sealed > 0 && unsealed.len() == BATCH as usize;
        }
        Ok(may_be_more)
    }

    async fn seal_notice(&self, library: &Library, id: NoticeId) -> Result<(), Error> {
        let mut tx = self.db.read().await?;
        let notice = notices::find(&mut tx, library.id, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        self.document_of(library, &notice, PaperSize::Regular, self.clock.now()).await.map(drop)
    }

    /// The kept file, or a new one.
    async fn document_of(
        &self,
        library: &Library,
        notice: &Notice,
        size: PaperSize,
        now: OffsetDateTime,
    ) -> Result<Vec<u8>, Error> {
        let key = DocumentKey { notice, size };
        let mut tx = self.db.read().await?;
        let kept = notice_documents::find(&mut tx, key).await?;
        let code = notice_codes::find(&mut tx, notice).await?;
        drop(tx);
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let code = match code {
            Some(code) => code,
            None => self.give_code(notice).await?,
        };
        let seal = self.seals.find(&library.rules.slug);
        let verification = Some(self.way_to_verify(library, notice.language, &code));
        let words = words_of(notice.language);
        let edition = Edition { size, words, verification, is_sealed: seal.is_some() };
        let label = edition.seal_label();
        let content = notice.content.clone();
        let pdf = self.typeset(move |typesetter| typesetter.notice_as(&content, &edition)).await?;
        // Without a seal the file is nothing but a way to print the page, and is made anew each time.
        let Some(seal) = seal else { return Ok(pdf) };
        let sealed = seal.put_on(&pdf, &label, self.timestamps.as_ref(), now).await?;
        let mut tx = self.db.begin().await?;
        let kept = notice_documents::keep(&mut tx, key, &sealed.pdf, sealed.is_timestamped, now).await?;
        tx.commit().await?;
        Ok(kept)
    }

    async fn give_code(&self, notice: &Notice) -> Result<VerificationCode, Error> {
        let mut tx = self.db.begin().await?;
        let code = notice_codes::ensure(&mut tx, notice, &fresh_code()).await?;
        tx.commit().await?;
        Ok(code)
    }

    /// What a printed notice says of how to find out that it is genuine.
    pub(super) fn way_to_verify(&self, library: &Library, language: Language, code: &VerificationCode) -> WayToVerify {
        let page = format!("{}/{}/{}/verify", self.base_url, library.rules.slug, language.as_str());
        WayToVerify { code: code.to_string(), address: format!("{page}/{}", code.as_str()), page }
    }
}
