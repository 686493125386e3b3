//! The page between choosing and deciding: what will happen, and the very words that the
//! applicant will read.

use super::Named;
use super::application::{ApplicationPage, Desk};
use super::conflict::{self, Why};
use super::decision_form::{Choice, DecisionForm};
use super::signed_in::SignedInStaff;
use super::their_letter::{TheirLetter, name_of};
use crate::domain::application::ApplicationState;
use crate::domain::my_number;
use crate::domain::notice::{NoticeContent, ReissuedNotice};
use crate::domain::permission::Permission;
use crate::domain::person::EmailAddress;
use crate::domain::procedure::Procedure;
use crate::domain::proof::PlannedExpiry;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::form::{FieldErrors, TextForm};
use crate::http::page::{self, Layout};
use crate::http::patron::letter::Body;
use crate::http::procedure_wording::makes_card;
use crate::service::review::{NoticePreview, Planned, ReviewFile};
use actix_web::{HttpResponse, web};
use askama::Template;

/// The confirmation.
#[derive(Template)]
#[template(path = "staff/confirmation.html")]
struct ConfirmationPage {
    layout: Layout,
    reference: String,
    name: String,
    decision_url: String,
    change_url: String,
    choice: Choice,
    /// The notice, as it will be read.
    theirs: TheirLetter,
    /// True if this is the first of two approvals.
    is_first: bool,
    is_awaited: bool,
    effects: Vec<String>,
    /// The reason holds twelve digits, of which it was said that they are no My Number.
    holds_other_number: bool,
    input: DecisionForm,
}

impl ConfirmationPage {
    fn is_refusal(&self) -> bool {
        self.choice != Choice::Approve
    }
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
    if let Some(why) = choice.as_ref().ok().and_then(|choice| refusal(&staff, &file, choice)) {
        return conflict::page(&staff, &file, &why, &input.reason);
    }
    match choice {
        Ok(choice) => {
            let planned = match &choice {
                Choice::Approve => Planned::Approval,
                Choice::Decline(reason) => Planned::Refusal(reason),
            };
            let (portal, library) = (&staff.here.portal, &staff.here.library);
            let preview = portal.preview_notice(library, &staff.member, &named.reference, planned).await;
            page::ok(&draw(staff.here.layout, &file, choice, input, preview.as_ref()))
        }
        Err(errors) => {
            let desk = Desk::laid(&staff, &file, None).await?;
            page::again(&ApplicationPage::new(staff, &file, desk, input, errors))
        }
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

/// Why `staff` cannot carry the choice out, as far as that is known before.
fn refusal(staff: &SignedInStaff, file: &ReviewFile, choice: &Choice) -> Option<Why> {
    match choice {
        Choice::Approve => conflict::stands_against(file, &staff.member),
        Choice::Decline(_) if file.is_related => Some(Why::Related),
        Choice::Decline(_) => file.application.must_be_for(&staff.member, Permission::Decide).err().map(Why::Refused),
    }
}

/// Shows the file again with what was chosen and written. Changes nothing.
pub(in crate::http) async fn change(
    staff: SignedInStaff,
    named: web::Path<Named>,
    form: TextForm<DecisionForm>,
) -> Result<HttpResponse, Error> {
    let input = form.input;
    let file = staff.here.portal.open_file(&staff.member, &named.reference).await?;
    if !is_held_by(&staff, &file) {
        return conflict::page(&staff, &file, &Why::NotHeld, &input.reason);
    }
    let desk = Desk::laid(&staff, &file, None).await?;
    page::ok(&ApplicationPage::new(staff, &file, desk, input, FieldErrors::none()))
}

fn draw(
    layout: Layout,
    file: &ReviewFile,
    choice: Choice,
    input: DecisionForm,
    preview: Option<&NoticePreview>,
) -> ConfirmationPage {
    let reference = &file.application.reference;
    let is_first = choice == Choice::Approve && file.needs_second() && file.first_approval.is_none();
    let is_awaited = choice == Choice::Approve && !is_first && file.is_awaited_outside;
    let mut effects = match () {
        () if is_first => first_effects(),
        () if is_awaited => awaited_effects(),
        () => effects(&choice, file, preview),
    };
    effects.extend(name_of(file.application.language).filter(|_| choice == Choice::Approve && !is_first).map(in_other));
    let planned = file.planned.as_ref().filter(|_| choice == Choice::Approve && !is_first);
    effects.splice(1..1, planned.map(last_day));
    ConfirmationPage {
        reference: reference.to_string(),
        name: file.statement.answers.name.as_str().to_owned(),
        decision_url: layout.urls.staff_application_path(reference, "/decision"),
        change_url: layout.urls.staff_application_path(reference, "/decision/change"),
        theirs: TheirLetter::of(preview),
        choice,
        is_first,
        is_awaited,
        effects,
        holds_other_number: my_number::is_in(&input.reason),
        input,
        layout,
    }
}

/// Who reads another language gets the notice in it.
fn in_other(language: &str) -> String {
    format!(
        "申込者が読むお知らせは、{language}です。名前は、日本語のままです。図書館が決めた言葉も、訳がなければ日本語のままです。"
    )
}

/// The last day that the card gets, and the document that sets it.
fn last_day(planned: &PlannedExpiry) -> String {
    let day = Day(planned.expires_on);
    match &planned.ends_with {
        Some(label) => format!("カードの有効期限は、{day}です（{}の期限まで）。", label.as_str()),
        None => format!("カードの有効期限は、{day}です。"),
    }
}

/// What happens when another person has to look as well.
fn first_effects() -> Vec<String> {
    let effects = [
        "1人目の承認として記録します。まだ何も発行しません。",
        "申込みは一覧にもどり、「2人目の承認待ち」になります。2人目は、ほかの職員が承認します。",
        "申込者には、まだ何も知らせません。",
    ];
    effects.map(str::to_owned).to_vec()
}

/// What happens when the library system has to take it in first.
fn awaited_effects() -> Vec<String> {
    let effects = [
        "図書館システムに登録する内容（番号、有効期限など）を決めます。",
        "申込みは「登録待ち」になります。登録を確かめるまで、お知らせもパスワードも出しません。",
        "申込者のページに、承認して登録していることを出します。",
        "登録できないときは、承認を取り消して、審査にもどせます。",
    ];
    effects.map(str::to_owned).to_vec()
}

/// What happens at the press of the button, and who is told how.
fn effects(choice: &Choice, file: &ReviewFile, preview: Option<&NoticePreview>) -> Vec<String> {
    const NOTICE: &str = "お知らせを、申込者のページに置きます。";
    const REFUSAL: &str = "下の文面のお知らせを、申込者のページに置きます。";
    let (procedure, answers) = (file.application.procedure, &file.statement.answers);
    let is_linked = file.about_card.as_ref().is_some_and(|about| about.is_linked);
    let first: &[&str] = match (choice, procedure) {
        (Choice::Approve, Procedure::NewCard) => {
            &["カード番号を発行します。", "貸出券番号等通知書を、申込者のページに置きます。"]
        }
        (Choice::Approve, Procedure::CardLink) if is_linked => {
            &["署名した電子証明書を、前の登録と入れかえます。", NOTICE]
        }
        (Choice::Approve, Procedure::CardLink) => &["署名した電子証明書を、カードに登録します。", NOTICE],
        (Choice::Approve, Procedure::Renewal) => &["カードの有効期限を延ばします。", NOTICE],
        (Choice::Approve, Procedure::Reissue) => &[of_reissue(preview), NOTICE],
        (Choice::Approve, Procedure::PasswordIssue) => {
            &["新しいパスワードを受け取れるようにします。前のパスワードは、このときから使えません。", NOTICE]
        }
        (Choice::Approve, Procedure::Change) => &[
            "署名された内容を、利用者の登録内容にします。",
            "前のメールアドレスにも、変更したことを知らせます。",
            NOTICE,
        ],
        (Choice::Decline(_), Procedure::NewCard) => &["カード番号は発行しません。", REFUSAL],
        (Choice::Decline(_), _) => &["カードと登録内容は、変わりません。", REFUSAL],
    };
    let mut effects: Vec<String> = first.iter().map(|effect| (*effect).to_owned()).collect();
    effects.push(match &answers.email {
        Some(email) => format!(
            "お知らせが届いたことを、申込者のメール（{}）に知らせます。メールには、氏名・番号・理由を書きません。",
            masked(email)
        ),
        None => "申込者にはメールアドレスがありません。メールは送りません。".to_owned(),
    });
    if answers.goes_on_paper() {
        effects.push("お知らせは印刷して、紙で渡します。窓口の「紙のお知らせ」の一覧に入ります。".to_owned());
    }
    if answers.plastic_card && makes_card(procedure) && *choice == Choice::Approve {
        effects.push("申込者はプラスチックのカードも希望しています。".to_owned());
    }
    effects.push("決定したあとは、この画面では取り消せません。".to_owned());
    effects
}

/// Whether the number stays, as the rules have it for why the card is reissued.
fn of_reissue(preview: Option<&NoticePreview>) -> &'static str {
    match preview.map(|preview| &preview.content) {
        Some(NoticeContent::Reissued(ReissuedNotice { old_number_grouped: Some(_), .. })) => {
            "カードを再発行します。番号は新しくなり、前の番号は使えなくなります。"
        }
        Some(NoticeContent::Reissued(_)) => "カードを再発行します。番号は変わりません。",
        _ => "カードを再発行します。",
    }
}

/// The address as far as it says whose it is: `h***@example.jp`.
fn masked(email: &EmailAddress) -> String {
    let (local, domain) = email.as_str().rsplit_once('@').unwrap_or((email.as_str(), ""));
    format!("{}***@{domain}", local.chars().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::application::tests::sample_file;
    use super::*;
    use crate::domain::answers::Delivery;
    use crate::domain::language::Language;
    use crate::domain::library::{ReissueReason, SecondBecause};
    use crate::domain::notice::DeclinedNotice;
    use crate::domain::request::Request;
    use crate::http::patron::notice::tests::{declined, issued};
    use crate::service::about_card::AboutCard;

    fn drawn(outcome: &str, reason: &str) -> String {
        let file = sample_file();
        let input = DecisionForm {
            version: file.version.number.to_string(),
            digest: file.version.digest.to_string(),
            outcome: outcome.into(),
            reason: reason.into(),
            template: String::new(),
        };
        let choice = input.choice().unwrap();
        let content = match &choice {
            Choice::Approve => NoticeContent::Issued(issued()),
            Choice::Decline(_) => NoticeContent::Declined(DeclinedNotice { reason: reason.into(), ..declined() }),
        };
        draw(Layout::sample(), &file, choice, input, Some(&preview(content))).render().unwrap()
    }

    fn preview(content: NoticeContent) -> NoticePreview {
        NoticePreview { content, language: Language::Ja, gives_number: true }
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
        let last_day = "カードの有効期限は、2027年3月31日(水)です（学生証の期限まで）。";
        assert!(
            page.contains(last_day) && !drawn("decline", "住所がちがいます。").contains("カードの有効期限は"),
            "{page}"
        );
    }

    #[test]
    fn a_first_approval_says_that_another_person_has_to_look() {
        let mut file = sample_file();
        file.second_because = vec![SecondBecause::Procedure];
        let input = DecisionForm { outcome: "approve".into(), ..DecisionForm::default() };
        let page = draw(Layout::sample(), &file, Choice::Approve, input, None).render().unwrap();
        assert!(page.contains("1人目として承認する</button>") && page.contains("2人目の承認待ち"), "{page}");
        assert!(!page.contains("カード番号を発行します") && !page.contains("カードの有効期限は"));
    }

    #[test]
    fn an_approval_that_waits_promises_no_notice_yet() {
        let mut file = sample_file();
        file.is_awaited_outside = true;
        let input = DecisionForm { outcome: "approve".into(), ..DecisionForm::default() };
        let page = draw(Layout::sample(), &file, Choice::Approve, input, None).render().unwrap();
        assert!(page.contains("登録待ち") && page.contains("承認する</button>"), "{page}");
        assert!(!page.contains("カード番号を発行します") && !page.contains("承認して発行する"));
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
        let mut file = sample_file();
        (file.statement.answers.delivery, file.statement.answers.plastic_card) = (Delivery::Paper, true);
        let effects = effects(&Choice::Approve, &file, None).concat();
        assert!(effects.contains("h***@example.jp") && !effects.contains("hanako"));
        assert!(effects.contains("印刷") && effects.contains("プラスチック"));
    }

    #[test]
    fn the_notice_is_read_before_with_what_only_the_decision_gives_left_open() {
        let page = drawn("approve", "");
        let letter = &page[page.find("<article").unwrap()..page.find("</article>").unwrap()];
        for part in ["（決定のときに付きます）", "貸出券番号等通知書</h3>", "2 初期パスワード</h4>", "20点まで"]
        {
            assert!(letter.contains(part), "{part}: {letter}");
        }
        for part in ["2026-000123", "00 1234 5678", "<svg", "href=", "<h1", "<h2"] {
            assert!(!letter.contains(part), "{part}: {letter}");
        }
        assert!(page.contains("<details"));
        let known = NoticePreview { gives_number: false, ..preview(NoticeContent::Issued(issued())) };
        let input = DecisionForm { outcome: "approve".into(), ..DecisionForm::default() };
        let page = draw(Layout::sample(), &sample_file(), Choice::Approve, input, Some(&known)).render().unwrap();
        assert!(page.contains("00 1234 5678") && page.contains("lc-barcode"), "{page}");
    }

    #[test]
    fn whoever_reads_another_language_gets_it_beside_the_japanese() {
        let theirs = NoticePreview { language: Language::En, ..preview(NoticeContent::Declined(declined())) };
        let input = DecisionForm { outcome: "decline".into(), reason: "No.".into(), ..DecisionForm::default() };
        let choice = input.choice().unwrap();
        let page = draw(Layout::sample(), &sample_file(), choice, input, Some(&theirs)).render().unwrap();
        assert!(page.contains("お申し込みの結果のお知らせ</h3>"), "{page}");
        assert!(
            page.contains("<article class=\"lc-letter\" lang=\"en\">") && page.contains("Result of your application")
        );
        assert!(page.contains("書いた文は訳されません"));
    }

    #[test]
    fn what_is_known_of_number_and_link_is_said() {
        let request = Request::Reissue {
            card_number: "300000014".parse().unwrap(),
            reason: ReissueReason::Damaged,
            lost_on: None,
        };
        let mut file = sample_file();
        file.application.procedure = Procedure::Reissue;
        let said = |file: &ReviewFile, old: Option<&str>| {
            let old_number_grouped = old.map(ToOwned::to_owned);
            let notice = ReissuedNotice { card: issued(), old_number_grouped, plastic_card: false };
            effects(&Choice::Approve, file, Some(&preview(NoticeContent::Reissued(notice)))).concat()
        };
        assert!(said(&file, None).contains("番号は変わりません") && !said(&file, None).contains("使えなくなります"));
        assert!(said(&file, Some("00 8765 4321")).contains("前の番号は使えなくなります"));
        file.application.procedure = Procedure::CardLink;
        for is_linked in [false, true] {
            file.about_card = Some(AboutCard {
                request: request.clone(),
                is_matched: true,
                holder: None,
                is_linked,
                obstacle: None,
                blocks: Vec::new(),
                shown: Vec::new(),
            });
            let effects = effects(&Choice::Approve, &file, None).concat();
            assert_eq!(effects.contains("前の登録と入れかえます"), is_linked, "{effects}");
        }
    }
}
