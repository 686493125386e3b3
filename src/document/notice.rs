//! The notices on paper.

use super::DocumentError;
use super::barcode::nw7_svg;
use super::dates::PrintedDate;
use super::edition::Edition;
use super::fonts::Printed;
use super::typesetter::{Order, Typesetter};
use crate::clock::start_of_day;
use crate::domain::correction::{CorrectionReason, Field};
use crate::domain::notice::{
    ChangedNotice, ChildrenNotice, DeclinedNotice, IssuedNotice, LinkedNotice, NoticeContent, PasswordIssuedNotice,
    ReissuedNotice, RenewedNotice, ReopenedNotice, ReturnedNotice,
};
use crate::domain::request::Changed;
use crate::domain::review::ReopenEffect;
use serde::Serialize;
use time::Date;
use typst_pdf::PdfStandard;

/// With bars of 0.4 mm the barcode is 14 mm high: easy to hit with a hand scanner.
const BARCODE_HEIGHT_IN_MODULES: u32 = 35;

/// What every notice prints at its head and foot.
#[derive(Serialize)]
struct Letterhead {
    document_number: Printed,
    dated: PrintedDate,
    library: Printed,
    issuer: Printed,
    contact: Vec<Printed>,
    reference: String,
    name: Printed,
}

#[derive(Serialize)]
struct IssuedPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    category: Printed,
    card_number: String,
    expires_on: PrintedDate,
    ends_with: Option<Printed>,
    loan_limit: u32,
    barcode: String,
    barcode_modules: u32,
    portal_url: Printed,
    password_at_counter: bool,
}

/// The cards of a guardian's children.
#[derive(Serialize)]
struct ChildrenPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    portal_url: Printed,
    cards: Vec<IssuedPage>,
}

/// A notice about a card that its holder already had; the template knows each kind's words.
#[derive(Serialize)]
struct CardPage {
    #[serde(flatten)]
    card: IssuedPage,
    kind: &'static str,
    old_expiry: Option<PrintedDate>,
    old_number: Option<String>,
    plastic_card: bool,
    viewable_until: Option<PrintedDate>,
    changed: Vec<Changed>,
}

#[derive(Serialize)]
struct DeclinedPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    reason: Vec<Printed>,
}

#[derive(Serialize)]
struct ReopenedPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    answer_by: PrintedDate,
    effect: Option<&'static str>,
}

#[derive(Serialize)]
struct ReturnedPage {
    #[serde(flatten)]
    letterhead: Letterhead,
    answer_by: PrintedDate,
    opening: Vec<Printed>,
    items: Vec<PrintedItem>,
}

#[derive(Serialize)]
struct PrintedItem {
    label: Printed,
    words: Vec<Printed>,
}

impl Typesetter {
    /// Sets a notice as PDF/A-2a + PDF/UA-1, A4. Its time is the start of its own day in Japan.
    ///
    /// # Errors
    /// [`DocumentError::Barcode`] for barcode data that are not NW-7; [`DocumentError::NotSet`]
    /// is a fault of ours, whatever the notice says.
    pub fn notice(&self, notice: &NoticeContent) -> Result<Vec<u8>, DocumentError> {
        self.notice_as(notice, &Edition::default())
    }

    /// The same in one edition: how large, and how its reader can find out that it is genuine.
    ///
    /// # Errors
    /// As [`Self::notice`], and [`DocumentError::QrCode`] for an address too long.
    pub fn notice_as(&self, notice: &NoticeContent, edition: &Edition) -> Result<Vec<u8>, DocumentError> {
        let press = Press { typesetter: self, edition };
        press.notice(notice)
    }
}

/// One edition being made.
struct Press<'a> {
    typesetter: &'a Typesetter,
    edition: &'a Edition,
}

impl Press<'_> {
    fn notice(&self, notice: &NoticeContent) -> Result<Vec<u8>, DocumentError> {
        match notice {
            NoticeContent::Issued(issued) => {
                let page = self.issued_page(issued)?;
                self.set_notice("issued.typ", page, &issued.library_name, &issued.document_number, issued.issued_on)
            }
            NoticeContent::IssuedToChildren(children) => self.issued_to_children(children),
            NoticeContent::Declined(declined) => self.declined(declined),
            NoticeContent::Returned(returned) => self.returned(returned),
            NoticeContent::Reopened(reopened) => self.reopened(reopened),
            NoticeContent::Renewed(RenewedNotice { card, old_expiry }) => {
                let page = CardPage { old_expiry: Some((*old_expiry).into()), ..self.card_page(notice, card)? };
                self.card(card, page)
            }
            NoticeContent::Reissued(ReissuedNotice { card, old_number_grouped, plastic_card }) => {
                let page = self.card_page(notice, card)?;
                let old_number = old_number_grouped.clone();
                self.card(card, CardPage { old_number, plastic_card: *plastic_card, ..page })
            }
            NoticeContent::Linked(LinkedNotice { card }) => self.card(card, self.card_page(notice, card)?),
            NoticeContent::PasswordIssued(PasswordIssuedNotice { card, viewable_until }) => {
                let page = CardPage { viewable_until: Some((*viewable_until).into()), ..self.card_page(notice, card)? };
                self.card(card, page)
            }
            NoticeContent::Changed(ChangedNotice { card, changed }) => {
                let page = CardPage { changed: changed.clone(), ..self.card_page(notice, card)? };
                self.card(card, page)
            }
        }
    }

    fn issued_to_children(&self, notice: &ChildrenNotice) -> Result<Vec<u8>, DocumentError> {
        let first = notice.cards.first().ok_or(DocumentError::NoCard)?;
        let letterhead = Letterhead {
            name: self.typesetter.fonts.printed(notice.guardian.as_str()),
            ..self.issued_page(first)?.letterhead
        };
        let cards = notice.cards.iter().map(|card| self.issued_page(card)).collect::<Result<_, _>>()?;
        let page = ChildrenPage { letterhead, portal_url: self.typesetter.fonts.printed(&first.portal_url), cards };
        self.set_notice("issued_children.typ", page, &first.library_name, &first.document_number, first.issued_on)
    }

    fn card_page(&self, notice: &NoticeContent, card: &IssuedNotice) -> Result<CardPage, DocumentError> {
        Ok(CardPage {
            card: self.issued_page(card)?,
            kind: notice.kind(),
            old_expiry: None,
            old_number: None,
            plastic_card: false,
            viewable_until: None,
            changed: Vec::new(),
        })
    }

    fn card(&self, card: &IssuedNotice, page: CardPage) -> Result<Vec<u8>, DocumentError> {
        self.set_notice("card.typ", page, &card.library_name, &card.document_number, card.issued_on)
    }

    fn issued_page(&self, notice: &IssuedNotice) -> Result<IssuedPage, DocumentError> {
        let barcode = nw7_svg(&notice.barcode, BARCODE_HEIGHT_IN_MODULES)?;
        let letterhead = Letterhead {
            document_number: self.typesetter.fonts.printed(&notice.document_number),
            dated: notice.issued_on.into(),
            library: self.typesetter.fonts.printed(&notice.library_name),
            issuer: self.typesetter.fonts.printed(&notice.issuer),
            contact: self.typesetter.fonts.paragraphs(&notice.contact),
            reference: notice.reference.to_string(),
            name: self.typesetter.fonts.printed(notice.name.as_str()),
        };
        Ok(IssuedPage {
            letterhead,
            category: self.typesetter.fonts.printed(&notice.category),
            card_number: notice.card_number_grouped.clone(),
            expires_on: notice.expires_on.into(),
            ends_with: notice.ends_with.as_deref().map(|label| self.typesetter.fonts.printed(label)),
            loan_limit: notice.loan_limit,
            barcode_modules: barcode.modules(),
            barcode: barcode.to_string(),
            portal_url: self.typesetter.fonts.printed(&notice.portal_url),
            password_at_counter: notice.password_at_counter,
        })
    }

    fn reopened(&self, notice: &ReopenedNotice) -> Result<Vec<u8>, DocumentError> {
        let letterhead = Letterhead {
            document_number: self.typesetter.fonts.printed(&notice.document_number),
            dated: notice.reopened_on.into(),
            library: self.typesetter.fonts.printed(&notice.library_name),
            issuer: self.typesetter.fonts.printed(&notice.issuer),
            contact: self.typesetter.fonts.paragraphs(&notice.contact),
            reference: notice.reference.to_string(),
            name: self.typesetter.fonts.printed(notice.name.as_str()),
        };
        let effect = notice.effect.map(ReopenEffect::as_str);
        let page = ReopenedPage { letterhead, answer_by: notice.answer_by.into(), effect };
        self.set_notice("reopened.typ", page, &notice.library_name, &notice.document_number, notice.reopened_on)
    }

    fn declined(&self, notice: &DeclinedNotice) -> Result<Vec<u8>, DocumentError> {
        let letterhead = Letterhead {
            document_number: self.typesetter.fonts.printed(&notice.document_number),
            dated: notice.decided_on.into(),
            library: self.typesetter.fonts.printed(&notice.library_name),
            issuer: self.typesetter.fonts.printed(&notice.issuer),
            contact: self.typesetter.fonts.paragraphs(&notice.contact),
            reference: notice.reference.to_string(),
            name: self.typesetter.fonts.printed(notice.name.as_str()),
        };
        let page = DeclinedPage { letterhead, reason: self.typesetter.fonts.paragraphs(&notice.reason) };
        self.set_notice("declined.typ", page, &notice.library_name, &notice.document_number, notice.decided_on)
    }

    fn returned(&self, notice: &ReturnedNotice) -> Result<Vec<u8>, DocumentError> {
        let letterhead = Letterhead {
            document_number: self.typesetter.fonts.printed(&notice.document_number),
            dated: notice.asked_on.into(),
            library: self.typesetter.fonts.printed(&notice.library_name),
            issuer: self.typesetter.fonts.printed(&notice.issuer),
            contact: self.typesetter.fonts.paragraphs(&notice.contact),
            reference: notice.reference.to_string(),
            name: self.typesetter.fonts.printed(notice.name.as_str()),
        };
        let opening =
            notice.text.as_ref().map(|text| self.typesetter.fonts.paragraphs(text.as_str())).unwrap_or_default();
        let items = notice.items.iter().map(|item| PrintedItem {
            label: self.typesetter.fonts.printed(label_of(item.field)),
            words: self.typesetter.fonts.paragraphs(&format!("{}\n{}", reason_of(item.reason), item.text.as_str())),
        });
        let page = ReturnedPage { answer_by: notice.answer_by.into(), opening, items: items.collect(), letterhead };
        self.set_notice("returned.typ", page, &notice.library_name, &notice.document_number, notice.asked_on)
    }

    fn set_notice<T: Serialize>(
        &self,
        template: &str,
        data: T,
        library: &str,
        document_number: &str,
        day: Date,
    ) -> Result<Vec<u8>, DocumentError> {
        self.typesetter.set(Order {
            template,
            edition: self.edition,
            data,
            statement: None,
            archival: PdfStandard::A_2a,
            identity: format!("{library} {document_number}"),
            dated: start_of_day(day),
        })
    }
}

/// What a field is called on paper.
const fn label_of(field: Field) -> &'static str {
    match field {
        Field::Category => "図書館を使う理由",
        Field::Email => "メールアドレス",
        Field::Name => "氏名とフリガナ",
        Field::Birth => "生年月日",
        Field::Address => "住所",
        Field::Children => "カードを作る子ども",
        Field::Contact => "電話番号とよく使う図書館",
        Field::Documents => "確認のための書類の画像",
        Field::Delivery => "お知らせの受け取り方とカードの希望",
    }
}

/// Why it is asked about.
const fn reason_of(reason: CorrectionReason) -> &'static str {
    match reason {
        CorrectionReason::Incorrect => "まちがいがあるようです。",
        CorrectionReason::Incomplete => "足りないところがあります。",
        CorrectionReason::Unreadable => "読み取れません。",
        CorrectionReason::Mismatch => "カードの記載などとちがっています。",
        CorrectionReason::Other => "確認したいことがあります。",
    }
}
