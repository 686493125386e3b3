//! The application to be signed, as a person reads it; the same answers go along for machines.

use super::DocumentError;
use super::dates::PrintedDate;
use super::edition::Edition;
use super::fonts::{Fonts, Printed};
use super::typesetter::{Order, Typesetter};
use crate::domain::answers::Delivery;
use crate::domain::attachment::Attached;
use crate::domain::guardianship::{Child, SigningGuardian};
use crate::domain::library::ReissueReason;
use crate::domain::procedure::Procedure;
use crate::domain::request::{Changed, Request};
use crate::domain::statement::{AgreedText, Statement};
use crate::words::Words;
use serde::Serialize;
use time::{Date, OffsetDateTime};
use typst_pdf::PdfStandard;

#[derive(Serialize)]
struct ApplicationPage {
    procedure: Procedure,
    library: Printed,
    municipality: Printed,
    reference: String,
    version: u32,
    applied_on: PrintedDate,
    name: Printed,
    kana: Printed,
    birth: PrintedDate,
    postcode: Printed,
    address: Printed,
    phone: Option<Printed>,
    email: Option<Printed>,
    category: Printed,
    branch: Printed,
    delivery: Delivery,
    plastic_card: bool,
    request: Option<RequestFacts>,
    attachments: Vec<AttachedPicture>,
    relation: Option<Printed>,
    children: Vec<PrintedChild>,
    guardian: Option<PrintedGuardian>,
    consents: Vec<ConsentText>,
    rules_version: u32,
    unsigned: bool,
}

/// What is asked for about which card.
#[derive(Default, Serialize)]
struct RequestFacts {
    card_number: String,
    facts_unchanged: Option<bool>,
    reason: Option<ReissueReason>,
    lost_on: Option<PrintedDate>,
    changed: Option<Vec<Changed>>,
}

impl RequestFacts {
    fn of(request: &Request, fonts: &Fonts) -> Self {
        let facts = Self { card_number: request.card_number().as_str().to_owned(), ..Self::default() };
        match request {
            Request::CardLink { .. } | Request::PasswordIssue { .. } => facts,
            Request::Renewal { facts_unchanged, .. } => Self { facts_unchanged: Some(*facts_unchanged), ..facts },
            Request::Reissue { reason, lost_on, .. } => {
                let lost_on = lost_on.map(|day| PrintedDate::of(day, Words::default(), fonts));
                Self { reason: Some(*reason), lost_on, ..facts }
            }
            Request::Change { changed, .. } => Self { changed: Some(changed.clone()), ..facts },
        }
    }
}

#[derive(Serialize)]
struct AttachedPicture {
    label: Printed,
    until: Option<PrintedDate>,
    size: u64,
    /// In groups, so that it can be compared by eye and breaks into lines.
    sha256: String,
}

/// A child for whom a guardian applies.
#[derive(Serialize)]
struct PrintedChild {
    name: Printed,
    kana: Printed,
    birth: PrintedDate,
    /// None if it lives with the guardian.
    address: Option<Printed>,
}

/// The guardian who signs about a child's card.
#[derive(Serialize)]
struct PrintedGuardian {
    name: Printed,
    kana: Printed,
    birth: PrintedDate,
}

#[derive(Serialize)]
struct ConsentText {
    title: Printed,
    version: u32,
    paragraphs: Vec<Printed>,
}

impl Typesetter {
    /// Sets `statement`, frozen at `frozen_at`, as PDF/A-3a + PDF/UA-1, A4, with its canonical
    /// JSON attached. These bytes are what is signed.
    ///
    /// # Errors
    /// [`DocumentError::NotSet`] is a fault of ours, whatever the answers are.
    pub fn application(&self, statement: &Statement, frozen_at: OffsetDateTime) -> Result<Vec<u8>, DocumentError> {
        self.set(Order {
            template: "application.typ",
            edition: &Edition::default(),
            data: self.application_page(statement),
            statement: Some(statement.to_canonical_json()),
            archival: PdfStandard::A_3a,
            identity: format!("{} {} {}", statement.library.slug, statement.reference, statement.version),
            dated: frozen_at,
        })
    }
}

impl Typesetter {
    fn application_page(&self, statement: &Statement) -> ApplicationPage {
        let answers = &statement.answers;
        let consent = |consent: &AgreedText| ConsentText {
            title: self.fonts.printed(&consent.title),
            version: consent.version,
            paragraphs: self.fonts.paragraphs(&consent.text),
        };
        let attached = |attached: &Attached| AttachedPicture {
            label: self.fonts.printed(&attached.label),
            until: attached.expires_on.map(|day| self.printed_day(day)),
            size: attached.size,
            sha256: in_groups(&attached.sha256.to_string()),
        };
        ApplicationPage {
            procedure: statement.procedure,
            library: self.fonts.printed(&statement.library.name),
            municipality: self.fonts.printed(&statement.library.municipality),
            reference: statement.reference.to_string(),
            version: statement.version,
            applied_on: self.printed_day(statement.applied_on),
            name: self.fonts.printed(answers.name.as_str()),
            kana: self.fonts.printed(answers.kana.as_str()),
            birth: self.printed_day(answers.birth.date()),
            postcode: self.fonts.printed(&answers.address.postcode().to_string()),
            address: self.fonts.printed(&answers.address.one_line()),
            phone: answers.phone.as_ref().map(|phone| self.fonts.printed(phone.as_str())),
            email: answers.email.as_ref().map(|email| self.fonts.printed(email.as_str())),
            category: self.fonts.printed(&statement.labels.category),
            branch: self.fonts.printed(&statement.labels.branch),
            delivery: answers.delivery,
            plastic_card: answers.plastic_card,
            request: statement.request.as_ref().map(|request| RequestFacts::of(request, &self.fonts)),
            attachments: answers.attachments.iter().map(attached).collect(),
            relation: statement.labels.relation.as_ref().map(|label| self.fonts.printed(label)),
            children: answers.children().iter().map(|child| self.printed_child(child)).collect(),
            guardian: answers.by_guardian.as_ref().map(|guardian| self.printed_guardian(guardian)),
            consents: statement.consents.iter().map(consent).collect(),
            rules_version: statement.rules_version,
            unsigned: statement.unsigned,
        }
    }
}

impl Typesetter {
    /// What is signed is in Japanese.
    fn printed_day(&self, day: Date) -> PrintedDate {
        PrintedDate::of(day, Words::default(), &self.fonts)
    }

    fn printed_guardian(&self, guardian: &SigningGuardian) -> PrintedGuardian {
        PrintedGuardian {
            name: self.fonts.printed(guardian.name.as_str()),
            kana: self.fonts.printed(guardian.kana.as_str()),
            birth: self.printed_day(guardian.birth.date()),
        }
    }

    fn printed_child(&self, child: &Child) -> PrintedChild {
        let address = child.address.as_ref().map(|address| format!("〒{}　{}", address.postcode(), address.one_line()));
        PrintedChild {
            name: self.fonts.printed(child.name.as_str()),
            kana: self.fonts.printed(child.kana.as_str()),
            birth: self.printed_day(child.birth.date()),
            address: address.map(|address| self.fonts.printed(&address)),
        }
    }
}

fn in_groups(digits: &str) -> String {
    let groups: Vec<&str> =
        (0..digits.len()).step_by(8).filter_map(|start| digits.get(start..digits.len().min(start + 8))).collect();
    groups.join(" ")
}
