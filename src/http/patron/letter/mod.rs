//! What a notice says, as it stands on a page: drawn once for whoever reads it and for whoever is about to decide, in the
//! same order as the PDF file.

mod cards;

pub(in crate::http) use cards::{AboutCard, FirstCards, Number};

use super::printed::PrintedDay;
use crate::document::ToldOfCard;
use crate::document::wording::words_of;
use crate::domain::library_text::LibraryText;
use crate::domain::notice::{
    CardNotice, ChildrenNotice, DeclinedNotice, IssuedNotice, NoticeContent, ReopenedNotice, ReturnedNotice,
};
use crate::domain::person::PersonName;
use crate::domain::review::ReopenEffect;
use crate::http::asked::AskedLine;
use crate::http::urls::Urls;
use crate::service::deliver::SinceThen;
use crate::service::review::NoticePreview;
use crate::words::{AsWritten, Lang, Phrase, Words};

/// A notice on a page: `templates/patron/letter/sheet.html`, as `sheet`.
pub(in crate::http) struct Sheet {
    pub(in crate::http) words: Words,
    /// Its language, where that is not the page's.
    pub(in crate::http) lang: Option<&'static str>,
    /// Where its links lead; nobody follows those of a notice that was not sent yet.
    pub(in crate::http) urls: Option<Urls>,
    /// How deep its own heading stands on the page.
    pub(in crate::http) level: u8,
    /// None while it is not given.
    pub(in crate::http) document_number: Option<String>,
    pub(in crate::http) day: PrintedDay,
    pub(in crate::http) library: LibraryText,
    pub(in crate::http) title: Phrase,
    /// Its name in Japanese, where the title is in another language: that is what others call it.
    pub(in crate::http) name: Option<String>,
    pub(in crate::http) dear: Phrase,
    pub(in crate::http) lead: Phrase,
    /// What the library itself says, paragraph by paragraph.
    pub(in crate::http) library_words: Vec<AsWritten>,
    pub(in crate::http) body: Body,
    /// As what the issuer signs.
    pub(in crate::http) signed_as: Phrase,
    pub(in crate::http) issuer: LibraryText,
    pub(in crate::http) contact: LibraryText,
}

/// What one kind of notice says that others do not.
pub(in crate::http) enum Body {
    /// New cards, with first passwords.
    FirstCards(FirstCards),
    /// What was done to a card that was there before.
    AboutCard(Box<AboutCard>),
    /// A refusal.
    Declined {
        reason: String,
        /// What the law says of remedies, in Japanese, under its translation.
        law: Option<AsWritten>,
    },
    /// What is to be put right.
    Returned { text: Option<String>, items: Vec<AskedLine> },
    /// A decision that was opened again, and what becomes of what was granted.
    Reopened { effect: Vec<Phrase> },
    /// A card for which nobody applied, and what follows from what is told of it.
    OfCard { number: Number, expires_on: PrintedDay, next: Vec<Phrase> },
}

/// For whom a notice is drawn.
enum Shown<'a> {
    /// For its reader, who can follow its links, with what has become of it.
    Sent(&'a Urls, &'a SinceThen),
    /// For whoever is about to decide.
    Before { gives_number: bool },
}

/// Head and foot of a notice.
struct Frame<'a> {
    document_number: &'a str,
    day: PrintedDay,
    library: &'a LibraryText,
    name: &'a PersonName,
    library_words: Option<&'a LibraryText>,
    issuer: &'a LibraryText,
    contact: &'a LibraryText,
}

macro_rules! frame {
    ($notice:expr, $day:ident) => {
        Frame {
            document_number: &$notice.document_number,
            day: $notice.$day.into(),
            library: &$notice.library_name,
            name: &$notice.name,
            library_words: $notice.library_words.as_ref(),
            issuer: &$notice.issuer,
            contact: &$notice.contact,
        }
    };
}

impl Sheet {
    /// For its reader. `None` for a notice that tells of no card where it should.
    pub(super) fn sent(words: Words, urls: &Urls, content: &NoticeContent, since: &SinceThen) -> Option<Self> {
        Self::new(words, content, &Shown::Sent(urls, since))
    }

    /// For whoever is about to decide, in `words`, on a page in Japanese.
    fn before(words: Words, preview: &NoticePreview) -> Option<Self> {
        Self::new(words, &preview.content, &Shown::Before { gives_number: preview.gives_number })
    }

    /// The same in Japanese, and in the language of its reader if that is another.
    pub(in crate::http) fn all_before(preview: &NoticePreview) -> Vec<Self> {
        let theirs = words_of(preview.language);
        let both = [Some(Words::default()), (!theirs.is_everyday_japanese()).then_some(theirs)];
        both.into_iter().flatten().filter_map(|words| Self::before(words, preview)).collect()
    }

    fn new(words: Words, content: &NoticeContent, shown: &Shown<'_>) -> Option<Self> {
        let sheet = Self::in_words(words, content, shown)?;
        if words.is_everyday_japanese() {
            return Some(sheet);
        }
        let japanese = Self::in_words(Words::new(Lang::Ja), content, shown)?;
        Some(Self { name: Some(japanese.title.plain()), ..sheet })
    }

    fn in_words(words: Words, content: &NoticeContent, shown: &Shown<'_>) -> Option<Self> {
        Some(match content {
            NoticeContent::Issued(card) => {
                let lead = words.patron_notice_issued_lead(card.reference.to_string());
                let body = FirstCards::of(words, std::slice::from_ref(card), false, shown);
                let said = (words.patron_notice_issued_title(), lead, words.patron_notice_issuer());
                Self::framed(words, &frame!(card, issued_on), said, Body::FirstCards(body), shown)
            }
            NoticeContent::IssuedToChildren(ChildrenNotice { guardian, cards }) => {
                let first = cards.first()?;
                let lead = words.patron_notice_children_lead(first.reference.to_string());
                let body = FirstCards::of(words, cards, true, shown);
                let said = (words.patron_notice_issued_title(), lead, words.patron_notice_issuer());
                let frame = Frame { name: guardian, ..frame!(first, issued_on) };
                Self::framed(words, &frame, said, Body::FirstCards(body), shown)
            }
            NoticeContent::Declined(notice) => Self::declined(words, notice, shown),
            NoticeContent::Returned(notice) => Self::returned(words, notice, shown),
            NoticeContent::Reopened(notice) => Self::reopened(words, notice, shown),
            NoticeContent::OfCard(notice) => Self::of_card(words, notice, shown),
            NoticeContent::Renewed(_)
            | NoticeContent::Reissued(_)
            | NoticeContent::Linked(_)
            | NoticeContent::PasswordIssued(_)
            | NoticeContent::Changed(_) => {
                let card: &IssuedNotice = content.card()?;
                let (title, what, body) = AboutCard::of(words, content, shown)?;
                let lead = words.join([words.patron_notice_by(card.reference.to_string()), what], " ");
                let said = (title, lead, words.patron_notice_issuer());
                Self::framed(words, &frame!(card, issued_on), said, Body::AboutCard(Box::new(body)), shown)
            }
        })
    }

    fn declined(words: Words, notice: &DeclinedNotice, shown: &Shown<'_>) -> Self {
        let lead = words.patron_notice_declined_lead(notice.reference.to_string());
        let law = || Words::new(Lang::Ja).patron_notice_object_law().plain().into();
        let law = (!words.is_everyday_japanese()).then(law);
        let body = Body::Declined { reason: notice.reason.clone(), law };
        let said = (words.patron_notice_declined_title(), lead, words.patron_notice_decider());
        Self::framed(words, &frame!(notice, decided_on), said, body, shown)
    }

    fn returned(words: Words, notice: &ReturnedNotice, shown: &Shown<'_>) -> Self {
        let answer_by = PrintedDay::from(notice.answer_by);
        let lead = words.patron_notice_returned_lead(notice.reference.to_string(), answer_by);
        let text = notice.text.as_ref().map(|text| text.as_str().to_owned());
        let items = notice.items.iter().map(|item| AskedLine::of(words, item)).collect();
        let said = (words.patron_notice_returned_title(), lead, words.patron_notice_asker());
        Self::framed(words, &frame!(notice, asked_on), said, Body::Returned { text, items }, shown)
    }

    fn reopened(words: Words, notice: &ReopenedNotice, shown: &Shown<'_>) -> Self {
        let answer_by = PrintedDay::from(notice.answer_by);
        let lead = words.patron_notice_reopened_lead(notice.reference.to_string(), answer_by);
        let (kept, gone) = (words.patron_notice_now_kept(), words.patron_notice_now_password());
        let effect = match notice.effect {
            None => Vec::new(),
            Some(ReopenEffect::Keep) => vec![kept],
            Some(ReopenEffect::WithdrawPassword) => vec![kept, gone],
            Some(ReopenEffect::StopCard) => vec![words.patron_notice_now_stopped(), gone],
        };
        let said = (words.patron_notice_reopened_title(), lead, words.patron_notice_teller());
        Self::framed(words, &frame!(notice, reopened_on), said, Body::Reopened { effect }, shown)
    }

    fn of_card(words: Words, notice: &CardNotice, shown: &Shown<'_>) -> Self {
        let ToldOfCard { title, lead, next } = ToldOfCard::of(words, notice);
        let number = Number::of(&notice.card_number, &notice.card_number_grouped);
        let body = Body::OfCard { number, expires_on: notice.expires_on.into(), next };
        let said = (title(words), lead, words.patron_notice_teller());
        Self::framed(words, &frame!(notice, placed_on), said, body, shown)
    }

    fn framed(
        words: Words,
        frame: &Frame<'_>,
        (title, lead, signed_as): (Phrase, Phrase, Phrase),
        body: Body,
        shown: &Shown<'_>,
    ) -> Self {
        let paragraphs = |text| AsWritten::from(text).paragraphs(words);
        let (is_before, urls) = match shown {
            Shown::Sent(urls, _) => (false, Some((*urls).clone())),
            Shown::Before { .. } => (true, None),
        };
        Self {
            words,
            lang: (is_before && !words.is_everyday_japanese()).then(|| words.lang().as_str()),
            urls,
            level: if is_before { 3 } else { 1 },
            document_number: (!is_before).then(|| frame.document_number.to_owned()),
            day: frame.day,
            library: frame.library.clone(),
            title,
            name: None,
            dear: words.patron_notice_dear(words.typed(frame.name.as_str())),
            lead,
            library_words: frame.library_words.map(paragraphs).unwrap_or_default(),
            body,
            signed_as,
            issuer: frame.issuer.clone(),
            contact: frame.contact.clone(),
        }
    }
}
