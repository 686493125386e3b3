//! Asking the applicant to put something right: which fields and why, then the very words once more, then it is sent.

use super::Named;
use super::application::values_of;
use super::conflict::{self, Why};
use super::signed_in::SignedInStaff;
use super::template_choice::{self, TemplateChoice};
use super::their_letter::TheirLetter;
use crate::clock::japanese_date;
use crate::domain::application::ApplicationState;
use crate::domain::correction::{AskedItem, CorrectionReason, Field, answer_by};
use crate::domain::message::LetterText;
use crate::domain::my_number;
use crate::domain::template::TemplateKind;
use crate::domain::version::Version;
use crate::http::asked::{label_of, reason_of};
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::patron::letter::Body;
use crate::http::wording::Wording;
use crate::service::correction::CorrectionRequest;
use crate::service::review::{Planned, ReviewFile};
use crate::words::{Phrase, Words};
use actix_web::{HttpResponse, web};
use askama::Template;
use std::collections::BTreeMap;

/// The fields of the form by their names: `version`, `digest`, `text`, `template`, and for each field of the application
/// `ask_…`, `reason_…`, `text_…`.
type Sent = Vec<(String, String)>;

/// The form as typed.
#[derive(Debug, Clone, Default)]
struct Typed(BTreeMap<String, String>);

/// The form.
#[derive(Template)]
#[template(path = "staff/correction.html")]
struct CorrectionPage {
    layout: Layout,
    errors: FieldErrors,
    reference: String,
    name: String,
    file_url: String,
    confirm_url: String,
    version: Version,
    text: String,
    rows: Vec<Row>,
    answer_by: Day,
    choice: TemplateChoice,
    template_url: String,
}

/// One field that can be asked about.
struct Row {
    ask_id: String,
    reason_id: String,
    text_id: String,
    label: Phrase,
    asked: bool,
    /// What was signed: label and value.
    now: Vec<(String, String)>,
    reasons: Vec<(&'static str, Phrase, bool)>,
    text: String,
}

/// The words once more.
#[derive(Template)]
#[template(path = "staff/correction_confirm.html")]
struct ConfirmPage {
    layout: Layout,
    reference: String,
    file_url: String,
    change_url: String,
    send_url: String,
    /// False for what came from pictures or the counter.
    is_signed: bool,
    /// The words hold twelve digits, of which it was said that they are no My Number.
    holds_other_number: bool,
    /// The notice, as it will be read.
    theirs: TheirLetter,
    answer_by: Day,
    carried: Vec<(String, String)>,
}

/// Shows the form to whoever holds the claim.
pub(in crate::http) async fn show(staff: SignedInStaff, named: web::Path<Named>) -> Result<HttpResponse, Error> {
    let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
    if !is_held_by(&staff, &file) {
        return conflict::page(&staff, &file, &Why::NotHeld, "");
    }
    page::ok(&drawn(staff, &file, &Typed::default(), FieldErrors::none()).await?)
}

/// Shows exactly what the applicant will read.
pub(in crate::http) async fn confirm(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<Sent>,
) -> Result<HttpResponse, Error> {
    let typed = Typed::of(form.input.clone())?;
    let seen = typed.seen()?;
    let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
    let unsent = typed.unsent();
    if !is_held_by(&staff, &file) {
        return conflict::page(&staff, &file, &Why::NotHeld, &unsent);
    }
    if file.version != seen {
        let why = Why::OtherVersion { seen: seen.number, current: file.version.number };
        return conflict::page(&staff, &file, &why, &unsent);
    }
    match form.checked(typed.request(&fields_for(&staff, &file))) {
        Ok(request) => {
            let (portal, library, planned) = (&staff.here.portal, &staff.here.library, Planned::Correction(&request));
            let preview = portal.preview_notice(library, &staff.member, &named.reference, planned).await;
            page::ok(&restate(staff, &file, TheirLetter::of(preview.as_ref()), typed))
        }
        Err(errors) => page::again(&drawn(staff, &file, &typed, errors).await?),
    }
}

/// Shows the form again with everything that was written. Changes nothing.
pub(in crate::http) async fn change(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<Sent>,
) -> Result<HttpResponse, Error> {
    let typed = Typed::of(form.input)?;
    let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
    if !is_held_by(&staff, &file) {
        return conflict::page(&staff, &file, &Why::NotHeld, &typed.unsent());
    }
    page::ok(&drawn(staff, &file, &typed, FieldErrors::none()).await?)
}

/// Shows the form again with the chosen template after the words at the beginning. Sends nothing.
pub(in crate::http) async fn insert_template(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<Sent>,
) -> Result<HttpResponse, Error> {
    let mut typed = Typed::of(form.input)?;
    let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
    if !is_held_by(&staff, &file) {
        return conflict::page(&staff, &file, &Why::NotHeld, &typed.unsent());
    }
    let chosen = typed.get("template");
    let Some(words) = template_choice::words(&staff, TemplateKind::Correction, chosen, &named.reference).await? else {
        let errors = FieldErrors::one("template", "ひな形を選んでください");
        return page::again(&drawn(staff, &file, &typed, errors).await?);
    };
    let text = template_choice::appended(typed.get("text"), &words);
    typed.0.insert("text".to_owned(), text);
    page::ok(&drawn(staff, &file, &typed, FieldErrors::none()).await?)
}

/// Sends it.
pub(in crate::http) async fn submit(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<Sent>,
) -> Result<HttpResponse, Error> {
    let typed = Typed::of(form.input.clone())?;
    let seen = typed.seen()?;
    let read = form.checked(typed.request(&Field::ALL));
    let once = form.once;
    let request = match read {
        Ok(request) => request,
        Err(errors) => {
            let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
            return page::again(&drawn(staff, &file, &typed, errors).await?);
        }
    };
    let location = staff.here.urls.staff_application(&named.reference);
    let once = staff.here.once(once, "staff/correction", location.clone());
    let (portal, library) = (&staff.here.portal, &staff.here.library);
    match portal.return_for_correction(library, &staff.member, &named.reference, seen, request, &once).await {
        Ok(()) => Ok(page::see_other(location)),
        Err(error) => conflict::explain(staff, &named.reference, error, &typed.unsent()).await,
    }
}

/// Leads from the address of the preview to the form.
pub(in crate::http) async fn lead_there(staff: SignedInStaff, named: web::Path<Named>) -> HttpResponse {
    page::see_other(staff.here.urls.staff_application_path(&named.reference, "/correction"))
}

impl Typed {
    /// Reads the form strictly: each name at most once, and none that the page does not have.
    fn of(sent: Sent) -> Result<Self, Error> {
        let mut typed = BTreeMap::new();
        for (name, value) in sent {
            let is_known = matches!(name.as_str(), "version" | "digest" | "text" | "template")
                || name.split_once('_').is_some_and(|(part, field)| {
                    matches!(part, "ask" | "reason" | "text") && field.parse::<Field>().is_ok()
                });
            if !is_known || typed.insert(name, value).is_some() {
                return Err(Error::BadForm);
            }
        }
        Ok(Self(typed))
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn of_field(&self, part: &str, field: Field) -> &str {
        self.get(&format!("{part}_{}", field.as_str()))
    }

    /// What the page showed.
    fn seen(&self) -> Result<Version, Error> {
        let number = self.get("version").parse().map_err(|_| Error::BadForm)?;
        let digest = self.get("digest").parse().map_err(|_| Error::BadForm)?;
        Ok(Version { number, digest })
    }

    /// What is asked, or what is still missing.
    fn request(&self, fields: &[Field]) -> Result<CorrectionRequest, FieldErrors> {
        let mut errors = FieldErrors::none();
        let mut items = Vec::new();
        for field in fields.iter().copied().filter(|field| self.is_written_unasked(*field)) {
            let label = label_of(Words::default(), field);
            errors.add(
                format!("ask_{}", field.as_str()),
                format!("「{label}」に文があります。お願いするときはチェックを付け、しないときは文を消してください"),
            );
        }
        for field in fields.iter().copied().filter(|field| self.of_field("ask", *field) == "yes") {
            let reason = self.of_field("reason", field).parse::<CorrectionReason>();
            if reason.is_err() {
                errors.add(
                    format!("reason_{}", field.as_str()),
                    format!("「{}」の理由を選んでください", label_of(Words::default(), field)),
                );
            }
            match self.of_field("text", field).parse::<LetterText>() {
                Ok(text) => items.extend(reason.ok().map(|reason| AskedItem { field, reason, text })),
                Err(error) => errors.add(
                    format!("text_{}", field.as_str()),
                    format!("「{}」：{}。申込者が読みます", label_of(Words::default(), field), error.wording()),
                ),
            }
        }
        let text = self.get("text");
        let text = if text.trim().is_empty() { None } else { errors.take("text", text.parse::<LetterText>()) };
        if items.is_empty() && errors.is_empty() {
            errors.add(
                format!("ask_{}", fields.first().map_or("name", |field| field.as_str())),
                "修正をお願いする項目を選んでください",
            );
        }
        if errors.is_empty() { Ok(CorrectionRequest { text, items }) } else { Err(errors) }
    }

    /// Words about a field that is not ticked would go nowhere.
    fn is_written_unasked(&self, field: Field) -> bool {
        self.of_field("ask", field) != "yes" && !self.of_field("text", field).trim().is_empty()
    }

    /// Everything that was written, for copying.
    fn unsent(&self) -> String {
        let texts = self.0.iter().filter(|(name, value)| name.starts_with("text") && !value.trim().is_empty());
        texts.map(|(_, value)| value.trim()).collect::<Vec<_>>().join("\n")
    }
}

fn is_held_by(staff: &SignedInStaff, file: &ReviewFile) -> bool {
    match file.application.state {
        ApplicationState::UnderReview { reviewer, lease_until, .. } => {
            reviewer == staff.member.id && lease_until > staff.now()
        }
        _ => false,
    }
}

/// What can be asked about: documents only where there are or could be any.
fn fields_for(staff: &SignedInStaff, file: &ReviewFile) -> Vec<Field> {
    let documents = !file.statement.answers.attachments.is_empty() || !staff.here.library.rules.evidence.is_empty();
    let fields = match file.statement.answers.guardianship {
        Some(_) => Field::all_of_guardian(),
        None => Field::all_in(file.application.procedure),
    };
    fields.into_iter().filter(|field| *field != Field::Documents || documents).collect()
}

fn last_day(staff: &SignedInStaff) -> Day {
    let days = staff.here.library.rules.correction.answer_days;
    Day::of(answer_by(japanese_date(staff.now()), days))
}

async fn drawn(
    staff: SignedInStaff,
    file: &ReviewFile,
    typed: &Typed,
    errors: FieldErrors,
) -> Result<CorrectionPage, Error> {
    let choice =
        TemplateChoice::of(&staff, TemplateKind::Correction, file.application.language, typed.get("template")).await?;
    let row = |field: Field| Row {
        ask_id: format!("ask_{}", field.as_str()),
        reason_id: format!("reason_{}", field.as_str()),
        text_id: format!("text_{}", field.as_str()),
        label: label_of(Words::default(), field),
        asked: typed.of_field("ask", field) == "yes",
        now: values_of(field, &file.statement),
        reasons: CorrectionReason::ALL
            .map(|reason| {
                (
                    reason.as_str(),
                    reason_of(Words::default(), reason),
                    typed.of_field("reason", field) == reason.as_str(),
                )
            })
            .into(),
        text: typed.of_field("text", field).to_owned(),
    };
    let reference = &file.application.reference;
    let fields = fields_for(&staff, file);
    let answer_by = last_day(&staff);
    let layout = staff.here.layout;
    Ok(CorrectionPage {
        errors,
        reference: reference.to_string(),
        name: file.statement.answers.name.as_str().to_owned(),
        file_url: layout.urls.staff_application(reference),
        confirm_url: layout.urls.staff_application_path(reference, "/correction/confirm"),
        version: file.version,
        text: typed.get("text").to_owned(),
        rows: fields.into_iter().map(row).collect(),
        template_url: layout.urls.staff_application_path(reference, "/correction/template"),
        choice,
        answer_by,
        layout,
    })
}

fn restate(staff: SignedInStaff, file: &ReviewFile, theirs: TheirLetter, typed: Typed) -> ConfirmPage {
    let reference = &file.application.reference;
    let answer_by = last_day(&staff);
    let layout = staff.here.layout;
    ConfirmPage {
        reference: reference.to_string(),
        file_url: layout.urls.staff_application(reference),
        change_url: layout.urls.staff_application_path(reference, "/correction/change"),
        is_signed: file.way.is_some(),
        holds_other_number: my_number::is_in(&typed.unsent()),
        send_url: layout.urls.staff_application_path(reference, "/correction"),
        theirs,
        answer_by,
        carried: typed.0.into_iter().collect(),
        layout,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&str, &str)]) -> Result<Typed, Error> {
        Typed::of(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn each_field_that_is_asked_about_needs_a_reason_and_words() {
        let errors = typed(&[]).unwrap().request(&Field::ALL).unwrap_err();
        assert!(errors.has("ask_category"));
        let errors = typed(&[("ask_name", "yes"), ("text_name", " ")]).unwrap().request(&Field::ALL).unwrap_err();
        assert!(errors.has("reason_name") && errors.has("text_name"));
        let whole = typed(&[("ask_name", "yes"), ("reason_name", "mismatch"), ("text_name", "カードのとおりに")]);
        let request = whole.unwrap().request(&Field::ALL).unwrap();
        assert_eq!((request.items.len(), request.text), (1, None));
    }

    #[test]
    fn words_for_a_field_that_is_not_ticked_are_pointed_out() {
        let both = [
            ("ask_name", "yes"),
            ("reason_name", "other"),
            ("text_name", "氏名"),
            ("reason_birth", "other"),
            ("text_birth", "書きかけ"),
        ];
        let errors = typed(&both).unwrap().request(&Field::ALL).unwrap_err();
        assert!(errors.has("ask_birth") && !errors.has("ask_name"), "{errors:?}");
    }

    #[test]
    fn a_form_with_more_or_repeated_fields_is_refused() {
        for fields in
            [[("ask_status", "yes"), ("text", "")], [("role", "admin"), ("text", "")], [("text", "a"), ("text", "b")]]
        {
            assert!(matches!(typed(&fields), Err(Error::BadForm)), "{fields:?}");
        }
    }
}
