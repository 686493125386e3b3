//! The page between choosing and deciding: what will happen, and the very words that the
//! applicant will read.

use super::Named;
use super::application::ApplicationPage;
use super::conflict::{self, Why};
use super::decision_form::{Choice, DecisionForm};
use super::signed_in::SignedInStaff;
use crate::domain::answers::Delivery;
use crate::domain::application::ApplicationState;
use crate::domain::my_number;
use crate::domain::procedure::Procedure;
use crate::http::error::Error;
use crate::http::form::TextForm;
use crate::http::page::{self, Layout};
use crate::http::procedure_wording::makes_card;
use crate::service::review::{ReviewFile, RevocationAnswer};
use actix_web::{HttpResponse, web};
use askama::Template;

/// The confirmation.
#[derive(Template)]
#[template(path = "staff/confirmation.html")]
struct ConfirmationPage {
    layout: Layout,
    reference: String,
    name: String,
    file_url: String,
    decision_url: String,
    /// The reason as the applicant will read it; `None` for an approval.
    declined_because: Option<String>,
    effects: Vec<&'static str>,
    /// The reason holds twelve digits, of which it was said that they are no My Number.
    holds_other_number: bool,
    input: DecisionForm,
}

/// Restates the decision, unless a choice is missing or the file is no longer what was shown.
pub(in crate::http) async fn show(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<DecisionForm>,
) -> Result<HttpResponse, Error> {
    let choice = form.checked(form.input.choice());
    let input = form.input;
    let seen = input.seen()?;
    let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
    if !is_held_by(&staff, &file) {
        return conflict::page(&staff, &file, &Why::NotHeld, &input.reason);
    }
    if file.version != seen {
        let why = Why::OtherVersion { seen: seen.number, current: file.version.number };
        return conflict::page(&staff, &file, &why, &input.reason);
    }
    match choice {
        Ok(Choice::Approve) if file.revocation == RevocationAnswer::Revoked => {
            conflict::page(&staff, &file, &Why::CertificateRevoked, &input.reason)
        }
        Ok(Choice::Approve) if file.duplicates.holds() => {
            conflict::page(&staff, &file, &Why::DuplicateHold(file.duplicates), &input.reason)
        }
        Ok(choice) => page::ok(&draw(staff.here.layout, &file, choice, input)),
        Err(errors) => page::again(&ApplicationPage::new(staff, &file, input, errors)),
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

fn draw(layout: Layout, file: &ReviewFile, choice: Choice, input: DecisionForm) -> ConfirmationPage {
    let reference = &file.application.reference;
    let plastic_card = file.statement.answers.plastic_card && makes_card(file.application.procedure);
    let effects = effects(&choice, file.application.procedure, file.statement.answers.delivery, plastic_card);
    ConfirmationPage {
        reference: reference.to_string(),
        name: file.statement.answers.name.as_str().to_owned(),
        file_url: layout.urls.staff_application(reference),
        decision_url: layout.urls.staff_application_path(reference, "/decision"),
        declined_because: match choice {
            Choice::Approve => None,
            Choice::Decline(reason) => Some(reason.as_str().to_owned()),
        },
        effects,
        holds_other_number: my_number::is_in(&input.reason),
        input,
        layout,
    }
}

/// What happens at the press of the button.
fn effects(choice: &Choice, procedure: Procedure, delivery: Delivery, plastic_card: bool) -> Vec<&'static str> {
    const NOTICE: &str = "お知らせを、申込者のページに置きます。";
    const REFUSAL: &str = "下の文面のお知らせを、申込者のページに置きます。";
    let mut effects = match (choice, procedure) {
        (Choice::Approve, Procedure::NewCard) => {
            vec!["カード番号を発行します。", "貸出券番号等通知書を、申込者のページに置きます。"]
        }
        (Choice::Approve, Procedure::CardLink) => vec!["署名した電子証明書を、前の登録と入れかえます。", NOTICE],
        (Choice::Approve, Procedure::Renewal) => vec!["カードの有効期限を延ばします。", NOTICE],
        (Choice::Approve, Procedure::Reissue) => {
            vec!["カードを再発行します。番号が変わるときは、前の番号は使えなくなります。", NOTICE]
        }
        (Choice::Approve, Procedure::PasswordIssue) => {
            vec!["新しいパスワードを受け取れるようにします。前のパスワードは、このときから使えません。", NOTICE]
        }
        (Choice::Approve, Procedure::Change) => {
            vec![
                "署名された内容を、利用者の登録内容にします。",
                "前のメールアドレスにも、変更したことを知らせます。",
                NOTICE,
            ]
        }
        (Choice::Decline(_), Procedure::NewCard) => vec!["カード番号は発行しません。", REFUSAL],
        (Choice::Decline(_), _) => vec!["カードと登録内容は、変わりません。", REFUSAL],
    };
    effects.push("お知らせが届いたことを、申込者にメールで知らせます。メールには、氏名・番号・理由を書きません。");
    if delivery == Delivery::Paper {
        effects.push("申込者は紙での受け取りを希望しています。お知らせを印刷して渡してください。");
    }
    if plastic_card && *choice == Choice::Approve {
        effects.push("申込者はプラスチックのカードも希望しています。");
    }
    effects.push("決定したあとは、この画面では取り消せません。");
    effects
}

#[cfg(test)]
mod tests {
    use super::super::application::tests::sample_file;
    use super::*;

    fn drawn(outcome: &str, reason: &str) -> String {
        let file = sample_file();
        let input = DecisionForm {
            version: file.version.number.to_string(),
            digest: file.version.digest.to_string(),
            outcome: outcome.into(),
            reason: reason.into(),
        };
        let choice = input.choice().unwrap();
        draw(Layout::sample(), &file, choice, input).render().unwrap()
    }

    #[test]
    fn a_refusal_shows_the_words_that_the_applicant_will_read_and_carries_them_on() {
        let page = drawn("decline", "住所を確かめられません。\n<窓口>へお越しください。");
        assert!(page.contains("承認しません") && !page.contains("カード番号を発行します"));
        assert_eq!(page.matches("住所を確かめられません。\n&#60;窓口&#62;へお越しください。").count(), 2);
        assert!(page.contains("<input type=\"hidden\" name=\"reason\""));
    }

    #[test]
    fn an_approval_names_its_effects_and_the_button_its_verb() {
        let page = drawn("approve", "");
        assert!(page.contains("カード番号を発行します") && page.contains("承認して発行する</button>"));
        assert!(page.contains("取り消せません"));
    }

    #[test]
    fn text_that_will_not_be_sent_is_pointed_out() {
        assert!(drawn("approve", "書きかけ").contains("理由の欄の文は送られません"));
        assert!(!drawn("approve", " ").contains("理由の欄の文は送られません"));
    }

    #[test]
    fn what_was_seen_travels_on_with_a_fresh_key() {
        let page = drawn("approve", "");
        for name in ["version", "digest", "outcome", "reason", "csrf", "idem"] {
            assert_eq!(page.matches(&format!("name=\"{name}\"")).count(), 1, "{name}");
        }
        assert!(page.contains(&format!("value=\"{}\"", sample_file().version.digest)));
    }

    #[test]
    fn paper_and_plastic_are_remembered() {
        let effects = effects(&Choice::Approve, Delivery::Paper, true).concat();
        assert!(effects.contains("印刷") && effects.contains("プラスチック"));
    }
}
