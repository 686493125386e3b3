//! All answers once more, the consents, and the way of delivery. Going on freezes the document.

use super::answers_list;
use super::applicant::{Applicant, Frame, Origin, url_of};
use super::documents::wording::of_before;
use super::elsewhere::Why;
use super::visit::OtherWays;
use crate::domain::answers::{Delivery, DraftAnswers, Question};
use crate::domain::application::{ApplicationState, Refused};
use crate::domain::cosigning::CosignerNeed;
use crate::domain::library::{ConsentVersion, LibraryRules};
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{FieldErrors, OneTime, TextForm};
use crate::http::page::{self, Layout};
use crate::http::procedure_wording as wording;
use crate::http::urls::Urls;
use crate::service;
use crate::service::apply::Answer;
use crate::service::sign::SigningProblem;
use crate::words::{AsTyped, AsWritten, Phrase, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The boxes as ticked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct CheckForm {
    consent: Vec<String>,
    delivery: String,
    plastic_card: String,
}

/// Why the page was opened, if not by going on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Arrival {
    why: String,
}

impl Arrival {
    /// True if another page has changed the answers since they were seen.
    fn is_after_change(&self) -> bool {
        self.why == "changed"
    }
}

/// The page.
#[derive(Template)]
#[template(path = "apply/check.html")]
struct CheckPage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    arrival: Arrival,
    /// What is applied for.
    title: Phrase,
    /// True if a plastic card can be wanted.
    asks_plastic: bool,
    rows: Vec<ChangeableRow>,
    consents: Vec<ConsentBox>,
    delivery: String,
    plastic_card: bool,
    /// False while something else has to be put right: then consents and delivery stay what they were.
    asks_delivery: bool,
    /// The ways for whoever cannot sign.
    other_ways: OtherWays,
    /// From when and by when it is answered, if something is waited for first.
    promise: Option<(Day, Day)>,
    /// The last day of the card, if it is approved today.
    expiry: Option<Phrase>,
    /// Which documents need not be shown again.
    shown_before: Vec<Phrase>,
    /// What is printed otherwise than it was typed, if anything is.
    unprintable: Option<Phrase>,
}

struct ChangeableRow {
    label: Phrase,
    value: Phrase,
    /// None for what must not be changed.
    change_url: Option<String>,
}

struct ConsentBox {
    id: String,
    value: String,
    title: AsWritten,
    paragraphs: Vec<AsWritten>,
    /// What counts, in Japanese; empty unless it was a translation that stood before.
    original: Vec<AsWritten>,
    checked: bool,
}

/// Shows all answers.
pub(in crate::http) async fn show(applicant: Applicant, arrival: web::Query<Arrival>) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Consent)?;
    if lacks_cosigner(&applicant) {
        return Ok(page::see_other(applicant.here.urls.apply_guardian()));
    }
    let input = applicant.left(Question::Consent).unwrap_or_else(|| of_answers(&applicant.draft.answers));
    draw(applicant, &input, FieldErrors::none(), arrival.into_inner()).await
}

/// Saves consents and delivery, freezes the document and leads to its signing.
pub(in crate::http) async fn submit(applicant: Applicant, form: TextForm<CheckForm>) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Consent)?;
    if let Some(page) = form.later() {
        return applicant.leave(Question::Consent, page).await;
    }
    let refused = form.checked(Ok(())).err().unwrap_or_default();
    let given = if applicant.draft.is_open(Question::Consent) {
        form.input
    } else if form.input.is_empty() {
        of_answers(&applicant.draft.answers)
    } else {
        // No page of ours asked for it.
        return Err(Error::Refused(Refused::NotAsked));
    };
    let answer = match read(&given, &applicant.draft.rules) {
        Ok(_) if !refused.is_empty() => return draw(applicant, &given, refused, Arrival::default()).await,
        Ok(answer) => answer,
        Err(errors) => return draw(applicant, &given, errors, Arrival::default()).await,
    };
    let here = &applicant.here;
    if is_grown(&applicant) {
        return Ok(page::see_other(here.urls.apply_sign_problem(SigningProblem::ChildGrown.kind())));
    }
    if let Err(reason) = applicant.draft.answers.check_eligibility(&applicant.draft.rules, here.portal.clock.today()) {
        return Ok(page::see_other(Why::from(reason).url(&here.urls)));
    }
    if need_of(&applicant) == CosignerNeed::TooYoung {
        return Ok(page::see_other(Why::Cosigner.url(&here.urls)));
    }
    if applicant.draft.answers.unsigned {
        return send(&applicant, answer, form.once).await;
    }
    let location = here.urls.apply_sign();
    let is_frozen = matches!(applicant.draft.application.state, ApplicationState::AwaitingSignature { .. });
    if is_frozen && answer.is_in(&applicant.draft.answers) {
        // The second click, or nothing changed: the document that waits is the right one.
        return Ok(page::see_other(location));
    }
    let once = here.once(form.once, "apply/check", location.clone());
    match here.portal.freeze(&here.library, applicant.draft.application.id, answer.into(), &once).await {
        Ok(_) => {
            // The way by telephone stands ready; whoever signs on this device does not need it.
            here.portal.show_handoff(&here.library, &here.visit.token(), applicant.draft.application.id).await?;
            Ok(page::see_other(location))
        }
        Err(error) => lead_back(&here.urls, error),
    }
}

/// Sends what nobody signs, with pictures of documents.
async fn send(applicant: &Applicant, answer: Consented, once: OneTime) -> Result<HttpResponse, Error> {
    let here = &applicant.here;
    let location = if applicant.is_correcting() { here.urls.status() } else { here.urls.apply_done() };
    let once = here.once(once, "apply/check", location.clone());
    match here.portal.submit_unsigned(&here.library, applicant.draft.application.id, answer.into(), &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => lead_back(&here.urls, error),
    }
}

fn need_of(applicant: &Applicant) -> CosignerNeed {
    applicant.draft.answers.cosigner_need(&applicant.draft.rules, applicant.today())
}

/// True if a guardian asks about the card of a child who signs for themselves by now.
fn is_grown(applicant: &Applicant) -> bool {
    let (answers, rules) = (&applicant.draft.answers, &applicant.draft.rules);
    let born = answers.birth.filter(|_| answers.by_guardian.is_some());
    born.is_some_and(|born| !rules.guardian_signs_for(born, applicant.today()))
}

/// True if a guardian has to sign as well, and none is named yet.
fn lacks_cosigner(applicant: &Applicant) -> bool {
    need_of(applicant) == CosignerNeed::Guardian && applicant.draft.answers.cosigner.is_none()
}

/// The guardian who is asked after the applicant has signed.
fn cosigner_row(applicant: &Applicant) -> Option<ChangeableRow> {
    let cosigner = applicant.draft.answers.cosigner.as_ref();
    let cosigner = cosigner.filter(|_| need_of(applicant) == CosignerNeed::Guardian)?;
    let relation = applicant.draft.rules.relation(&cosigner.relation).map(AsWritten::from).unwrap_or_default();
    let words = applicant.words();
    let named = words.apply_cosigner_named(AsTyped::from(cosigner.name.as_str()), relation);
    Some(ChangeableRow {
        label: words.apply_cosigner_row(),
        value: words.join([named, words.say(cosigner.email.as_str())], "\n"),
        change_url: Some(applicant.here.urls.apply_guardian()),
    })
}

fn lead_back(urls: &Urls, error: service::Error) -> Result<HttpResponse, Error> {
    match error {
        service::Error::NoCosigner => Ok(page::see_other(urls.apply_guardian())),
        service::Error::Unsettled => Ok(page::see_other(urls.status_fix())),
        service::Error::Unanswered(question) => Ok(page::see_other(url_of(urls, question))),
        error => Err(error.into()),
    }
}

impl CheckForm {
    fn is_empty(&self) -> bool {
        self.consent.is_empty() && self.delivery.is_empty() && self.plastic_card.is_empty()
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Consented {
    consents: Vec<ConsentVersion>,
    delivery: Delivery,
    plastic_card: bool,
}

impl Consented {
    fn is_in(&self, answers: &DraftAnswers) -> bool {
        answers.delivery == Some(self.delivery)
            && answers.plastic_card == self.plastic_card
            && answers.consents == self.consents
    }
}

impl From<Consented> for Answer {
    fn from(consented: Consented) -> Self {
        let Consented { consents, delivery, plastic_card } = consented;
        Self::Consent { consents, delivery, plastic_card }
    }
}

fn read(input: &CheckForm, rules: &LibraryRules) -> Result<Consented, FieldErrors> {
    let mut errors = FieldErrors::none();
    let delivery = match input.delivery.as_str() {
        "electronic" => Some(Delivery::Electronic),
        "paper" => Some(Delivery::Paper),
        _ => None,
    };
    if delivery.is_none() {
        errors.add("delivery", Words::default().apply_check_delivery_missing());
    }
    let mut consents = Vec::new();
    for consent in &rules.consents {
        let version = consent.version();
        if input.consent.contains(&value_of(&version)) {
            consents.push(version);
        } else {
            errors.add(control_of(&version), Words::default().apply_check_consent_missing(&consent.title));
        }
    }
    match delivery {
        Some(delivery) if errors.is_empty() => {
            Ok(Consented { consents, delivery, plastic_card: input.plastic_card == "yes" })
        }
        _ => Err(errors),
    }
}

fn value_of(version: &ConsentVersion) -> String {
    format!("{}:{}", version.id, version.version)
}

fn control_of(version: &ConsentVersion) -> String {
    format!("consent-{}", version.id)
}

fn of_answers(answers: &DraftAnswers) -> CheckForm {
    let delivery = match answers.delivery {
        Some(Delivery::Electronic) => "electronic",
        Some(Delivery::Paper) => "paper",
        None => "",
    };
    CheckForm {
        consent: answers.consents.iter().map(value_of).collect(),
        delivery: delivery.to_owned(),
        plastic_card: if answers.plastic_card { "yes".to_owned() } else { String::new() },
    }
}

fn consent_boxes(words: Words, rules: &LibraryRules, input: &CheckForm) -> Vec<ConsentBox> {
    let of_consent = |consent: &crate::domain::library::Consent| {
        let version = consent.version();
        let value = value_of(&version);
        let text = AsWritten::from(&consent.text);
        ConsentBox {
            id: control_of(&version),
            checked: input.consent.contains(&value),
            value,
            title: (&consent.title).into(),
            paragraphs: text.paragraphs(words),
            original: text.behind_translation(words).map(|text| text.paragraphs(words)).unwrap_or_default(),
        }
    };
    rules.consents.iter().map(of_consent).collect()
}

/// Before anything is signed: which signs the document will print otherwise.
fn unprintable(applicant: &Applicant, rows: &[ChangeableRow]) -> Option<Phrase> {
    let said: String = rows.iter().map(|row| row.value.plain()).collect();
    let signs = applicant.here.portal.unprintable(&said);
    let codes: Vec<String> = signs.iter().map(|sign| format!("{sign} (U+{:04X})", u32::from(*sign))).collect();
    (!codes.is_empty()).then(|| applicant.words().apply_check_unprintable(AsTyped::from(codes.join(", "))))
}

async fn draw(
    applicant: Applicant,
    input: &CheckForm,
    errors: FieldErrors,
    arrival: Arrival,
) -> Result<HttpResponse, Error> {
    let (here, id) = (&applicant.here, applicant.draft.application.id);
    let late = here.portal.promise_before_sending(&here.library, &here.visit.token(), id).await?;
    let promise = late.map(|late| (Day(late.allowed_from), Day(late.answer_by)));
    let is_fresh = errors.is_empty();
    let page = CheckPage { arrival, ..page_of(applicant, input, errors, promise) };
    if is_fresh { page::ok(&page) } else { page::again(&page) }
}

fn page_of(applicant: Applicant, input: &CheckForm, errors: FieldErrors, promise: Option<(Day, Day)>) -> CheckPage {
    let frame = applicant.frame(Question::Consent, &Origin::default());
    let urls = &applicant.here.urls;
    let draft = &applicant.draft;
    let asks_delivery = draft.is_open(Question::Consent);
    let rows = if asks_delivery {
        answers_list::of_draft(&draft.answers, &draft.rules)
    } else {
        answers_list::of_draft_with_delivery(&draft.answers, &draft.rules)
    };
    let rows = rows
        .into_iter()
        .map(|row| row.in_words(applicant.words()))
        .map(|row| ChangeableRow {
            label: row.label,
            value: row.value,
            // Who signs for a child is known, and no question.
            change_url: (draft.is_open(row.question) && draft.answers.questions().contains(&row.question))
                .then(|| format!("{}?from=check", url_of(urls, row.question))),
        })
        .chain(cosigner_row(&applicant))
        .collect::<Vec<_>>();
    let procedure = applicant.draft.application.procedure;
    let unprintable = unprintable(&applicant, &rows);
    CheckPage {
        unprintable,
        frame,
        errors,
        arrival: Arrival::default(),
        title: wording::title(applicant.words(), procedure),
        asks_plastic: wording::makes_card(procedure),
        rows,
        consents: consent_boxes(applicant.words(), &applicant.draft.rules, input),
        delivery: input.delivery.clone(),
        plastic_card: input.plastic_card == "yes",
        asks_delivery,
        other_ways: OtherWays::of(&applicant),
        promise,
        expiry: expiry_of(&applicant),
        shown_before: shown_before(&applicant),
        layout: applicant.here.layout,
    }
}

/// The last day of the card, if it is approved today, and the document that sets it.
fn expiry_of(applicant: &Applicant) -> Option<Phrase> {
    let planned = applicant.draft.planned_expiry(applicant.today())?;
    let (words, day) = (applicant.words(), Day(planned.expires_on));
    Some(match planned.ends_with {
        Some(label) => words.apply_check_expiry_with(day, label),
        None => words.apply_check_expiry(day),
    })
}

/// Of each demand that a document meets which was shown before: that nothing is needed.
fn shown_before(applicant: &Applicant) -> Vec<Phrase> {
    let asked = applicant.draft.asked_evidence(applicant.today());
    let before = asked.iter().filter_map(|asked| asked.before.as_ref());
    before.map(|before| of_before(applicant.words(), before)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(delivery: &str, checked: bool) -> String {
        drawn_for(delivery, checked, false)
    }

    fn drawn_for(delivery: &str, checked: bool, is_unsigned: bool) -> String {
        let page = CheckPage {
            layout: Layout::sample(),
            frame: Frame::sample(Question::Consent),
            errors: FieldErrors::one("consent-terms", "確かめてください"),
            arrival: Arrival::default(),
            title: "図書館カードの新規登録".into(),
            asks_plastic: true,
            rows: vec![ChangeableRow {
                label: "住所".into(),
                value: "〒920-0000\n石川県金沢市".into(),
                change_url: Some("/aozora/ja/apply/address?from=check".into()),
            }],
            consents: vec![ConsentBox {
                id: "consent-terms".into(),
                value: "terms:1".into(),
                title: "利用の規則".into(),
                paragraphs: vec!["規則を守ります。".into(), "引っ越したら届け出ます。".into()],
                original: Vec::new(),
                checked,
            }],
            delivery: delivery.into(),
            plastic_card: false,
            asks_delivery: true,
            other_ways: OtherWays { slip: true, pictures: true, is_unsigned },
            promise: None,
            expiry: Some("2029年11月20日まで".into()),
            shown_before: Vec::new(),
            unprintable: None,
        };
        page.render().unwrap()
    }

    #[test]
    fn nothing_is_ticked_beforehand() {
        assert!(!drawn("", false).contains(" checked"));
        assert_eq!(drawn("paper", true).matches(" checked").count(), 2);
    }

    #[test]
    fn who_sends_pictures_signs_nothing_and_can_still_go_back() {
        let page = drawn_for("", false, true);
        assert!(page.contains(">この内容で申し込む</button>") && !page.contains("署名へ進む"));
        assert!(page.contains(">署名して申し込む</button>"));
        let signing = drawn("", false);
        assert!(signing.contains("署名へ進む") && !signing.contains("この内容で申し込む"));
    }

    #[test]
    fn each_answer_can_be_changed_and_says_which() {
        let page = drawn("", false);
        assert!(
            page.contains("<a href=\"/aozora/ja/apply/address?from=check\">変更<span class=\"vh\">：住所</span></a>")
        );
        assert!(page.contains("href=\"#consent-terms\"") && page.contains("id=\"consent-terms\""));
    }

    #[test]
    fn a_consent_is_known_by_its_version() {
        let version = ConsentVersion { id: "terms".parse().unwrap(), version: 2 };
        assert_eq!(value_of(&version), "terms:2");
        let answers =
            DraftAnswers { consents: vec![version], delivery: Some(Delivery::Paper), ..DraftAnswers::default() };
        let input = of_answers(&answers);
        assert_eq!(input.consent, ["terms:2"]);
        assert_eq!(input.delivery, "paper");
    }
}
