//! An application's file: what was declared, what the certificate says, what was checked,
//! what happened; and the decision, for whoever holds the claim.
//!
//! Everything about the applicant is read from the signed document.

mod about_card;
mod answers;
mod attachments;
mod certificate;
mod checks;
mod comparison;
mod cosigner;
mod delivery;
mod desk;
mod number;
mod proofs;
mod rounds;
mod second;
mod teamwork;
mod timeline;

pub(super) use desk::{Desk, Typed};
pub(super) use rounds::values_of;

use super::Named;
use super::conflict::{Why, reason, stands_against};
use super::decision_form::DecisionForm;
use super::elapsed::elapsed;
use super::queue::View;
use super::signed_in::SignedInStaff;
use super::wording::{self, Chip};
use crate::clock::japanese_date;
use crate::domain::application::ApplicationState;
use crate::domain::card::Card;
use crate::domain::permission::Permission;
use crate::domain::review::{Decision, Outcome};
use crate::domain::staff::StaffMember;
use crate::domain::version::Version;
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::form::FieldErrors;
use crate::http::page::{self, Layout};
use crate::service::duplicates::DuplicateCount;
use crate::service::review::{ReviewFile, RevocationAnswer};
use about_card::CardSection;
use actix_web::{HttpResponse, web};
use answers::Answer;
use askama::Template;
use attachments::{Document, Picture};
use certificate::CertificateFacts;
use checks::CheckLine;
use comparison::ComparisonRow;
use cosigner::{GuardianSection, SignedBy};
use delivery::Delivery;
use number::{NumberSection, Standing};
use proofs::{Planned, ProofSection};
use rounds::Round;
use teamwork::{Offer, Teamwork};
use time::OffsetDateTime;
use timeline::Entry;

/// The file.
#[derive(Template)]
#[template(path = "staff/application.html")]
pub(super) struct ApplicationPage {
    layout: Layout,
    errors: FieldErrors,
    reference: String,
    name: String,
    procedure: &'static str,
    chip: Chip,
    received: Option<Moment>,
    waiting: String,
    due: Option<Due>,
    holder: Holder,
    /// True for one's own people: then it is left to others.
    is_related: bool,
    /// The cards that came of it: number, and where their holder's record is.
    cards: Vec<(String, Option<String>)>,
    /// The last day that the card gets if it is approved today.
    planned: Option<Planned>,
    /// What was noted of documents, and the form to note more.
    proofs: ProofSection,
    claim_url: Option<String>,
    release_url: Option<String>,
    decided: Option<Decided>,
    transcription_url: String,
    checked_at: Moment,
    rounds: Vec<Round>,
    checks: Vec<CheckLine>,
    revocation: Option<RevocationNote>,
    comparison: Vec<ComparisonRow>,
    another_person: bool,
    guardian: Option<GuardianSection>,
    about_card: Option<CardSection>,
    granted: &'static str,
    answers: Vec<Answer>,
    documents: Vec<Document>,
    certificate: Option<CertificateFacts>,
    document_url: Option<String>,
    way: &'static str,
    is_signed: bool,
    /// None for a signature that is inside the document.
    signature_url: Option<String>,
    stamped_at: Option<Moment>,
    evidence_url: Option<String>,
    number: Option<NumberSection>,
    /// The guardian who signed about a child's card.
    signed_by: Option<SignedBy>,
    /// None once it has ended.
    duplicates: Option<DuplicatesNote>,
    recusal_url: Option<String>,
    /// How its notices reached the applicant.
    deliveries: Vec<Delivery>,
    timeline: Vec<Entry>,
    team: Teamwork,
    team_url: String,
    panel: Option<Panel>,
    correction_url: String,
    /// Where it is put right with the visitor; none unless it was entered at the counter and sent back.
    counter_url: Option<String>,
    messages_url: String,
}

/// By when the applicant was promised an answer.
struct Due {
    day: Day,
    is_past: bool,
}

/// Who may be registered already.
struct DuplicatesNote {
    count: DuplicateCount,
    url: String,
}

/// What to know about revocation before deciding.
enum RevocationNote {
    /// Nobody can tell yet; asked again at the time.
    Unknown { again_at: Option<Moment> },
    /// Revoked on receipt.
    Revoked { at: Option<Moment> },
    /// Good on receipt, revoked since.
    RevokedSince { at: Moment },
}

impl RevocationNote {
    fn of(file: &ReviewFile) -> Option<Self> {
        file.way?;
        let revoked_at = file.later.as_ref().and_then(|later| later.revoked).map(|revoked| Moment(revoked.at));
        match (file.revocation, revoked_at) {
            (RevocationAnswer::Unknown, _) => Some(Self::Unknown { again_at: file.asked_again_at.map(Moment) }),
            (RevocationAnswer::Revoked, at) => Some(Self::Revoked { at }),
            (RevocationAnswer::Good, Some(at)) => Some(Self::RevokedSince { at }),
            (RevocationAnswer::Good, None) => None,
        }
    }

    /// What stands beside the choice to approve.
    const fn hint(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "証明書の失効を確認できるまで、承認できません",
            Self::Revoked { .. } => "証明書が失効していたため、承認できません",
            Self::RevokedSince { .. } => "",
        }
    }
}

/// Who works on it.
enum Holder {
    Nobody,
    Me { until: Moment },
    Colleague { name: String, until: Moment },
}

/// The standing decision.
struct Decided {
    approved: bool,
    /// How long ago, while it waits for the library system.
    awaited: Option<String>,
    reason: String,
    by: String,
    at: Moment,
}

/// The decision to be taken, on exactly what this page shows.
struct Panel {
    approve_words: &'static str,
    /// What to know before approving, or why nobody may.
    approve_hint: String,
    /// False while something stands against it.
    may_approve: bool,
    /// Why one person is not enough.
    second_because: Vec<&'static str>,
    /// False for whoever only proposes.
    may_decline: bool,
    url: String,
    version: Version,
    input: DecisionForm,
}

/// Shows the file. The service notes the opening in the file's own record.
pub(in crate::http) async fn show(
    staff: SignedInStaff,
    named: web::Path<Named>,
    view: web::Query<View>,
) -> Result<HttpResponse, Error> {
    let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
    let view = view.into_inner().revealed(&staff.here.layout);
    let desk = Desk::laid(&staff, &file, Some(&view).filter(|view| **view != View::default())).await?;
    page::ok(&ApplicationPage::new(staff, &file, desk, DecisionForm::default(), FieldErrors::none()))
}

/// The file once more, with what was typed beside the decision and what is wrong with it.
pub(super) async fn again(
    staff: SignedInStaff,
    named: &Named,
    typed: Typed,
    errors: FieldErrors,
) -> Result<HttpResponse, Error> {
    let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
    let desk = Desk::laid(&staff, &file, None).await?.with(typed);
    page::again(&ApplicationPage::new(staff, &file, desk, DecisionForm::default(), errors))
}

/// Leads from an address that only takes posts to the file that it is about.
pub(in crate::http) async fn lead_there(staff: SignedInStaff, named: web::Path<Named>) -> HttpResponse {
    page::see_other(staff.here.urls.staff_application(&named.reference))
}

impl ApplicationPage {
    /// The file as `staff` sees it, with what was typed into the decision so far.
    pub(super) fn new(
        staff: SignedInStaff,
        file: &ReviewFile,
        desk: Desk,
        input: DecisionForm,
        errors: FieldErrors,
    ) -> Self {
        let now = staff.now();
        let due = file.application.state.submitted_at().map(|received| {
            let counted =
                staff.here.library.rules.answer_promised_for(file.application.procedure, japanese_date(received));
            let day = file.application.due_on.unwrap_or(counted);
            let is_open = !file.application.state.is_final();
            Due { day: Day(day), is_past: is_open && day < japanese_date(now) }
        });
        Self::of(staff.here.layout, &staff.member, file, (desk, due, now), input, errors)
    }

    fn of(
        layout: Layout,
        me: &StaffMember,
        file: &ReviewFile,
        (desk, due, now): (Desk, Option<Due>, OffsetDateTime),
        input: DecisionForm,
        errors: FieldErrors,
    ) -> Self {
        let application = &file.application;
        let url = |rest: &str| layout.urls.staff_application_path(&application.reference, rest);
        let holder = holder_of(file, me, now);
        let panel = (matches!(holder, Holder::Me { .. }) && !file.is_related).then(|| Panel {
            url: url(""),
            approve_words: if file.needs_second() && file.first_approval.is_none() {
                "1人目として承認"
            } else if file.is_awaited_outside {
                wording::OF_AWAITED_APPROVAL
            } else {
                wording::of_approval(application.procedure)
            },
            approve_hint: approve_hint(file, me),
            may_approve: stands_against(file, me).is_none(),
            second_because: second::reasons(file),
            may_decline: application.must_be_for(me, Permission::Decide).is_ok(),
            version: file.version,
            input,
        });
        let is_colleagues = matches!(holder, Holder::Colleague { .. });
        let in_queue = application.state.is_in_queue() && application.must_be_for(me, Permission::Review).is_ok();
        let received = application.state.submitted_at();
        let may_take = application.must_be_for(me, Permission::TakeEvidence).is_ok();
        Self {
            errors,
            reference: application.reference.to_string(),
            name: file.statement.answers.name.as_str().to_owned(),
            procedure: wording::of_procedure(application.procedure),
            chip: wording::chip(application.procedure, &application.state, now),
            received: received.map(Moment),
            waiting: received.map(|received| elapsed(received, now)).unwrap_or_default(),
            due,
            claim_url: (in_queue && !file.is_related && matches!(holder, Holder::Nobody)).then(|| url("/claim")),
            is_related: file.is_related,
            cards: cards_of(&layout, me, file),
            planned: file.planned.as_ref().map(Planned::of),
            proofs: ProofSection::of(file, matches!(holder, Holder::Me { .. }).then(|| url("/proof"))),
            rounds: rounds::newest_first(&file.rounds, &file.staff),
            correction_url: url("/correction"),
            counter_url: (matches!(application.state, ApplicationState::Returned(_))
                && file.sighting.is_some()
                && application.must_be_for(me, Permission::EnterApplication).is_ok())
            .then(|| layout.urls.staff_visit(&application.reference)),
            messages_url: url("/messages"),
            release_url: matches!(holder, Holder::Me { .. }).then(|| url("/release")),
            decided: file.decision.as_ref().map(|decision| {
                let is_awaited = matches!(application.state, ApplicationState::Approved { .. });
                let awaited = is_awaited.then(|| elapsed(decision.decided_at, now));
                Decided { awaited, ..Decided::of(decision, &file.staff) }
            }),
            transcription_url: url("/transcription"),
            checked_at: Moment(file.checked_at()),
            checks: match (&file.verdict, &file.sighting) {
                (Some(verdict), _) => checks::lines(verdict, file.later.as_ref()),
                (None, Some(sighting)) => vec![checks::of_sighting(sighting, &file.staff)],
                (None, None) if file.is_pictured() => vec![checks::of_pictures(&file.statement.answers.attachments)],
                (None, None) => Vec::new(),
            },
            revocation: RevocationNote::of(file),
            another_person: file.comparison.iter().any(crate::domain::likeness::Comparison::is_another_person),
            guardian: file.guardian.as_ref().map(GuardianSection::of),
            about_card: file
                .about_card
                .as_ref()
                .map(|about| CardSection::of(about, matches!(holder, Holder::Me { .. }).then(|| url("/patron")))),
            granted: wording::of_granted(application.procedure),
            comparison: file.comparison.iter().map(ComparisonRow::of).collect(),
            answers: answers::lines(&file.statement),
            documents: attachments::documents(
                &file.statement.answers.attachments,
                &file.attachments,
                japanese_date(now),
                |row| may_take.then(|| url(&format!("/attachments/{}", row.id))),
            ),
            certificate: file.verdict.as_ref().and_then(|verdict| verdict.signer.as_ref()).map(CertificateFacts::of),
            document_url: may_take.then(|| url("/document")),
            way: match file.way {
                Some(way) => wording::of_way(way),
                None if file.is_pictured() => "署名なし・書類の画像で本人確認",
                None => "署名なし・窓口で本人確認",
            },
            is_signed: file.way.is_some(),
            signature_url: (may_take && file.way.is_some() && !file.is_signed_inside).then(|| url("/signature")),
            stamped_at: file.stamped_at.map(Moment),
            evidence_url: may_take.then(|| url("/evidence.zip")),
            // The children's cards have nothing to do with their guardian's certificate.
            number: NumberSection::of(application, file.certificate_number.as_ref(), url("/certificate-number"))
                .filter(|_| file.statement.answers.relation().is_none()),
            signed_by: SignedBy::of(&file.statement),
            team_url: url(""),
            team: Teamwork::of(file, me, is_colleagues, desk),
            duplicates: (!application.state.is_final())
                .then(|| DuplicatesNote { count: file.duplicates, url: url("/duplicates") }),
            recusal_url: (in_queue && !file.is_related).then(|| url("/recusal")),
            deliveries: delivery::newest_first(file),
            timeline: timeline::newest_first(&file.timeline, &file.staff),
            holder,
            panel,
            layout,
        }
    }
}

/// Why approving would be refused, as far as that is known.
fn approve_hint(file: &ReviewFile, me: &StaffMember) -> String {
    match RevocationNote::of(file).map_or("", |note| note.hint()) {
        "" => {}
        hint => return hint.to_owned(),
    }
    match stands_against(file, me) {
        Some(Why::DuplicateHold(_)) => "似ている人の判断が終わるまで、承認できません".to_owned(),
        against => against.as_ref().map(reason).unwrap_or_default(),
    }
}

/// The cards that came of it, each with the way to its holder.
fn cards_of(layout: &Layout, me: &StaffMember, file: &ReviewFile) -> Vec<(String, Option<String>)> {
    let may_see = me.may(Permission::SeePatrons);
    let url = |card: &Card| may_see.then(|| layout.urls.staff_patron(card.patron_id, ""));
    file.cards.iter().map(|card| (card.number.as_str().to_owned(), url(card))).collect()
}

fn holder_of(file: &ReviewFile, me: &StaffMember, now: OffsetDateTime) -> Holder {
    match file.application.state {
        ApplicationState::UnderReview { reviewer, lease_until, .. } if lease_until > now => {
            let until = Moment(lease_until);
            if reviewer == me.id {
                Holder::Me { until }
            } else {
                Holder::Colleague { name: wording::name_of(&file.staff, reviewer), until }
            }
        }
        _ => Holder::Nobody,
    }
}

impl Decided {
    fn of(decision: &Decision, staff: &[StaffMember]) -> Self {
        let reason = match &decision.outcome {
            Outcome::Approved => String::new(),
            Outcome::Declined(reason) => reason.as_str().to_owned(),
        };
        Self {
            awaited: None,
            approved: decision.outcome == Outcome::Approved,
            reason,
            by: wording::name_of_decider(staff, decision.decided_by),
            at: Moment(decision.decided_at),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
