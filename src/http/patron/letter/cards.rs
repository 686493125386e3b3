//! What notices about cards say: the cards, what is other than before, how a password is collected, what to take care of.

use super::Shown;
use crate::document::wording::{of_first_password, of_password};
use crate::domain::card_number::CardNumber;
use crate::domain::library_text::LibraryText;
use crate::domain::notice::{
    ChangedNotice, IssuedNotice, LinkedNotice, NoticeContent, PasswordIssuedNotice, ReissuedNotice, RenewedNotice,
};
use crate::http::patron::printed::{Bars, PrintedDay};
use crate::http::patron::spelling::one_by_one;
use crate::http::procedure_wording as wording;
use crate::service::deliver::Unusable;
use crate::words::{Phrase, Words};

/// New cards: one's own, or several children's.
pub(in crate::http) struct FirstCards {
    pub(in crate::http) cards: Vec<CardFacts>,
    pub(in crate::http) is_for_children: bool,
    pub(in crate::http) password: Vec<Phrase>,
    /// True if it is collected on this site.
    pub(in crate::http) is_collected_here: bool,
}

/// What was done to a card that was there before.
pub(in crate::http) struct AboutCard {
    pub(in crate::http) card: CardFacts,
    /// What is said of a password, if one was issued.
    pub(in crate::http) password: Vec<Phrase>,
    pub(in crate::http) is_collected_here: bool,
    pub(in crate::http) plastic_card: bool,
}

/// A card.
pub(in crate::http) struct CardFacts {
    /// Whose, if there are several.
    pub(in crate::http) holder: Option<String>,
    /// None while it is not given.
    pub(in crate::http) number: Option<Number>,
    pub(in crate::http) expires_on: PrintedDay,
    pub(in crate::http) ends_with: Option<LibraryText>,
    /// What is other than before: labels and values.
    pub(in crate::http) rows: Vec<(Phrase, Phrase)>,
    pub(in crate::http) category: LibraryText,
    pub(in crate::http) loan_limit: u32,
    /// Only of a card that can be used.
    pub(in crate::http) barcode: Option<Bars>,
    /// Why it cannot be used.
    pub(in crate::http) unusable: Option<Phrase>,
    /// Where it is seen as it is now.
    pub(in crate::http) page: String,
}

/// A number as it is printed, and sign by sign.
pub(in crate::http) struct Number {
    pub(in crate::http) grouped: String,
    pub(in crate::http) spoken: String,
}

impl Number {
    pub(super) fn of(number: &CardNumber, grouped: &str) -> Self {
        Self { grouped: grouped.to_owned(), spoken: one_by_one(number.as_str()) }
    }
}

impl CardFacts {
    fn of(words: Words, notice: &IssuedNotice, is_child: bool, shown: &Shown<'_>) -> Self {
        let number = || Number::of(&notice.card_number, &notice.card_number_grouped);
        let (is_known, why, page) = match shown {
            Shown::Before { gives_number } => (!gives_number, None, String::new()),
            Shown::Sent(urls, since) => {
                let found = since.unusable.iter().find(|(number, _)| *number == notice.card_number);
                let page = if is_child { urls.card_family() } else { urls.card() };
                (true, found.map(|(_, why)| *why), page)
            }
        };
        Self {
            holder: is_child.then(|| notice.name.as_str().to_owned()),
            number: is_known.then(number),
            expires_on: notice.expires_on.into(),
            ends_with: notice.ends_with.clone(),
            rows: Vec::new(),
            category: notice.category.clone(),
            loan_limit: notice.loan_limit,
            barcode: Bars::of(notice).filter(|_| is_known && why.is_none()),
            unusable: why.map(|why| in_words(words, why)),
            page,
        }
    }
}

fn in_words(words: Words, why: Unusable) -> Phrase {
    match why {
        Unusable::Stopped => words.patron_notice_unusable_stopped(),
        Unusable::Expired => words.patron_notice_unusable_expired(),
        Unusable::Replaced => words.patron_notice_unusable_replaced(),
    }
}

impl FirstCards {
    pub(super) fn of(words: Words, cards: &[IssuedNotice], is_for_children: bool, shown: &Shown<'_>) -> Self {
        let first = cards.first();
        Self {
            password: first.map(|card| of_first_password(words, card, is_for_children)).unwrap_or_default(),
            is_collected_here: is_for_children || first.is_some_and(|card| !card.password_at_counter),
            cards: cards.iter().map(|card| CardFacts::of(words, card, is_for_children, shown)).collect(),
            is_for_children,
        }
    }
}

impl AboutCard {
    /// With title and first sentence; `None` for what is not about a card that was there before.
    pub(super) fn of(words: Words, content: &NoticeContent, shown: &Shown<'_>) -> Option<(Phrase, Phrase, Self)> {
        let plain = |card: &IssuedNotice| Self {
            card: CardFacts::of(words, card, false, shown),
            password: Vec::new(),
            is_collected_here: !card.password_at_counter,
            plastic_card: false,
        };
        let with_rows = |card, rows| {
            let plain = plain(card);
            Self { card: CardFacts { rows, ..plain.card }, ..plain }
        };
        Some(match content {
            NoticeContent::Issued(_)
            | NoticeContent::IssuedToChildren(_)
            | NoticeContent::Declined(_)
            | NoticeContent::Returned(_)
            | NoticeContent::Reopened(_)
            | NoticeContent::OfCard(_) => return None,
            NoticeContent::Renewed(RenewedNotice { card, old_expiry }) => {
                let rows = vec![(words.patron_notice_renewed_before(), words.say(PrintedDay::from(*old_expiry)))];
                (words.patron_notice_renewed_title(), words.patron_notice_renewed(), with_rows(card, rows))
            }
            NoticeContent::Reissued(ReissuedNotice { card, old_number_grouped, plastic_card }) => {
                let over = |number: &str| words.patron_notice_reissued_over(number);
                let old = old_number_grouped.as_deref();
                let rows = old.map(|number| (words.patron_notice_reissued_before(), over(number)));
                let body = Self { plastic_card: *plastic_card, ..with_rows(card, rows.into_iter().collect()) };
                (words.patron_notice_reissued_title(), words.patron_notice_reissued(), body)
            }
            NoticeContent::Linked(LinkedNotice { card }) => {
                (words.patron_notice_linked_title(), words.patron_notice_linked(), plain(card))
            }
            NoticeContent::PasswordIssued(PasswordIssuedNotice { card, viewable_until }) => {
                let password = of_password(words, card, PrintedDay::from(*viewable_until));
                let body = Self { password, ..plain(card) };
                (words.patron_notice_new_password_title(), words.patron_notice_new_password(), body)
            }
            NoticeContent::Changed(ChangedNotice { card, changed }) => {
                let rows = vec![(words.patron_notice_changed_what(), wording::of_changes(words, changed))];
                (words.patron_notice_changed_title(), words.patron_notice_changed(), with_rows(card, rows))
            }
        })
    }
}
