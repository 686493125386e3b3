//! Name and reading.

use super::applicant::{Applicant, Frame, Origin};
use crate::domain::answers::Question;
use crate::domain::person::{Kana, PersonName};
use crate::http::error::Error;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::service::apply::Answer;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// The boxes as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct NameForm {
    pub(in crate::http) name: String,
    pub(in crate::http) kana: String,
}

/// The question.
#[derive(Template)]
#[template(path = "apply/name.html")]
struct NamePage {
    layout: Layout,
    frame: Frame,
    errors: FieldErrors,
    input: NameForm,
}

/// Asks.
pub(in crate::http) async fn show(applicant: Applicant, origin: web::Query<Origin>) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Name)?;
    let answers = &applicant.draft.answers;
    let input = NameForm {
        name: answers.name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
        kana: answers.kana.as_ref().map(|kana| kana.as_str().to_owned()).unwrap_or_default(),
    };
    let input = applicant.left(Question::Name).unwrap_or(input);
    page::ok(&draw(applicant, &origin, input, FieldErrors::none()))
}

/// Saves the name.
pub(in crate::http) async fn submit(
    applicant: Applicant,
    origin: web::Query<Origin>,
    form: TextForm<NameForm>,
) -> Result<HttpResponse, Error> {
    applicant.has_come_to(Question::Name)?;
    if let Some(page) = form.later() {
        return applicant.leave(Question::Name, page).await;
    }
    match form.checked(read(&form.input)) {
        Ok((name, kana)) => {
            applicant.answer(Answer::Name(name, kana)).await?;
            Ok(applicant.next_after(Question::Name, &origin))
        }
        Err(errors) => page::again(&draw(applicant, &origin, form.input, errors)),
    }
}

pub(in crate::http) fn read(input: &NameForm) -> Result<(PersonName, Kana), FieldErrors> {
    let mut errors = FieldErrors::none();
    let name = errors.take("name", input.name.parse());
    let kana = errors.take("kana", input.kana.parse());
    name.zip(kana).ok_or(errors)
}

fn draw(applicant: Applicant, origin: &Origin, input: NameForm, errors: FieldErrors) -> NamePage {
    let frame = applicant.frame(Question::Name, origin);
    NamePage { layout: applicant.here.layout, frame, errors, input }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(name: &str, errors: FieldErrors) -> String {
        let input = NameForm { name: name.into(), kana: "タカハシ ハナコ".into() };
        let frame = Frame::sample(Question::Name);
        NamePage { layout: Layout::sample(), frame, errors, input }.render().unwrap()
    }

    #[test]
    fn a_name_comes_back_exactly_as_typed_and_escaped() {
        let page = drawn("髙\u{fa11}<'\">", FieldErrors::none());
        assert!(page.contains("value=\"髙\u{fa11}&#60;&#39;&#34;&#62;\""));
        assert!(page.contains("署名はもう一度必要です"), "a waiting signature is mentioned");
    }

    #[test]
    fn faults_are_tied_to_their_boxes() {
        let errors = read(&NameForm { name: " ".into(), kana: "髙橋".into() }).unwrap_err();
        let page = drawn(" ", errors);
        assert!(page.contains("aria-invalid=\"true\" aria-describedby=\"name-e name-h\""));
        assert!(page.contains("<a href=\"#kana\">フリガナは、ひらがな・カタカナ・ローマ字で入力してください</a>"));
        assert!(page.contains("autofocus"));
    }
}
