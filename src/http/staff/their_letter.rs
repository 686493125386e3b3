//! What an applicant will read in another language than the staff: the same letter, in the words that will reach them.

use crate::document::wording::words_of;
use crate::domain::language::Language;
use crate::http::asked::AskedLine;
use crate::http::patron::printed::PrintedDay;
use crate::service::correction::CorrectionRequest;
use crate::service::review::ReviewFile;
use crate::words::{Phrase, Words};
use time::Date;

/// A letter in the applicant's language.
pub(super) struct TheirLetter {
    /// The tag of the language.
    pub(super) lang: &'static str,
    /// What staff call it.
    pub(super) language: &'static str,
    /// Line by line; a heading stands out.
    pub(super) lines: Vec<Line>,
}

/// A line of a letter.
pub(super) struct Line {
    pub(super) is_heading: bool,
    pub(super) text: Phrase,
}

impl TheirLetter {
    /// The refusal; none for those who read Japanese.
    pub(super) fn of_refusal(file: &ReviewFile, reason: &str) -> Option<Self> {
        let reference = file.application.reference.to_string();
        Self::new(file, |words| {
            vec![
                heading(words.patron_notice_declined_title()),
                dear(words, file),
                line(words.patron_notice_declined_lead(reference)),
                heading(words.patron_notice_reason()),
                line(words.typed(reason)),
            ]
        })
    }

    /// The request for correction; none for those who read Japanese.
    pub(super) fn of_request(file: &ReviewFile, request: &CorrectionRequest, answer_by: Date) -> Option<Self> {
        let reference = file.application.reference.to_string();
        Self::new(file, |words| {
            let lead = words.patron_notice_returned_lead(reference, PrintedDay::from(answer_by));
            let mut lines = vec![heading(words.patron_notice_returned_title()), dear(words, file), line(lead)];
            lines.extend(request.text.as_ref().map(|text| line(words.typed(text.as_str()))));
            for item in &request.items {
                let AskedLine { label, reason, .. } = AskedLine::of(words, item);
                lines.extend([heading(label), line(reason), line(words.typed(item.text.as_str()))]);
            }
            lines
        })
    }

    fn new(file: &ReviewFile, lines: impl FnOnce(Words) -> Vec<Line>) -> Option<Self> {
        let language = name_of(file.application.language)?;
        let words = words_of(file.application.language);
        Some(Self { lang: words.lang().as_str(), language, lines: lines(words) })
    }
}

/// What staff call a language that is not theirs.
pub(super) const fn name_of(language: Language) -> Option<&'static str> {
    match language {
        Language::Ja => None,
        Language::JaSimple => Some("やさしい日本語"),
        Language::En => Some("英語"),
    }
}

fn dear(words: Words, file: &ReviewFile) -> Line {
    line(words.patron_notice_dear(words.typed(file.statement.answers.name.as_str())))
}

const fn heading(text: Phrase) -> Line {
    Line { is_heading: true, text }
}

const fn line(text: Phrase) -> Line {
    Line { is_heading: false, text }
}
