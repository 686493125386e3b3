//! Notices (通知書): what the library tells an applicant inside the portal, and the mails that only ring the bell.

mod card_notice;
mod mail;

pub use card_notice::{CardNews, CardNotice, RenewalWay, Stopper};
pub use mail::{MailContent, QueuedMail, Todo};

use super::card_number::CardNumber;
use super::correction::AskedItem;
use super::ids::{ApplicationId, LibraryId, NoticeId, PatronId};
use super::language::Language;
use super::library_text::LibraryText;
use super::message::LetterText;
use super::password_way::PasswordWay;
use super::person::PersonName;
use super::procedure::UnknownName;
use super::reference::Reference;
use super::request::Changed;
use super::review::ReopenEffect;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// A notice placed in the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Internal identity.
    pub id: NoticeId,
    /// The library that speaks.
    pub library_id: LibraryId,
    /// What it hangs on.
    pub about: NoticeAbout,
    /// In which language its paper speaks: the applicant's when it was placed. The page is read in any.
    pub language: Language,
    /// What it says.
    pub content: NoticeContent,
    /// When it was placed.
    pub placed_at: OffsetDateTime,
    /// When the mail that tells of it was handed over, unless that came back.
    pub mailed_at: Option<OffsetDateTime>,
    /// When it was first opened.
    pub first_read_at: Option<OffsetDateTime>,
    /// When its file was first saved.
    pub first_saved_at: Option<OffsetDateTime>,
}

/// What a notice hangs on: under whose key it is sealed, who may read it, and with what it is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeAbout {
    /// The application that it answers.
    Application(ApplicationId),
    /// The patron whose card it is about, where nobody applied for anything.
    Patron(PatronId),
}

impl NoticeAbout {
    /// The application, if it answers one.
    #[must_use]
    pub const fn application_id(self) -> Option<ApplicationId> {
        match self {
            Self::Application(id) => Some(id),
            Self::Patron(_) => None,
        }
    }

    /// The patron, if it answers no application.
    #[must_use]
    pub const fn patron_id(self) -> Option<PatronId> {
        match self {
            Self::Application(_) => None,
            Self::Patron(id) => Some(id),
        }
    }
}

/// What a notice says. Kept as it was said: later changes of rules or names do not alter it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NoticeContent {
    /// 貸出券番号等通知書.
    Issued(IssuedNotice),
    /// The same for each of a guardian's children.
    IssuedToChildren(ChildrenNotice),
    /// The application was declined.
    Declined(DeclinedNotice),
    /// Something has to be put right.
    Returned(ReturnedNotice),
    /// 有効期限の延長.
    Renewed(RenewedNotice),
    /// 再発行.
    Reissued(ReissuedNotice),
    /// マイナンバーカードの登録.
    Linked(LinkedNotice),
    /// 予約用パスワードの発行.
    PasswordIssued(PasswordIssuedNotice),
    /// 登録内容の変更.
    Changed(ChangedNotice),
    /// A decision was opened again, and what was told of it counts no more.
    Reopened(ReopenedNotice),
    /// Something about a card for which nobody applied.
    OfCard(CardNotice),
}

/// The facts of a 貸出券番号等通知書. The initial password is not among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedNotice {
    /// The notice's own number (文書番号), such as `2026-000123`.
    pub document_number: String,
    /// The day of issue, in Japan.
    #[serde(with = "super::iso_date")]
    pub issued_on: Date,
    /// The library's name.
    pub library_name: LibraryText,
    /// Who speaks: the library's head, with title.
    pub issuer: LibraryText,
    /// Telephone and opening hours for questions.
    pub contact: LibraryText,
    /// The application's public number.
    pub reference: Reference,
    /// The patron's name.
    pub name: PersonName,
    /// The category's label.
    pub category: LibraryText,
    /// The card number.
    pub card_number: CardNumber,
    /// How the number is printed for people, such as `1234 5678`.
    pub card_number_grouped: String,
    /// The barcode's data with start and stop signs, such as `A12345678A`.
    pub barcode: String,
    /// The last day on which the card may be used.
    #[serde(with = "super::iso_date")]
    pub expires_on: Date,
    /// What the library calls the document with which the card ends, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_with: Option<LibraryText>,
    /// How many items may be borrowed.
    pub loan_limit: u32,
    /// The portal's page where the patron goes on.
    pub portal_url: String,
    /// True for whoever has no e-mail address and so cannot sign in: the counter helps.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password_at_counter: bool,
    /// What opens the password that was granted with it; none where it tells of none, and in notices from before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_way: Option<PasswordWay>,
    /// What the library itself says in notices of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_words: Option<LibraryText>,
}

/// One 貸出券番号等通知書 for several children, addressed to their guardian.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildrenNotice {
    /// The guardian.
    pub guardian: PersonName,
    /// Each child's card, in the application's order; all under one document number.
    pub cards: Vec<IssuedNotice>,
}

/// The validity of a card was extended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenewedNotice {
    /// The card as it is from now on.
    pub card: IssuedNotice,
    /// The last day of use before.
    #[serde(with = "super::iso_date")]
    pub old_expiry: Date,
}

/// A card in place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReissuedNotice {
    /// The card as it is from now on.
    pub card: IssuedNotice,
    /// The number that is dead now, as it is printed for people; none if the number stayed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub old_number_grouped: Option<String>,
    /// True if a plastic card can be picked up.
    pub plastic_card: bool,
}

/// The My Number card is linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkedNotice {
    /// The card as it is from now on.
    pub card: IssuedNotice,
}

/// A reservation password can be looked at. The password is not among the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordIssuedNotice {
    /// The card that it belongs to.
    pub card: IssuedNotice,
    /// The last day on which it can be looked at, in Japan.
    #[serde(with = "super::iso_date")]
    pub viewable_until: Date,
}

/// Other facts are registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedNotice {
    /// The card as it is from now on.
    pub card: IssuedNotice,
    /// Which facts are others.
    pub changed: Vec<Changed>,
}

/// The facts of a notice of refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclinedNotice {
    /// The notice's own number (文書番号).
    pub document_number: String,
    /// The day of the decision, in Japan.
    #[serde(with = "super::iso_date")]
    pub decided_on: Date,
    /// The library's name.
    pub library_name: LibraryText,
    /// Who speaks.
    pub issuer: LibraryText,
    /// Telephone and opening hours for questions.
    pub contact: LibraryText,
    /// The application's public number.
    pub reference: Reference,
    /// The applicant's name.
    pub name: PersonName,
    /// The reason, as the reviewer wrote it for the applicant.
    pub reason: String,
    /// What the library itself says in notices of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_words: Option<LibraryText>,
}

/// The facts of a request for correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnedNotice {
    /// The notice's own number (文書番号).
    pub document_number: String,
    /// The day on which it was asked, in Japan.
    #[serde(with = "super::iso_date")]
    pub asked_on: Date,
    /// The last day on which an answer counts, in Japan.
    #[serde(with = "super::iso_date")]
    pub answer_by: Date,
    /// The library's name.
    pub library_name: LibraryText,
    /// Who speaks.
    pub issuer: LibraryText,
    /// Telephone and opening hours for questions.
    pub contact: LibraryText,
    /// The application's public number.
    pub reference: Reference,
    /// The applicant's name.
    pub name: PersonName,
    /// What the reviewer wrote above the single items.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<LetterText>,
    /// What is asked.
    pub items: Vec<AskedItem>,
    /// What the library itself says in notices of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_words: Option<LibraryText>,
}

/// The facts of a notice that a decision was opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopenedNotice {
    /// The notice's own number (文書番号).
    pub document_number: String,
    /// The day on which it was opened again, in Japan.
    #[serde(with = "super::iso_date")]
    pub reopened_on: Date,
    /// The day by which the library means to decide again, in Japan.
    #[serde(with = "super::iso_date")]
    pub answer_by: Date,
    /// The library's name.
    pub library_name: LibraryText,
    /// Who speaks.
    pub issuer: LibraryText,
    /// Telephone and opening hours for questions.
    pub contact: LibraryText,
    /// The application's public number.
    pub reference: Reference,
    /// The applicant's name.
    pub name: PersonName,
    /// What becomes meanwhile of what was granted; none if nothing was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effect: Option<ReopenEffect>,
    /// What the library itself says in notices of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library_words: Option<LibraryText>,
}

/// The one card that a notice is about, of a notice that is lent or lent to be changed.
macro_rules! own_card {
    ($notice:expr) => {
        match $notice {
            NoticeContent::Issued(card)
            | NoticeContent::Renewed(RenewedNotice { card, .. })
            | NoticeContent::Reissued(ReissuedNotice { card, .. })
            | NoticeContent::Linked(LinkedNotice { card })
            | NoticeContent::PasswordIssued(PasswordIssuedNotice { card, .. })
            | NoticeContent::Changed(ChangedNotice { card, .. }) => Some(card),
            NoticeContent::IssuedToChildren(_)
            | NoticeContent::Declined(_)
            | NoticeContent::Returned(_)
            | NoticeContent::Reopened(_)
            | NoticeContent::OfCard(_) => None,
        }
    };
}

impl NoticeContent {
    /// The name in storage.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Issued(_) | Self::IssuedToChildren(_) => "issued",
            Self::Declined(_) => "declined",
            Self::Returned(_) => "returned",
            Self::Renewed(_) => "renewed",
            Self::Reissued(_) => "reissued",
            Self::Linked(_) => "linked",
            Self::PasswordIssued(_) => "password_issued",
            Self::Changed(_) => "changed",
            Self::Reopened(_) => "reopened",
            Self::OfCard(notice) => notice.news.kind(),
        }
    }

    /// The card that it is about, as it was when the notice was placed; the first child's, if there are several.
    #[must_use]
    pub fn card(&self) -> Option<&IssuedNotice> {
        match self {
            Self::IssuedToChildren(ChildrenNotice { cards, .. }) => cards.first(),
            own => own_card!(own),
        }
    }

    /// The cards that it is about, as they were when the notice was placed.
    #[must_use]
    pub fn cards(&self) -> &[IssuedNotice] {
        match self {
            Self::IssuedToChildren(ChildrenNotice { cards, .. }) => cards,
            own => own_card!(own).map_or(&[], std::slice::from_ref),
        }
    }

    /// The same about a card, said again on another day under another number. What is about no card stays as it is.
    #[must_use]
    pub fn said_again(mut self, document_number: String, issued_on: Date, name: &PersonName) -> Self {
        if let Some(card) = own_card!(&mut self) {
            card.document_number = document_number;
            card.issued_on = issued_on;
            card.name = name.clone();
        }
        self
    }

    /// The same with another last day on which the password can be looked at, if it is about one.
    #[must_use]
    pub fn viewable_until(mut self, day: Date) -> Self {
        if let Self::PasswordIssued(notice) = &mut self {
            notice.viewable_until = day;
        }
        self
    }
}

/// How large the type of a notice on paper is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PaperSize {
    /// As official papers are set.
    #[default]
    Regular,
    /// For people who read large type.
    Large,
}

impl PaperSize {
    /// The name in storage and addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Large => "large",
        }
    }
}

/// Why a notice goes on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperReason {
    /// There is no e-mail address, or paper was asked for.
    Wanted,
    /// Nobody has opened it for long.
    Unread,
}

impl PaperReason {
    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Unread => "unread",
        }
    }
}

impl std::str::FromStr for PaperReason {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        [Self::Wanted, Self::Unread].into_iter().find(|reason| reason.as_str() == name).ok_or(UnknownName)
    }
}

/// How a notice on paper left the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperWay {
    /// Over the counter.
    HandedOver,
    /// By post.
    Posted,
}

impl PaperWay {
    /// The name in storage and forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HandedOver => "handed_over",
            Self::Posted => "posted",
        }
    }
}

impl std::str::FromStr for PaperWay {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        [Self::HandedOver, Self::Posted].into_iter().find(|way| way.as_str() == name).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests;
