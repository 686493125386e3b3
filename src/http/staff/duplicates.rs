//! Who may be registered already: the applicant and each candidate side by side, and the reviewer's verdict.

use super::Named;
use super::conflict;
use super::marking::{Stretch, marked, marked_dates};
use super::signed_in::SignedInStaff;
use super::wording;
use crate::clock::japanese_date;
use crate::domain::duplicate::{
    CandidateOwner, DuplicateVerdict, FactPair, LONGEST_NOTE, SharedFact, Strength, VerdictNote,
};
use crate::domain::staff::StaffMember;
use crate::http::error::Error;
use crate::http::filters::{Day, Moment};
use crate::http::form::{FieldErrors, TextForm};
use crate::http::my_number;
use crate::http::page::{self, Layout};
use crate::service::duplicates::{DuplicatePair, DuplicatesFile, SeenPair};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use time::Date;

/// What was chosen about one candidate, on exactly what the page showed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct VerdictForm {
    candidate: String,
    own: String,
    other: String,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    note: String,
}

/// The candidates.
#[derive(Template)]
#[template(path = "staff/duplicates.html")]
struct DuplicatesPage {
    layout: Layout,
    errors: FieldErrors,
    reference: String,
    name: String,
    file_url: String,
    url: String,
    may_judge: bool,
    is_final: bool,
    sections: Vec<Section>,
}

/// One candidate.
struct Section {
    /// Counted from 1; part of the ids of its controls.
    number: usize,
    heading: String,
    /// What is known besides the facts: the card, or where the application stands.
    standing: String,
    /// The file, if it is an application.
    file_url: Option<String>,
    strength: &'static str,
    rows: Vec<Row>,
    candidate: String,
    own: String,
    other: String,
    said: Option<Said>,
    holds: bool,
    is_patron: bool,
    input: Input,
}

/// What the form holds.
#[derive(Default)]
struct Input {
    verdict: String,
    note: String,
}

struct Said {
    is_same: bool,
    word: &'static str,
    note: String,
    by: String,
    at: Moment,
}

struct Row {
    label: &'static str,
    mine: Vec<Stretch>,
    theirs: Vec<Stretch>,
    sign: &'static str,
    word: &'static str,
}

/// Shows the candidates.
pub(in crate::http) async fn show(staff: SignedInStaff, named: web::Path<Named>) -> Result<HttpResponse, Error> {
    match staff.here.portal.duplicates(&staff.member, &named.reference).await {
        Ok(file) => page::ok(&DuplicatesPage::new(staff, &file, &VerdictForm::default(), FieldErrors::none())),
        Err(error) => conflict::explain(staff, &named.reference, error, "").await,
    }
}

/// Remembers the verdict.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<VerdictForm>,
) -> Result<HttpResponse, Error> {
    let location = staff.here.urls.staff_application_path(&named.reference, "/duplicates");
    let seen = form.input.seen()?;
    let choice = form.input.choice();
    let choice = form.checked(Ok(())).map_err(|_| Fault::MayBeMyNumber).and(choice);
    let once = staff.here.once(form.once, "staff/duplicates", location.clone());
    let (verdict, note) = match choice {
        Ok(choice) => choice,
        Err(fault) => {
            let file = staff.here.portal.duplicates(&staff.member, &named.reference).await?;
            let errors = fault.at(file.pairs.iter().position(|pair| pair.candidate.id() == seen.candidate));
            return page::again(&DuplicatesPage::new(staff, &file, &form.input, errors));
        }
    };
    match staff.here.portal.judge_duplicate(&staff.member, &named.reference, seen, verdict, note, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => conflict::explain(staff, &named.reference, error, &form.input.note).await,
    }
}

/// What is wrong with a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    NothingChosen,
    NoteTooLong,
    MayBeMyNumber,
}

impl Fault {
    /// The sentence at the control of the candidate in this place.
    fn at(self, place: Option<usize>) -> FieldErrors {
        let number = place.unwrap_or_default() + 1;
        match self {
            Self::NothingChosen => {
                FieldErrors::one(format!("verdict-{number}"), "同じ人か、別の人か、まだわからないかを選んでください")
            }
            Self::NoteTooLong => {
                FieldErrors::one(format!("note-{number}"), format!("メモは{LONGEST_NOTE}文字までです"))
            }
            Self::MayBeMyNumber => {
                let mut errors = FieldErrors::none();
                errors.ask(format!("note-{number}"), my_number::maybe());
                errors
            }
        }
    }
}

impl VerdictForm {
    /// The pair that the page showed.
    fn seen(&self) -> Result<SeenPair, Error> {
        Ok(SeenPair {
            candidate: self.candidate.parse().map_err(|_| Error::BadForm)?,
            digests: [self.own.parse().map_err(|_| Error::BadForm)?, self.other.parse().map_err(|_| Error::BadForm)?],
        })
    }

    fn choice(&self) -> Result<(DuplicateVerdict, Option<VerdictNote>), Fault> {
        let verdict = self.verdict.parse().map_err(|_| Fault::NothingChosen)?;
        let note = VerdictNote::parse(&self.note).map_err(|_| Fault::NoteTooLong)?;
        Ok((verdict, note))
    }
}

impl DuplicatesPage {
    fn new(staff: SignedInStaff, file: &DuplicatesFile, input: &VerdictForm, errors: FieldErrors) -> Self {
        let today = japanese_date(staff.now());
        Self::of(staff.here.layout, file, today, input, errors)
    }

    fn of(layout: Layout, file: &DuplicatesFile, today: Date, input: &VerdictForm, errors: FieldErrors) -> Self {
        let reference = &file.application.reference;
        let section = |(number, pair)| Section::of(number, pair, &file.staff, today, input, &layout);
        Self {
            sections: (1..).zip(&file.pairs).map(section).collect(),
            errors,
            reference: reference.to_string(),
            name: file.name.clone(),
            file_url: layout.urls.staff_application(reference),
            url: layout.urls.staff_application_path(reference, "/duplicates"),
            may_judge: file.may_judge,
            is_final: file.application.state.is_final(),
            layout,
        }
    }
}

impl Section {
    fn of(
        number: usize,
        pair: &DuplicatePair,
        staff: &[StaffMember],
        today: Date,
        input: &VerdictForm,
        layout: &Layout,
    ) -> Self {
        let candidate = pair.candidate.id().to_string();
        let is_typed = input.candidate == candidate;
        let said = pair.verdict.as_ref().map(|said| Said {
            is_same: said.verdict == DuplicateVerdict::Same,
            word: of_verdict(said.verdict),
            note: said.note.as_ref().map(|note| note.as_str().to_owned()).unwrap_or_default(),
            by: wording::name_of(staff, said.by),
            at: Moment(said.at),
        });
        let file_url = match &pair.candidate {
            CandidateOwner::Patron { .. } => None,
            CandidateOwner::Application { reference, .. } => Some(layout.urls.staff_application(reference)),
        };
        Self {
            number,
            heading: heading(&pair.candidate),
            standing: standing(&pair.candidate, today),
            file_url,
            strength: pair.resemblance.strength.map_or("", of_strength),
            rows: pair.resemblance.facts.iter().map(Row::of).collect(),
            candidate,
            own: pair.digests[0].to_string(),
            other: pair.digests[1].to_string(),
            said,
            holds: pair.holds,
            is_patron: matches!(pair.candidate, CandidateOwner::Patron { .. }),
            input: if is_typed {
                Input { verdict: input.verdict.clone(), note: input.note.clone() }
            } else {
                Input::default()
            },
        }
    }
}

impl Row {
    fn of(pair: &FactPair) -> Self {
        let (sign, word) = wording::of_likeness(pair.likeness);
        let [mine, theirs] = if pair.fact == SharedFact::Birth {
            marked_dates(&pair.mine, &pair.theirs)
        } else {
            let differences = &pair.differences;
            [
                marked(&pair.mine, differences.iter().map(|place| place.declared.as_str())),
                marked(&pair.theirs, differences.iter().map(|place| place.certificate.as_str())),
            ]
        };
        Self { label: of_fact(pair.fact), mine, theirs, sign, word }
    }
}

fn heading(candidate: &CandidateOwner) -> String {
    match candidate {
        CandidateOwner::Patron { card: Some((number, _)), .. } => format!("登録 カード {}", number.as_str()),
        CandidateOwner::Patron { card: None, .. } => "登録 カードなし".to_owned(),
        CandidateOwner::Application { reference, .. } => format!("申込み {reference}"),
    }
}

fn standing(candidate: &CandidateOwner, today: Date) -> String {
    match candidate {
        CandidateOwner::Patron { registered_at, card, .. } => {
            let registered = format!("登録した日 {}", Day::of(*registered_at));
            match card {
                Some((_, expires_on)) if *expires_on < today => {
                    format!("{registered}。カードの期限は{}に切れています", Day(*expires_on))
                }
                Some((_, expires_on)) => format!("{registered}。カードの期限 {}", Day(*expires_on)),
                None => registered,
            }
        }
        CandidateOwner::Application { submitted_at, is_open, .. } => {
            let received = submitted_at.map_or_else(String::new, |at| format!("受付 {}。", Moment(at).dense()));
            let state =
                if *is_open { "まだ決定していません" } else { "「承認しない」と決定しました" };
            format!("{received}{state}")
        }
    }
}

const fn of_strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Same => "同じ人らしい",
        Strength::Likely => "同じ人かもしれない",
        Strength::Possible => "念のため確認",
    }
}

const fn of_verdict(verdict: DuplicateVerdict) -> &'static str {
    match verdict {
        DuplicateVerdict::Same => "同じ人",
        DuplicateVerdict::Different => "別の人",
        DuplicateVerdict::Unsure => "まだわからない",
    }
}

const fn of_fact(fact: SharedFact) -> &'static str {
    match fact {
        SharedFact::Name => "氏名",
        SharedFact::Kana => "フリガナ",
        SharedFact::Birth => "生年月日",
        SharedFact::Address => "住所",
        SharedFact::Phone => "電話番号",
        SharedFact::Email => "メールアドレス",
    }
}

#[cfg(test)]
mod tests {
    use super::super::application::tests::{NOW, me, sample_file};
    use super::*;
    use crate::domain::duplicate::{PersonFacts, StandingVerdict, resemblance};
    use crate::domain::ids::PatronId;
    use crate::domain::version::Digest;
    use time::macros::date;

    fn file(verdict: Option<DuplicateVerdict>) -> DuplicatesFile {
        let review = sample_file();
        let mine = PersonFacts::from(&review.statement.answers);
        let theirs = PersonFacts { name: "高橋　花子".parse().unwrap(), email: None, ..mine.clone() };
        let pair = DuplicatePair {
            candidate: CandidateOwner::Patron {
                id: PatronId::new(NOW),
                application_id: None,
                registered_at: NOW,
                card: Some(("200000000017".parse().unwrap(), date!(2026 - 04 - 01))),
            },
            resemblance: resemblance(&mine, &theirs),
            digests: [Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32])],
            verdict: verdict.map(|verdict| StandingVerdict {
                verdict,
                note: VerdictNote::parse("電話で<確認>").unwrap(),
                by: me().id,
                at: NOW,
            }),
            holds: verdict.is_none(),
        };
        DuplicatesFile {
            application: review.application,
            name: "髙橋　花子".into(),
            pairs: vec![pair],
            may_judge: true,
            staff: vec![me()],
        }
    }

    fn drawn(file: &DuplicatesFile, input: &VerdictForm, errors: FieldErrors) -> String {
        DuplicatesPage::of(Layout::sample(), file, date!(2026 - 11 - 20), input, errors).render().unwrap()
    }

    #[test]
    fn both_people_stand_side_by_side_with_what_differs_marked() {
        let page = drawn(&file(None), &VerdictForm::default(), FieldErrors::none());
        assert!(page.contains("<mark>髙</mark>橋") && page.contains("<mark>高</mark>橋"), "{page}");
        assert!(page.contains("200000000017") && page.contains("切れています"));
        for value in ["same", "different", "unsure"] {
            assert_eq!(page.matches(&format!("value=\"{value}\"")).count(), 1, "{value}");
        }
        assert!(page.contains(&format!("name=\"own\" value=\"{}\"", "01".repeat(32))));
        assert!(!page.contains('%'), "no score");
    }

    #[test]
    fn a_verdict_is_shown_with_who_and_why() {
        let page = drawn(&file(Some(DuplicateVerdict::Same)), &VerdictForm::default(), FieldErrors::none());
        assert!(page.contains("電話で&#60;確認&#62;") && page.contains("佐藤") && page.contains("同じ人"));
        assert!(page.contains("すでに図書館カードの登録があります"), "words for the applicant are offered");
    }

    #[test]
    fn without_the_claim_there_is_nothing_to_press() {
        let page =
            drawn(&DuplicatesFile { may_judge: false, ..file(None) }, &VerdictForm::default(), FieldErrors::none());
        assert!(!page.contains("name=\"verdict\"") && page.contains("担当する"));
    }

    #[test]
    fn a_missing_choice_is_said_at_its_candidate_and_the_note_stays() {
        let file = file(None);
        let input = VerdictForm {
            candidate: file.pairs[0].candidate.id().to_string(),
            note: "書きかけ".into(),
            ..VerdictForm::default()
        };
        assert_eq!(input.choice().unwrap_err(), Fault::NothingChosen);
        let page = drawn(&file, &input, Fault::NothingChosen.at(Some(0)));
        assert!(page.contains("href=\"#verdict-1\"") && page.contains("id=\"verdict-1\""));
        assert!(page.contains("書きかけ"));
        let long = VerdictForm { verdict: "same".into(), note: "あ".repeat(501), ..input };
        assert_eq!(long.choice().unwrap_err(), Fault::NoteTooLong);
    }
}
