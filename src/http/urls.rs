//! Every address of the portal, written once. Absolute addresses come from the configured
//! base alone: a request's `Host` header never takes part.

mod short;
mod staff;

pub use super::base_url::{BaseUrl, InvalidBaseUrl};
use crate::domain::ids::{AttachmentId, NoticeId};
use crate::domain::library::EvidenceCode;
use crate::domain::procedure::Procedure;
use crate::domain::reference::Reference;
use crate::domain::verification::VerificationCode;
use crate::words::Lang;
pub use short::*;

/// The list of libraries.
#[must_use]
pub const fn libraries() -> &'static str {
    "/"
}

/// Where the readings above kanji are switched on or off; leads back to `page`.
#[must_use]
pub fn readings(shown: bool, page: &str) -> String {
    let query = serde_html_form::to_string([("page", page)]).unwrap_or_default();
    format!("/readings/{}?{query}", if shown { "on" } else { "off" })
}

/// One library in one language: the beginning of nearly every address.
///
/// The methods are the addresses; templates write `{{ layout.urls.help() }}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    prefix: String,
    staff_prefix: String,
}

macro_rules! addresses {
    ($($(#[$doc:meta])* $name:ident = $path:literal),+ $(,)?) => {
        impl Urls {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> String {
                self.path($path)
            }
        )+}
    };
}

addresses! {
    /// The library's front page.
    start = "/",
    /// Help.
    help = "/help",
    /// The counter: where, when, what to bring.
    counter = "/counter",
    /// Which way can I apply?
    ways = "/ways",
    /// The accessibility statement.
    accessibility = "/accessibility",
    /// Personal data.
    privacy = "/privacy",
    /// Is this notice genuine?
    verify = "/verify",
    /// Cookies.
    cookies = "/cookies",
    /// What can be done online.
    procedures = "/procedures",
    /// Which card, and the procedure's own details.
    apply_card = "/apply/card",
    /// May I use the library?
    apply_who = "/apply/who",
    /// Who applies at the counter instead, and how.
    apply_elsewhere = "/apply/elsewhere",
    /// The address for notices.
    apply_email = "/apply/email",
    /// The code sent to it.
    apply_email_code = "/apply/email/code",
    /// Another code, or the same address again.
    apply_email_again = "/apply/email/again",
    /// Name and kana.
    apply_name = "/apply/name",
    /// Date of birth.
    apply_birth = "/apply/birth",
    /// Postal address.
    apply_address = "/apply/address",
    /// The children for whom a guardian applies.
    apply_children = "/apply/children",
    /// Telephone and branch.
    apply_contact = "/apply/contact",
    /// Pictures of documents.
    apply_documents = "/apply/documents",
    /// All answers, consents and the way of delivery.
    apply_check = "/apply/check",
    /// The explanation before signing.
    apply_sign = "/apply/sign",
    /// The document to be signed, as PDF.
    apply_sign_document = "/apply/sign/document",
    /// Another QR code for a telephone.
    apply_sign_qr = "/apply/sign/qr",
    /// How far the telephone is.
    apply_sign_status = "/apply/sign/status",
    /// Signed with other software.
    apply_sign_upload = "/apply/sign/upload",
    /// The way by the counter, with the draft as a visit slip.
    apply_visit = "/apply/visit",
    /// Pictures of documents instead of a signature, or a signature after all.
    apply_visit_pictures = "/apply/visit/pictures",
    /// The slip, as PDF.
    apply_visit_slip = "/apply/visit/slip.pdf",
    /// The guardian who signs as well.
    apply_guardian = "/apply/guardian",
    /// Received.
    apply_done = "/apply/done",
    /// Stop here and go on later.
    apply_pause = "/apply/pause",
    /// Go on with a saved draft: the e-mail address.
    resume = "/resume",
    /// Go on with a saved draft: the code.
    resume_code = "/resume/code",
    /// Go on with a saved draft: the list.
    resume_list = "/resume/list",
    /// Where applicants look up how far it is.
    status = "/status",
    /// What was signed, as PDF.
    status_document = "/status/application.pdf",
    /// Another guardian, or the mail once more.
    status_guardian = "/status/guardian",
    /// What has to be put right.
    status_fix = "/status/fix",
    /// What applicant and staff write to each other.
    status_messages = "/status/messages",
    /// Taking the application back.
    status_withdraw = "/status/withdraw",
    /// The applicant's way back in: number and date of birth.
    sign_in = "/sign-in",
    /// The applicant's way back in: the code.
    sign_in_code = "/sign-in/code",
    /// The applicant's way in with the card.
    sign_in_card = "/sign-in/card",
    /// The patron's way in with number and password.
    sign_in_password = "/sign-in/password",
    /// A password of one's own, in the place of the initial one.
    sign_in_new_password = "/sign-in/new-password",
    /// How a patron signs in, and where they are signed in.
    account = "/account",
    /// Another password.
    account_password = "/account/password",
    /// Ending one session.
    account_end_session = "/account/sessions/end",
    /// Ending all others.
    account_end_others = "/account/sessions/end-others",
    /// The patron's way in with a passkey.
    sign_in_passkey = "/sign-in/passkey",
    /// Another passkey.
    account_passkeys = "/account/passkeys",
    /// Removing one.
    account_passkey_remove = "/account/passkeys/remove",
    /// Which of several applications, after signing in with the card.
    sign_in_list = "/sign-in/list",
    /// The card in place of the collection code.
    password_card = "/password/card",
    /// The applicant's way out.
    sign_out = "/sign-out",
    /// The initial password.
    password = "/password",
    /// The patron's own page: the card, and what can be done.
    card = "/card",
    /// The card to show.
    card_show = "/card/show",
    /// The card to show, as a picture to keep.
    card_picture = "/card/show/card.png",
    /// The card to show, as a document to keep.
    card_paper = "/card/show/card.pdf",
    /// The last day of the card, for a calendar.
    card_calendar = "/card/card.ics",
    /// The cards of one's children.
    card_family = "/card/family",
    /// Everything that is kept of the patron.
    card_record = "/card/record",
    /// The same for programs.
    card_record_json = "/card/record/record.json",
    /// The same on paper.
    card_record_pdf = "/card/record/record.pdf",
    /// Closing the account.
    card_close = "/card/close",
    /// What is asked about the record.
    card_requests = "/card/requests",
    /// Taking such a request back.
    card_requests_take_back = "/card/requests/take-back",
    /// Stopping the card.
    card_stop = "/card/stop",
    /// Lifting the stop.
    card_found = "/card/found",
    /// Ending the link of the My Number card.
    card_unlink = "/card/unlink",
}

macro_rules! staff_addresses {
    ($($(#[$doc:meta])* $name:ident = $path:literal),+ $(,)?) => {
        /// The staff's side; its pages exist in Japanese only.
        impl Urls {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> String {
                self.staff_path($path)
            }
        )+}
    };
}

staff_addresses! {
    /// The staff's side: leads to the queue.
    staff = "/",
    /// The staff's way in.
    staff_sign_in = "/sign-in",
    /// The staff's way out.
    staff_sign_out = "/sign-out",
    /// The queue.
    staff_queue = "/queue",
    /// An application for a visitor, or from paper.
    staff_counter = "/counter",
    /// Several applications claimed at once.
    staff_queue_claims = "/queue/claims",
    /// Several applications approved at once.
    staff_queue_approvals = "/queue/approvals",
    /// What will be approved at once.
    staff_queue_approvals_confirm = "/queue/approvals/confirm",
    /// Templates of texts.
    staff_templates = "/templates",
    /// The accounts of the staff.
    staff_members = "/members",
    /// Notices that go on paper.
    staff_papers = "/papers",
    /// Who is not there.
    staff_absences = "/absences",
    /// Forgets days on which somebody is not there.
    staff_absences_remove = "/absences/remove",
    /// The record of who did what.
    staff_record = "/record",
    /// What staff did besides applications.
    staff_deeds = "/record/deeds",
    /// One's own settings.
    staff_settings = "/settings",
    /// The keys of the keyboard, and how work goes.
    staff_help = "/help",
    /// Files to and from the library system.
    staff_exchange = "/exchange",
    /// Making a file.
    staff_export_new = "/exchange/new",
    /// What the library system has taken in.
    staff_confirmations = "/exchange/confirmations",
    /// Taking patrons over.
    staff_import = "/exchange/import",
    /// What patrons ask about their record.
    staff_requests = "/requests",
    /// Looking for a patron.
    staff_patrons = "/patrons",
    /// The campaign for linking the My Number card again.
    staff_campaign = "/campaign",
    /// The cards of one's own people.
    staff_relations = "/relations",
}

impl Urls {
    /// One of the children, counted from 1.
    #[must_use]
    pub fn apply_child(&self, number: usize) -> String {
        self.path(&format!("/apply/children/{number}"))
    }

    /// The password of one of the children of an application, counted from 1.
    #[must_use]
    pub fn password_of_child(&self, of: &Reference, number: u32) -> String {
        self.path(&format!("/password?child={number}&of={of}"))
    }

    /// Sending a document of one kind.
    #[must_use]
    pub fn apply_document_of(&self, kind: &EvidenceCode) -> String {
        self.path(&format!("/apply/documents/add/{kind}"))
    }

    /// The documents, after the same picture was sent again.
    #[must_use]
    pub fn apply_documents_again(&self, kind: &EvidenceCode) -> String {
        self.path(&format!("/apply/documents?same={kind}"))
    }

    /// All answers once more, because they changed while the next page stood open.
    #[must_use]
    pub fn apply_check_again(&self) -> String {
        self.path("/apply/check?why=changed")
    }

    /// The way back to a saved draft, for whoever has none in this browser.
    #[must_use]
    pub fn resume_lost(&self) -> String {
        self.path("/resume?why=lost")
    }

    /// What patrons ask of the library, with what was just answered said first.
    #[must_use]
    pub fn staff_requests_after(&self, done: &str) -> String {
        format!("{}?done={done}", self.staff_requests())
    }

    /// The front page, for whoever has just signed out.
    #[must_use]
    pub fn start_signed_out(&self) -> String {
        format!("{}?why=signed-out", self.start())
    }

    /// The way in, for whoever asked for a page behind it.
    #[must_use]
    pub fn sign_in_first(&self) -> String {
        self.path("/sign-in?why=first")
    }

    /// How a patron signs in, with what was just done said first.
    #[must_use]
    pub fn account_after(&self, done: &str) -> String {
        format!("{}?done={done}", self.account())
    }

    /// A picture that its applicant looks at.
    #[must_use]
    pub fn apply_document_picture(&self, id: AttachmentId) -> String {
        self.path(&format!("/apply/documents/{id}/picture"))
    }

    /// Taking a picture back.
    #[must_use]
    pub fn apply_document_remove(&self, id: AttachmentId) -> String {
        self.path(&format!("/apply/documents/{id}/remove"))
    }
}

impl Urls {
    /// The addresses of one library in one language.
    #[must_use]
    pub fn new(slug: &str, lang: Lang) -> Self {
        Self { prefix: format!("/{slug}/{}", lang.as_str()), staff_prefix: format!("/{slug}/staff") }
    }

    /// Where addresses lead on pages of no library: to the list of libraries.
    #[must_use]
    pub const fn nowhere() -> Self {
        Self { prefix: String::new(), staff_prefix: String::new() }
    }

    /// A path inside this library and language; `rest` begins with `/`.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        if self.prefix.is_empty() { libraries().to_owned() } else { format!("{}{rest}", self.prefix) }
    }

    /// What went wrong with signing, and what to do.
    #[must_use]
    pub fn apply_sign_problem(&self, kind: &str) -> String {
        self.path(&format!("/apply/sign/problem/{kind}"))
    }

    /// Why the card did not sign in, and what to do.
    #[must_use]
    pub fn sign_in_card_problem(&self, kind: &str) -> String {
        self.path(&format!("/sign-in/card/problem/{kind}"))
    }

    /// Why the card did not open the password, and what to do.
    #[must_use]
    pub fn password_card_problem(&self, kind: &str) -> String {
        self.path(&format!("/password/card/problem/{kind}"))
    }

    /// Where a procedure begins, for somebody who is not signed in.
    #[must_use]
    pub fn apply_for(&self, procedure: Procedure) -> String {
        let first = if procedure.needs_card() { self.apply_card() } else { self.apply_who() };
        format!("{first}?procedure={}", procedure.as_str())
    }

    /// Where a procedure is begun by the holder of a card.
    #[must_use]
    pub fn procedure(&self, procedure: Procedure) -> String {
        self.path(&format!("/procedures/{}", procedure.as_str()))
    }

    /// What is read once the account is closed.
    #[must_use]
    pub fn card_closed(&self, how: &str) -> String {
        self.path(&format!("/card/closed?how={how}"))
    }

    /// The patron's own page, with what was just done said first.
    #[must_use]
    pub fn card_after(&self, done: &str) -> String {
        format!("{}?done={done}", self.card())
    }

    /// The patron's own page, with why something cannot be done said first.
    #[must_use]
    pub fn card_without(&self, why: &str) -> String {
        format!("{}?why={why}", self.card())
    }

    /// A notice.
    #[must_use]
    pub fn notice(&self, id: NoticeId) -> String {
        self.path(&format!("/notices/{id}"))
    }

    /// What is known of the notice with a code.
    #[must_use]
    pub fn verified(&self, code: &VerificationCode) -> String {
        self.path(&format!("/verify/{}", code.as_str()))
    }

    /// A notice as PDF.
    #[must_use]
    pub fn notice_document(&self, id: NoticeId) -> String {
        self.path(&format!("/notices/{id}/notice.pdf"))
    }
}

/// The library's short name in a path; empty where there is none that could be one.
#[must_use]
pub fn slug_of(path: &str) -> &str {
    let slug = path.split('/').nth(1).unwrap_or_default();
    let is_slug = slug.len() <= 32 && slug.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
    if is_slug { slug } else { "" }
}

/// The language in a path, if it has one.
#[must_use]
pub fn lang_of(path: &str) -> Option<Lang> {
    path.split('/').nth(2)?.parse().ok()
}

/// Tells whether a path belongs to the staff's side: second segment `staff`.
#[must_use]
pub fn is_staff(path: &str) -> bool {
    path.split('/').nth(2) == Some("staff")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_library_and_language() {
        let urls = Urls::new("aozora", Lang::Ja);
        assert_eq!(urls.start(), "/aozora/ja/");
        assert_eq!(urls.apply_sign_problem("expired"), "/aozora/ja/apply/sign/problem/expired");
        assert_eq!(Urls::nowhere().help(), "/");
    }

    #[test]
    fn the_staff_door_is_known_by_the_path() {
        assert!(is_staff("/aozora/staff"));
        assert!(is_staff("/aozora/staff/queue"));
        assert!(!is_staff("/staff/ja/help"));
        assert!(!is_staff("/aozora/staffroom"));
        assert!(is_staff(&Urls::new("aozora", Lang::Ja).staff_queue()));
    }
}
