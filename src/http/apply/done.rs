//! Received: the reference, what happens next, and the collection code.

use super::applicant::ApplicantSession;
use crate::domain::application::ApplicationState;
use crate::domain::password_way::PasswordWay;
use crate::domain::procedure::Procedure;
use crate::http::cosigning_card::CosigningCard;
use crate::http::error::Error;
use crate::http::filters::Day;
use crate::http::page::{self, Layout};
use crate::http::procedure_wording as wording;
use crate::service;
use crate::words::{AsWritten, Phrase, Words};
use actix_web::HttpResponse;
use askama::Template;

/// The page. It can be reloaded in the session that signed, and in no other.
#[derive(Template)]
#[template(path = "apply/done.html")]
struct DonePage {
    layout: Layout,
    reference: String,
    collection_code: String,
    promised_days: u32,
    /// The day itself, where the days begin to count later.
    answer_by: Option<Day>,
    /// What opens the password that is collected in the end, if one is.
    password_way: Option<PasswordWay>,
    /// What the last step is.
    ahead: Phrase,
    /// True if it comes on paper.
    is_on_paper: bool,
    /// What was done, if the rules have decided already.
    granted: Option<Phrase>,
    /// True if the certificate is still to be checked.
    is_unchecked: bool,
    /// The guardian who has to sign before it is received.
    cosigning: Option<CosigningCard>,
    telephone: String,
    hours: AsWritten,
}

/// Shows the receipt.
pub(in crate::http) async fn show(session: ApplicantSession) -> Result<HttpResponse, Error> {
    let ApplicantSession { here, id, .. } = session;
    let receipt = match here.portal.receipt(&here.library, &here.visit.token(), id).await {
        // Signed in another session, or nothing to show yet.
        Err(service::Error::NotFound) => return Ok(page::see_other(here.urls.status())),
        receipt => receipt?,
    };
    let procedure = receipt.application.procedure;
    let is_issued = matches!(receipt.application.state, ApplicationState::Issued { .. });
    page::ok(&DonePage {
        password_way: receipt.password_way,
        is_on_paper: receipt.goes_on_paper,
        ahead: ahead_of(here.layout.words, procedure),
        granted: is_issued.then(|| wording::granted(here.layout.words, procedure).sentence),
        reference: receipt.application.reference.to_string(),
        collection_code: receipt.collection_code.to_string(),
        promised_days: receipt.promised_days,
        answer_by: receipt.answer_by.map(Day),
        is_unchecked: receipt.is_unchecked,
        cosigning: receipt.cosigning.as_ref().map(CosigningCard::of),
        telephone: here.library.rules.contact.telephone.clone(),
        hours: (&here.library.rules.contact.hours).into(),
        layout: here.layout,
    })
}

/// The last step, while it is still to come.
fn ahead_of(words: Words, procedure: Procedure) -> Phrase {
    match procedure {
        Procedure::NewCard | Procedure::PasswordIssue => words.apply_done_then_number(),
        Procedure::CardLink | Procedure::Renewal | Procedure::Reissue | Procedure::Change => {
            wording::granted(words, procedure).ahead
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_a_guardian_nothing_is_received_yet() {
        let page = DonePage {
            layout: Layout::sample(),
            reference: "LC-7K3M-92QP".into(),
            collection_code: "J4RT-8N3W".into(),
            promised_days: 3,
            answer_by: None,
            password_way: Some(PasswordWay::CodeOrCard),
            ahead: "カードの発行".into(),
            is_on_paper: false,
            granted: None,
            is_unchecked: false,
            cosigning: Some(CosigningCard::sample()),
            telephone: "076-000-0000".into(),
            hours: "9:30〜18:00".into(),
        };
        let page = page.render().unwrap();
        for part in ["あなたの署名が終わりました", "合言葉", "K7QF-2M9X", "J4RT-8N3W", "/status/guardian"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("申込みを受け付けました"));
    }

    #[test]
    fn the_receipt_shows_reference_code_and_what_happens_next() {
        let page = DonePage {
            layout: Layout::sample(),
            reference: "LC-7K3M-92QP".into(),
            collection_code: "K7QF-2M9X".into(),
            promised_days: 3,
            answer_by: None,
            password_way: Some(PasswordWay::CodeOrCard),
            ahead: "カードの発行".into(),
            is_on_paper: false,
            granted: None,
            is_unchecked: true,
            cosigning: None,
            telephone: "076-000-0000".into(),
            hours: "9:30〜18:00".into(),
        };
        let page = page.render().unwrap();
        for part in
            ["LC-7K3M-92QP", "K7QF-2M9X", "3開館日以内", "受取コード", "076-000-0000", "署名しなおす必要はありません"]
        {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn the_receipt_says_what_opens_the_password() {
        for (way, has, has_not) in [
            (Some(PasswordWay::Code), "パスワードを受け取るときに使います", "マイナンバーカード"),
            (Some(PasswordWay::CodeOrCard), "署名したマイナンバーカードでも受け取れます", "取り下げる"),
            (Some(PasswordWay::Card), "受取コードでは受け取れません", "パスワードを受け取るときに使います"),
            (None, "申込みを取り下げるときに使います", "パスワード"),
        ] {
            let page = DonePage {
                layout: Layout::sample(),
                reference: "LC-7K3M-92QP".into(),
                collection_code: "K7QF-2M9X".into(),
                promised_days: 3,
                answer_by: None,
                password_way: way,
                ahead: "カードの発行".into(),
                is_on_paper: false,
                granted: None,
                is_unchecked: false,
                cosigning: None,
                telephone: "076-000-0000".into(),
                hours: "9:30〜18:00".into(),
            };
            let page = page.render().unwrap();
            let main = &page[page.find("<main").unwrap()..page.find("</main>").unwrap()];
            assert!(main.contains(has) && !main.contains(has_not), "{way:?}: {main}");
        }
    }
}
