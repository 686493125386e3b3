//! The notices about cards: a new one, several children's, and what was done to one that was there before.

use super::{Head, Letterhead, Press, Texts};
use crate::document::DocumentError;
use crate::document::dates::in_words;
use crate::document::fonts::{Line, Printed};
use crate::document::own_card::{CardFace, PrintedFace};
use crate::document::wording;
use crate::domain::notice::{
    ChangedNotice, ChildrenNotice, IssuedNotice, LinkedNotice, PasswordIssuedNotice, ReissuedNotice, RenewedNotice,
};
use crate::words::{Phrase, Words};
use serde::Serialize;

/// A card, as it stands in a table and to be cut out.
#[derive(Serialize)]
struct PrintedCard {
    name: Printed,
    category: Line,
    until: Line,
    /// The document with which the card ends, for its rare letters.
    ends_with: Option<Printed>,
    loans: Line,
    #[serde(flatten)]
    face: PrintedFace,
}

#[derive(Serialize)]
struct IssuedPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    texts: Texts,
    cards: Vec<PrintedCard>,
    password: Vec<Line>,
    portal_url: Printed,
    password_at_counter: bool,
}

/// A notice about a card that its holder already had.
#[derive(Serialize)]
struct CardPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    texts: Texts,
    card: PrintedCard,
    /// What is other than before: labels and values.
    rows: Vec<(Line, Line)>,
    plastic_card: bool,
    /// What is said of a password, if one was issued.
    password: Vec<Line>,
    portal_url: Printed,
    password_at_counter: bool,
}

/// What one kind of notice says that others do not.
struct Particulars {
    title: fn(Words) -> Phrase,
    lead: Phrase,
    rows: Vec<(Phrase, Phrase)>,
    plastic_card: bool,
    /// What is said of a password, sentence by sentence; nothing if none was issued.
    password: Vec<Phrase>,
}

impl Particulars {
    fn new(title: fn(Words) -> Phrase, lead: Phrase) -> Self {
        Self { title, lead, rows: Vec::new(), plastic_card: false, password: Vec::new() }
    }
}

impl Press<'_> {
    pub(super) fn issued(&self, notice: &IssuedNotice) -> Result<Vec<u8>, DocumentError> {
        let words = self.words;
        let head = head_of(notice);
        let own = [
            ("lead", words.patron_notice_issued_lead(notice.reference.to_string())),
            ("own", words.patron_notice_care_own()),
        ];
        let password = wording::of_first_password(words, notice, false);
        let page = self.issued_page(&head, (notice, password), vec![self.card(notice)?], self.texts(&head, own));
        self.set("issued.typ", page, &head)
    }

    pub(super) fn issued_to_children(&self, notice: &ChildrenNotice) -> Result<Vec<u8>, DocumentError> {
        let words = self.words;
        let first = notice.cards.first().ok_or(DocumentError::NoCard)?;
        let head = Head { name: &notice.guardian, ..head_of(first) };
        let own = [
            ("lead", words.patron_notice_children_lead(first.reference.to_string())),
            ("own", words.patron_notice_care_child()),
        ];
        let cards = notice.cards.iter().map(|card| self.card(card)).collect::<Result<_, _>>()?;
        let password = wording::of_first_password(words, first, true);
        let page = self.issued_page(&head, (first, password), cards, self.texts(&head, own));
        self.set("issued_children.typ", page, &head)
    }

    pub(super) fn renewed(&self, notice: &RenewedNotice) -> Result<Vec<u8>, DocumentError> {
        let words = self.words;
        let rows = vec![(words.patron_notice_renewed_before(), in_words(words, notice.old_expiry))];
        let plain = Particulars::new(Words::patron_notice_renewed_title, words.patron_notice_renewed());
        self.about_card(&notice.card, Particulars { rows, ..plain })
    }

    pub(super) fn reissued(&self, notice: &ReissuedNotice) -> Result<Vec<u8>, DocumentError> {
        let words = self.words;
        let old = notice.old_number_grouped.as_deref();
        let rows = old.map(|number| (words.patron_notice_reissued_before(), words.patron_notice_reissued_over(number)));
        let plain = Particulars::new(Words::patron_notice_reissued_title, words.patron_notice_reissued());
        let particulars = Particulars { rows: rows.into_iter().collect(), plastic_card: notice.plastic_card, ..plain };
        self.about_card(&notice.card, particulars)
    }

    pub(super) fn linked(&self, notice: &LinkedNotice) -> Result<Vec<u8>, DocumentError> {
        let lead = self.words.patron_notice_linked();
        self.about_card(&notice.card, Particulars::new(Words::patron_notice_linked_title, lead))
    }

    pub(super) fn password_issued(&self, notice: &PasswordIssuedNotice) -> Result<Vec<u8>, DocumentError> {
        let words = self.words;
        let password = wording::of_password(words, &notice.card, in_words(words, notice.viewable_until));
        let plain = Particulars::new(Words::patron_notice_new_password_title, words.patron_notice_new_password());
        self.about_card(&notice.card, Particulars { password, ..plain })
    }

    pub(super) fn changed(&self, notice: &ChangedNotice) -> Result<Vec<u8>, DocumentError> {
        let words = self.words;
        let rows = vec![(words.patron_notice_changed_what(), wording::of_changes(words, &notice.changed))];
        let plain = Particulars::new(Words::patron_notice_changed_title, words.patron_notice_changed());
        self.about_card(&notice.card, Particulars { rows, ..plain })
    }

    fn about_card(&self, notice: &IssuedNotice, particulars: Particulars) -> Result<Vec<u8>, DocumentError> {
        let words = self.words;
        let Particulars { title, lead, rows, plastic_card, password } = particulars;
        let head = head_of(notice);
        let own = [
            ("title", title(words)),
            ("lead", words.document_card_by(notice.reference.to_string(), lead)),
            ("password_heading", words.patron_notice_password_heading()),
            ("plastic_heading", words.patron_notice_plastic_heading()),
            ("plastic", words.patron_notice_plastic()),
            ("care", words.patron_notice_care()),
            ("strange", words.patron_notice_care_strange()),
            ("own", words.patron_notice_care_own()),
        ];
        let page = CardPage {
            letterhead: self.letterhead(&head, title),
            texts: self.with_card(self.texts(&head, own)),
            card: self.card(notice)?,
            rows: rows.iter().map(|(label, value)| (self.line(label), self.line(value))).collect(),
            plastic_card,
            password: self.lines(&password),
            portal_url: self.typesetter.fonts.printed(&notice.portal_url),
            password_at_counter: notice.password_at_counter,
        };
        self.set("card.typ", page, &head)
    }

    fn issued_page(
        &self,
        head: &Head<'_>,
        (notice, password): (&IssuedNotice, Vec<Phrase>),
        cards: Vec<PrintedCard>,
        texts: Texts,
    ) -> IssuedPage {
        let words = self.words;
        let own = [
            ("title", words.patron_notice_issued_title()),
            ("name", words.apply_label_name()),
            ("first", words.patron_notice_first_password()),
            ("use", words.patron_notice_first_use()),
            ("use_1", words.patron_notice_first_use_1()),
            ("use_2", words.patron_notice_first_use_2()),
            ("use_3", words.patron_notice_first_use_3()),
            ("care", words.patron_notice_care_4()),
            ("changes", words.patron_notice_care_changes()),
            ("lost", words.patron_notice_care_lost()),
        ];
        let texts = texts.into_iter().chain(own.map(|(name, phrase)| (name, self.line(&phrase)))).collect();
        IssuedPage {
            letterhead: self.letterhead(head, Words::patron_notice_issued_title),
            texts: self.with_card(texts),
            cards,
            password: self.lines(&password),
            portal_url: self.typesetter.fonts.printed(&notice.portal_url),
            password_at_counter: notice.password_at_counter,
        }
    }

    fn lines(&self, phrases: &[Phrase]) -> Vec<Line> {
        phrases.iter().map(|phrase| self.line(phrase)).collect()
    }

    /// With what every notice about a card says.
    fn with_card(&self, texts: Texts) -> Texts {
        let words = self.words;
        let shared = [
            ("issuer", words.patron_notice_issuer()),
            ("card", words.patron_notice_card()),
            ("card_number", words.patron_page_card_number()),
            ("expires", words.patron_page_expires()),
            ("category", words.patron_notice_category()),
            ("loans", words.patron_notice_loans()),
            ("site", words.document_card_site()),
            ("cut", words.document_card_cut()),
            ("cut_what", words.document_card_cut_what()),
        ];
        texts.into_iter().chain(shared.map(|(name, phrase)| (name, self.line(&phrase)))).collect()
    }

    fn card(&self, notice: &IssuedNotice) -> Result<PrintedCard, DocumentError> {
        let (words, fonts) = (self.words, &self.typesetter.fonts);
        let expires = in_words(words, notice.expires_on);
        let until = match &notice.ends_with {
            Some(document) => words.document_card_until_with(expires, document),
            None => expires,
        };
        let face = CardFace {
            library: notice.library_name.clone(),
            barcode: notice.barcode.clone(),
            number: notice.card_number_grouped.clone(),
            expires_on: notice.expires_on,
        };
        Ok(PrintedCard {
            name: fonts.printed(notice.name.as_str()),
            category: self.line(&words.say(&notice.category)),
            until: self.line(&until),
            ends_with: notice.ends_with.as_ref().map(|label| fonts.printed(&words.say(label).plain())),
            loans: self.line(&words.patron_holder_limit(notice.loan_limit)),
            face: face.printed(words, fonts)?,
        })
    }
}

fn head_of(notice: &IssuedNotice) -> Head<'_> {
    Head {
        document_number: &notice.document_number,
        day: notice.issued_on,
        library: &notice.library_name,
        issuer: &notice.issuer,
        contact: &notice.contact,
        name: &notice.name,
        library_words: notice.library_words.as_ref(),
    }
}
