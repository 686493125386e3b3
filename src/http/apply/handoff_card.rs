//! What the PC shows of its hand-off to a telephone: the QR code, the number, and how far it is.

use super::applicant::Applicant;
use crate::document::qr::QrPicture;
use crate::domain::ids::ApplicationId;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::languages;
use crate::http::page::{Here, Layout};
use crate::http::urls;
use crate::service::sign::{HandoffPage, Progress};
use crate::words::{Phrase, Words};

/// The card.
pub(super) struct HandoffCard {
    /// What there is to read, until a telephone has read it.
    pub(super) code: Option<CodeOnScreen>,
    /// True while waiting makes sense.
    pub(super) is_going: bool,
    /// True before the first QR code.
    pub(super) is_first: bool,
    /// How far it is: a word for the script, a sentence for people.
    pub(super) seen: &'static str,
    pub(super) words: Phrase,
    /// Why the last QR code cannot be used.
    pub(super) complaint: Option<Phrase>,
}

/// QR code, typed code and number.
pub(super) struct CodeOnScreen {
    pub(super) picture: QrPicture,
    pub(super) address: String,
    pub(super) typed: String,
    pub(super) number: String,
    pub(super) until: Moment,
}

impl HandoffCard {
    /// The card of the version that waits in this session.
    pub(super) async fn of(applicant: &Applicant) -> Result<Self, Error> {
        let here = &applicant.here;
        Self::find(here, applicant.draft.application.id).await
    }

    /// The same for whoever only waits.
    pub(super) async fn find(here: &Here, id: ApplicationId) -> Result<Self, Error> {
        let shown = here.portal.handoff_page(&here.library, &here.visit.token(), id).await?;
        Self::draw(&here.layout, shown)
    }

    fn draw(layout: &Layout, shown: Option<HandoffPage>) -> Result<Self, Error> {
        let progress = shown.as_ref().map_or(Progress::NoCode, |shown| shown.progress.clone());
        let code = match shown {
            Some(shown) if matches!(progress, Progress::Shown | Progress::Opened) => Some(CodeOnScreen {
                picture: QrPicture::of(&address_in(layout, &shown.handle)).map_err(Error::internal)?,
                address: layout.absolute(urls::handoff_code()),
                typed: shown.code.to_string(),
                number: shown.number.to_string(),
                until: Moment(shown.until),
            }),
            _ => None,
        };
        let complaint = match progress {
            Progress::Mismatched => Some(layout.words.apply_sign_mismatched()),
            Progress::RunOut => Some(layout.words.apply_sign_run_out()),
            _ => None,
        };
        Ok(Self {
            code,
            complaint,
            is_going: matches!(
                progress,
                Progress::Shown
                    | Progress::Opened
                    | Progress::Matched
                    | Progress::Signing
                    | Progress::Signed
                    | Progress::Problem(_)
            ),
            is_first: progress == Progress::NoCode,
            seen: progress.name(),
            words: words_of(layout.words, &progress),
        })
    }
}

/// How far it is, in words.
pub(super) fn words_of(words: Words, progress: &Progress) -> Phrase {
    match progress {
        Progress::NoCode | Progress::Shown => words.apply_sign_is_shown(),
        Progress::Opened => words.apply_sign_is_opened(),
        Progress::Matched => words.apply_sign_is_matched(),
        Progress::Signing => words.apply_sign_is_signing(),
        Progress::Signed => words.apply_sign_is_signed(),
        Progress::Problem(_) => words.apply_sign_is_problem(),
        Progress::Mismatched => words.apply_sign_is_mismatched(),
        Progress::RunOut => words.apply_sign_is_run_out(),
        Progress::Changed => words.apply_sign_is_changed(),
    }
}

/// The address behind the QR code: the telephone goes on in the language of this page.
fn address_in(layout: &Layout, handle: &str) -> String {
    layout.absolute(&format!("{}{}", urls::handoff(handle), languages::asking_for(layout.words.lang())))
}

#[cfg(test)]
impl HandoffCard {
    /// A card to draw pages with in tests.
    pub(super) fn sample(progress: Progress) -> Self {
        let shown = HandoffPage {
            progress,
            handle: "q2hCkr4bUe0p3yVt9sXw1A".into(),
            code: crate::domain::short_code::ShortCode::parse("K7QF-2M9X").unwrap(),
            number: "47".parse().unwrap(),
            until: time::macros::datetime!(2026-11-20 05:40 UTC),
        };
        Self::draw(&Layout::sample(), Some(shown)).unwrap()
    }
}
