//! Every address of the portal in one table: method, path, who may use it, and what answers.

use super::audience::Audience;
use super::error::Error;
use super::{apply, assets, cosign, handoff, patron, public, staff};
use crate::domain::permission::Permission;
use actix_web::{Resource, Route, guard, web};

/// The methods that occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Shows; changes nothing. Answers `HEAD` too.
    Get,
    /// Changes; needs a form of ours.
    Post,
}

impl Verb {
    /// A route by this method that tells whoever answers who may use it.
    fn route(self, audience: Audience) -> Route {
        let route = match self {
            Self::Get => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
            Self::Post => web::post(),
        };
        route.guard(guard::fn_guard(move |context| {
            context.req_data_mut().insert(audience);
            true
        }))
    }
}

/// One line of the table.
pub struct Entry {
    /// Method.
    pub verb: Verb,
    /// Path pattern.
    pub path: &'static str,
    /// Who may use it.
    pub audience: Audience,
    handler: fn() -> Route,
}

macro_rules! routes {
    ($($verb:ident $path:literal $audience:ident $(($permission:ident))? => $handler:path;)+) => {
        /// The table.
        pub const ROUTES: &[Entry] = &[$(Entry {
            verb: Verb::$verb,
            path: $path,
            audience: Audience::$audience $((Permission::$permission))?,
            handler: || Verb::$verb.route(Audience::$audience $((Permission::$permission))?).to($handler),
        }),+];
    };
}

routes! {
    // Built-in files
    Get  "/static/{file:.*}"                              Anybody   => assets::show;
    // How Japanese with readings is shown, whatever the library
    Post "/readings/{shown}"                              Anybody   => public::readings::submit;
    // The one return address that the signing app knows
    Get  "/signing/return"                                Anybody   => apply::sign_return::complete;
    // A telephone that signs for a PC; of no library, for the QR code must not tell which
    Get  "/s"                                             Anybody   => handoff::code::show;
    Post "/s"                                             Anybody   => handoff::code::submit;
    Get  "/s/{handle}"                                    Anybody   => handoff::number::show;
    Post "/s/{handle}"                                    Anybody   => handoff::number::submit;
    Get  "/s/{handoff}/go"                                Anybody   => handoff::summary::show;
    Post "/s/{handoff}/go"                                Anybody   => handoff::summary::submit;
    Get  "/s/{handoff}/done"                              Anybody   => handoff::done::show;
    Get  "/s/{handoff}/problem/{kind}"                    Anybody   => handoff::problem::show;
    // A guardian who signs beside a young applicant; the session is bound to one invitation and worth nothing else
    Get  "/g/{token}"                                     Anybody   => cosign::code::show;
    Post "/g/{token}"                                     Anybody   => cosign::code::submit;
    Get  "/g/{token}/wrong-address"                       Anybody   => cosign::wrong_address::show;
    Post "/g/{token}/wrong-address"                       Anybody   => cosign::wrong_address::submit;
    Get  "/g/{token}/told"                                Anybody   => cosign::wrong_address::told;
    Get  "/g/{invitation}/sign"                           Anybody   => cosign::review::show;
    Post "/g/{invitation}/sign"                           Anybody   => cosign::review::submit;
    Get  "/g/{invitation}/document"                       Anybody   => cosign::review::document;
    Get  "/g/{invitation}/decline"                        Anybody   => cosign::decline::show;
    Post "/g/{invitation}/decline"                        Anybody   => cosign::decline::submit;
    Get  "/g/{invitation}/done"                           Anybody   => cosign::done::show;
    Get  "/g/{invitation}/problem/{kind}"                 Anybody   => cosign::problem::show;
    // Staff; before the public pages, whose language would swallow "staff"
    Get  "/{library}/staff"                                                     AnyStaff             => staff::signed_in::lead_home;
    Get  "/{library}/staff/"                                                    AnyStaff             => staff::signed_in::lead_home;
    Get  "/{library}/staff/sign-in"                                             Anybody              => staff::sign_in::show;
    Post "/{library}/staff/sign-in"                                             Anybody              => staff::sign_in::submit;
    Get  "/{library}/staff/sign-out"                                            AnyStaff             => staff::signed_in::lead_home;
    Post "/{library}/staff/sign-out"                                            AnyStaff             => staff::sign_out::submit;
    Get  "/{library}/staff/invitation/{token}"                                  Anybody              => staff::invitation::show;
    Post "/{library}/staff/invitation/{token}"                                  Anybody              => staff::invitation::submit;
    Get  "/{library}/staff/queue"                                               Staff(SeeQueue)      => staff::queue::show;
    Post "/{library}/staff/queue"                                               Staff(SeeQueue)      => staff::queue::search;
    Get  "/{library}/staff/queue/claims"                                               Staff(Review)        => staff::queue::lead_there;
    Post "/{library}/staff/queue/claims"                                               Staff(Review)        => staff::batch::claim;
    Get  "/{library}/staff/queue/approvals/confirm"                                    Staff(Propose)       => staff::queue::lead_there;
    Post "/{library}/staff/queue/approvals/confirm"                                    Staff(Propose)       => staff::batch::confirm;
    Get  "/{library}/staff/queue/approvals"                                            Staff(Propose)       => staff::queue::lead_there;
    Post "/{library}/staff/queue/approvals"                                            Staff(Propose)       => staff::batch::approve;
    Get  "/{library}/staff/templates"                                                  Staff(WriteTemplates) => staff::templates::show;
    Post "/{library}/staff/templates"                                                  Staff(WriteTemplates) => staff::templates::submit;
    Get  "/{library}/staff/templates/{template}"                                       Staff(WriteTemplates) => staff::template::show;
    Post "/{library}/staff/templates/{template}"                                       Staff(WriteTemplates) => staff::template::submit;
    Get  "/{library}/staff/members"                                                    Staff(ManageStaff)   => staff::members::show;
    Post "/{library}/staff/members"                                                    Staff(ManageStaff)   => staff::members::submit;
    Get  "/{library}/staff/members/{member}"                                           Staff(ManageStaff)   => staff::members::one::show;
    Post "/{library}/staff/members/{member}"                                           Staff(ManageStaff)   => staff::members::one::submit;
    Get  "/{library}/staff/absences"                                                   Staff(SeeQueue)      => staff::absences::show;
    Post "/{library}/staff/absences"                                                   Staff(SeeQueue)      => staff::absences::submit;
    Get  "/{library}/staff/absences/remove"                                            Staff(SeeQueue)      => staff::absences::lead_there;
    Post "/{library}/staff/absences/remove"                                            Staff(SeeQueue)      => staff::absences::remove;
    Get  "/{library}/staff/record/deeds"                                               Staff(ReadRecord)    => staff::deeds::show;
    Get  "/{library}/staff/record"                                                     Staff(ReadRecord)    => staff::record::show;
    Get  "/{library}/staff/settings"                                                   AnyStaff             => staff::settings::show;
    Post "/{library}/staff/settings"                                                   AnyStaff             => staff::settings::submit;
    Get  "/{library}/staff/help"                                                       AnyStaff             => staff::help::show;
    Get  "/{library}/staff/applications/{reference}"                            Staff(OpenFile)      => staff::application::show;
    Get  "/{library}/staff/applications/{reference}/document"                   Staff(TakeEvidence)  => staff::evidence::document;
    Get  "/{library}/staff/applications/{reference}/signature"                  Staff(TakeEvidence)  => staff::evidence::signature;
    Get  "/{library}/staff/applications/{reference}/evidence.zip"               Staff(TakeEvidence)  => staff::evidence::archive;
    Get  "/{library}/staff/applications/{reference}/claim"                      Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/claim"                      Staff(Review)        => staff::claim::submit;
    Get  "/{library}/staff/applications/{reference}/release"                    Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/release"                    Staff(Review)        => staff::claim::release;
    Get  "/{library}/staff/applications/{reference}/correction"                 Staff(Review)        => staff::correction::show;
    Post "/{library}/staff/applications/{reference}/correction"                 Staff(Review)        => staff::correction::submit;
    Get  "/{library}/staff/applications/{reference}/correction/confirm"         Staff(Review)        => staff::correction::lead_there;
    Post "/{library}/staff/applications/{reference}/correction/confirm"         Staff(Review)        => staff::correction::confirm;
    Get  "/{library}/staff/applications/{reference}/correction/template"        Staff(Review)        => staff::correction::lead_there;
    Post "/{library}/staff/applications/{reference}/correction/template"        Staff(Review)        => staff::correction::insert_template;
    Get  "/{library}/staff/applications/{reference}/messages/template"          Staff(Review)        => staff::messages::lead_there;
    Post "/{library}/staff/applications/{reference}/messages/template"          Staff(Review)        => staff::messages::insert_template;
    Get  "/{library}/staff/applications/{reference}/correction/change"          Staff(Review)        => staff::correction::lead_there;
    Post "/{library}/staff/applications/{reference}/correction/change"          Staff(Review)        => staff::correction::change;
    Get  "/{library}/staff/applications/{reference}/messages"                   Staff(OpenFile)      => staff::messages::show;
    Post "/{library}/staff/applications/{reference}/messages"                   Staff(Review)        => staff::messages::submit;
    Get  "/{library}/staff/applications/{reference}/decision/confirm"           Staff(Propose)       => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/decision/confirm"           Staff(Propose)       => staff::confirmation::show;
    Get  "/{library}/staff/applications/{reference}/decision/change"            Staff(Propose)       => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/decision/change"            Staff(Propose)       => staff::confirmation::change;
    Get  "/{library}/staff/applications/{reference}/decision"                   Staff(Propose)       => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/decision"                   Staff(Propose)       => staff::decision::submit;
    Get  "/{library}/staff/applications/{reference}/take-over"                         Staff(TakeOver)      => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/take-over"                         Staff(TakeOver)      => staff::claim::take_over;
    Get  "/{library}/staff/applications/{reference}/hold"                              Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/hold"                              Staff(Review)        => staff::hold::submit;
    Get  "/{library}/staff/applications/{reference}/proof"                             Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/proof"                             Staff(Review)        => staff::proof::submit;
    Get  "/{library}/staff/applications/{reference}/opinion"                           Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/opinion"                           Staff(Review)        => staff::opinion::ask;
    Get  "/{library}/staff/applications/{reference}/opinion/answer"                    Staff(OpenFile)      => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/opinion/answer"                    Staff(OpenFile)      => staff::opinion::answer;
    Get  "/{library}/staff/applications/{reference}/memo"                              Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/memo"                              Staff(Review)        => staff::memo::submit;
    Get  "/{library}/staff/applications/{reference}/reopen"                            Staff(Reopen)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/reopen"                            Staff(Reopen)        => staff::reopen::submit;
    Get  "/{library}/staff/applications/{reference}/ask-once-more"                     Staff(Reopen)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/ask-once-more"                     Staff(Reopen)        => staff::reopen::ask_once_more;
    Get  "/{library}/staff/applications/{reference}/decision/template"                 Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/decision/template"                 Staff(Review)        => staff::decision::insert_template;
    Get  "/{library}/staff/applications/{reference}/certificate-number"         Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/certificate-number"         Staff(Review)        => staff::certificate_number::submit;
    Get  "/{library}/staff/applications/{reference}/certificate-number/confirm" Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/certificate-number/confirm" Staff(Review)        => staff::certificate_number::confirm;
    Get  "/{library}/staff/applications/{reference}/certificate-number/remove"  Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/certificate-number/remove"  Staff(Review)        => staff::certificate_number::remove;
    Get  "/{library}/staff/applications/{reference}/transcription"              Staff(OpenFile)      => staff::transcription::show;
    Get  "/{library}/staff/exchange"                                            Staff(Exchange)      => staff::exchange::show;
    Get  "/{library}/staff/exchange/new"                                        Staff(Exchange)      => staff::exchange::making::show;
    Post "/{library}/staff/exchange/new"                                        Staff(Exchange)      => staff::exchange::making::submit;
    Get  "/{library}/staff/exchange/import"                                     Staff(Exchange)      => staff::exchange::import::show;
    Post "/{library}/staff/exchange/import"                                     Staff(Exchange)      => staff::exchange::import::submit;
    Get  "/{library}/staff/exchange/confirmations"                              Staff(Exchange)      => staff::exchange::confirmations::show;
    Post "/{library}/staff/exchange/confirmations"                              Staff(Exchange)      => staff::exchange::confirmations::submit;
    Get  "/{library}/staff/applications/{reference}/registration/confirm"       Staff(Exchange)      => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/registration/confirm"       Staff(Exchange)      => staff::registration::confirm;
    Get  "/{library}/staff/applications/{reference}/registration/refuse"        Staff(Exchange)      => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/registration/refuse"        Staff(Exchange)      => staff::registration::refuse;
    Get  "/{library}/staff/exchange/files/{export}"                             Staff(Exchange)      => staff::exchange::file::show;
    Get  "/{library}/staff/exchange/files/{export}/file.csv"                    Staff(Exchange)      => staff::exchange::file::download;
    Get  "/{library}/staff/exchange/files/{export}/confirm"                     Staff(Exchange)      => staff::exchange::lead_there;
    Post "/{library}/staff/exchange/files/{export}/confirm"                     Staff(Exchange)      => staff::exchange::file::confirm;
    Get  "/{library}/staff/applications/{reference}/duplicates"                 Staff(OpenFile)      => staff::duplicates::show;
    Post "/{library}/staff/applications/{reference}/duplicates"                 Staff(Review)        => staff::duplicates::submit;
    Get  "/{library}/staff/applications/{reference}/recusal"                    Staff(OpenFile)      => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/recusal"                    Staff(OpenFile)      => staff::recusal::submit;
    Get  "/{library}/staff/counter"                                             Staff(EnterApplication) => staff::counter::show;
    Post "/{library}/staff/counter"                                             Staff(EnterApplication) => staff::counter::submit;
    Get  "/{library}/staff/visits/{reference}/answers"                          Staff(EnterApplication) => staff::counter::show_of;
    Post "/{library}/staff/visits/{reference}/answers"                          Staff(EnterApplication) => staff::counter::submit_of;
    Get  "/{library}/staff/visits/{reference}"                                  Staff(EnterApplication) => staff::visit::show;
    Post "/{library}/staff/visits/{reference}"                                  Staff(EnterApplication) => staff::visit::submit;
    Get  "/{library}/staff/papers"                                              Staff(EnterApplication) => staff::papers::show;
    Get  "/{library}/staff/papers/{notice}/notice.pdf"                          Staff(EnterApplication) => staff::papers::document;
    Get  "/{library}/staff/papers/{notice}"                                     Staff(EnterApplication) => staff::papers::lead_there;
    Post "/{library}/staff/papers/{notice}"                                     Staff(EnterApplication) => staff::papers::submit;
    Get  "/{library}/staff/patrons"                                             Staff(SeePatrons)    => staff::patrons::show;
    Post "/{library}/staff/patrons"                                             Staff(SeePatrons)    => staff::patrons::submit;
    Get  "/{library}/staff/patrons/{patron}"                                    Staff(SeePatrons)    => staff::patrons::record::show;
    Get  "/{library}/staff/patrons/{patron}/stop"                               Staff(StopCards)     => staff::patrons::record::lead_there;
    Post "/{library}/staff/patrons/{patron}/stop"                               Staff(StopCards)     => staff::patrons::record::stop;
    Get  "/{library}/staff/patrons/{patron}/release"                            Staff(StopCards)     => staff::patrons::record::lead_there;
    Post "/{library}/staff/patrons/{patron}/release"                            Staff(StopCards)     => staff::patrons::record::release;
    Get  "/{library}/staff/patrons/{patron}/password"                           Staff(EnterApplication) => staff::patrons::password::show;
    Post "/{library}/staff/patrons/{patron}/password"                           Staff(EnterApplication) => staff::patrons::password::submit;
    Get  "/{library}/staff/patrons/{patron}/blocks"                             Staff(BlockPatrons)  => staff::patrons::record::lead_there;
    Post "/{library}/staff/patrons/{patron}/blocks"                             Staff(BlockPatrons)  => staff::patrons::record::block;
    Get  "/{library}/staff/patrons/{patron}/blocks/lift"                        Staff(BlockPatrons)  => staff::patrons::record::lead_there;
    Post "/{library}/staff/patrons/{patron}/blocks/lift"                        Staff(BlockPatrons)  => staff::patrons::record::lift_block;
    Get  "/{library}/staff/requests"                                            Staff(Decide)        => staff::requests::show;
    Post "/{library}/staff/requests"                                            Staff(Decide)        => staff::requests::submit;
    Get  "/{library}/staff/campaign"                                            Staff(SeePatrons)    => staff::campaign::show;
    Get  "/{library}/staff/relations"                                           AnyStaff             => staff::relations::show;
    Post "/{library}/staff/relations"                                           AnyStaff             => staff::relations::submit;
    Get  "/{library}/staff/relations/remove"                                    AnyStaff             => staff::relations::lead_there;
    Post "/{library}/staff/relations/remove"                                    AnyStaff             => staff::relations::remove;
    Get  "/{library}/staff/applications/{reference}/attachments/{attachment}"         Staff(TakeEvidence) => staff::attachment::show;
    Get  "/{library}/staff/applications/{reference}/attachments/{attachment}/destroy" Staff(TakeEvidence) => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/attachments/{attachment}/destroy" Staff(TakeEvidence) => staff::attachment::destroy;
    Get  "/{library}/staff/applications/{reference}/patron"                     Staff(Review)        => staff::application::lead_there;
    Post "/{library}/staff/applications/{reference}/patron"                     Staff(Review)        => staff::patron_match::submit;
    // Last of them: whatever else is asked of the staff's side
    Get  "/{library}/staff/{rest:.*}"                                           AnyStaff             => staff::help::nowhere;
    // For load balancers and monitoring
    Get  "/health/live"                                   Anybody   => public::health::live;
    Get  "/health/ready"                                  Anybody   => public::health::ready;
    Get  "/health/revocation"                             Anybody   => public::health::revocation;
    Get  "/health/seals"                                  Anybody   => public::health::seals;
    Get  "/health/mail"                                   Anybody   => public::health::mail;
    // Public pages
    Get  "/"                                              Anybody   => public::libraries::show;
    Get  "/{library}"                                     Anybody   => public::start::into_language;
    Get  "/{library}/{lang}"                              Anybody   => public::start::with_slash;
    Get  "/{library}/{lang}/"                             Anybody   => public::start::show;
    Get  "/{library}/{lang}/help"                         Anybody   => public::guidance::help;
    Get  "/{library}/{lang}/counter"                      Anybody   => public::guidance::counter;
    Get  "/{library}/{lang}/ways"                         Anybody   => public::ways::show;
    Get  "/{library}/{lang}/accessibility"                Anybody   => public::guidance::accessibility;
    Get  "/{library}/{lang}/privacy"                      Anybody   => public::guidance::privacy;
    Get  "/{library}/{lang}/cookies"                      Anybody   => public::guidance::cookies;
    Get  "/{library}/{lang}/verify"                       Anybody   => public::verify::show;
    Post "/{library}/{lang}/verify"                       Anybody   => public::verify::judge_file;
    Get  "/{library}/{lang}/verify/{code}"                Anybody   => public::verify::verified;
    Get  "/{library}/{lang}/procedures"                   Anybody   => public::procedures::show;
    Get  "/{library}/{lang}/procedures/{procedure}"       Anybody   => patron::begin::lead_there;
    Post "/{library}/{lang}/procedures/{procedure}"       Applicant => patron::begin::submit;
    // Applying
    Get  "/{library}/{lang}/apply/card"                   Anybody   => apply::card::show;
    Post "/{library}/{lang}/apply/card"                   Anybody   => apply::card::submit;
    Get  "/{library}/{lang}/apply/who"                    Anybody   => apply::who::show;
    Post "/{library}/{lang}/apply/who"                    Anybody   => apply::who::submit;
    Get  "/{library}/{lang}/apply/elsewhere"              Anybody   => apply::elsewhere::show;
    Get  "/{library}/{lang}/apply/email"                  Applicant => apply::email::show;
    Post "/{library}/{lang}/apply/email"                  Applicant => apply::email::submit;
    Get  "/{library}/{lang}/apply/email/code"             Applicant => apply::email_code::show;
    Post "/{library}/{lang}/apply/email/code"             Applicant => apply::email_code::submit;
    Get  "/{library}/{lang}/apply/email/again"            Applicant => apply::email_code::lead_there;
    Post "/{library}/{lang}/apply/email/again"            Applicant => apply::email_code::send_again;
    Get  "/{library}/{lang}/apply/name"                   Applicant => apply::name::show;
    Post "/{library}/{lang}/apply/name"                   Applicant => apply::name::submit;
    Get  "/{library}/{lang}/apply/birth"                  Applicant => apply::birth::show;
    Post "/{library}/{lang}/apply/birth"                  Applicant => apply::birth::submit;
    Get  "/{library}/{lang}/apply/address"                Applicant => apply::address::show;
    Post "/{library}/{lang}/apply/address"                Applicant => apply::address::submit;
    Get  "/{library}/{lang}/apply/children"                   Applicant => apply::children::show;
    Post "/{library}/{lang}/apply/children"                   Applicant => apply::children::submit;
    Get  "/{library}/{lang}/apply/children/{number}"          Applicant => apply::children::one::show;
    Post "/{library}/{lang}/apply/children/{number}"          Applicant => apply::children::one::submit;
    Get  "/{library}/{lang}/apply/children/{number}/remove"   Applicant => apply::children::lead_there;
    Post "/{library}/{lang}/apply/children/{number}/remove"   Applicant => apply::children::one::remove;
    Get  "/{library}/{lang}/apply/contact"                Applicant => apply::contact::show;
    Post "/{library}/{lang}/apply/contact"                Applicant => apply::contact::submit;
    Get  "/{library}/{lang}/apply/documents"              Applicant => apply::documents::show;
    Post "/{library}/{lang}/apply/documents"              Applicant => apply::documents::submit;
    Get  "/{library}/{lang}/apply/documents/add/{kind}"   Applicant => apply::documents::add::show;
    Post "/{library}/{lang}/apply/documents/add/{kind}"   Applicant => apply::documents::add::submit;
    Get  "/{library}/{lang}/apply/documents/{attachment}/picture" Applicant => apply::documents::own::show;
    Get  "/{library}/{lang}/apply/documents/{attachment}/remove"  Applicant => apply::documents::lead_there;
    Post "/{library}/{lang}/apply/documents/{attachment}/remove"  Applicant => apply::documents::own::remove;
    Get  "/{library}/{lang}/apply/guardian"               Applicant => apply::cosigner::show;
    Post "/{library}/{lang}/apply/guardian"               Applicant => apply::cosigner::submit;
    Get  "/{library}/{lang}/apply/check"                  Applicant => apply::check::show;
    Post "/{library}/{lang}/apply/check"                  Applicant => apply::check::submit;
    Get  "/{library}/{lang}/apply/sign"                   Applicant => apply::sign::show;
    Post "/{library}/{lang}/apply/sign"                   Applicant => apply::sign::submit;
    Get  "/{library}/{lang}/apply/sign/document"          Applicant => apply::sign::document;
    Get  "/{library}/{lang}/apply/sign/qr"                Applicant => apply::sign_qr::lead_there;
    Post "/{library}/{lang}/apply/sign/qr"                Applicant => apply::sign_qr::submit;
    Get  "/{library}/{lang}/apply/sign/status"            Applicant => apply::sign_status::show;
    Get  "/{library}/{lang}/apply/sign/upload"            Applicant => apply::sign_upload::show;
    Post "/{library}/{lang}/apply/sign/upload"            Applicant => apply::sign_upload::submit;
    Get  "/{library}/{lang}/apply/sign/problem/{kind}"    Anybody   => apply::sign_problem::show;
    Get  "/{library}/{lang}/apply/visit"                  Applicant => apply::visit::show;
    Post "/{library}/{lang}/apply/visit"                  Applicant => apply::visit::submit;
    Get  "/{library}/{lang}/apply/visit/pictures"         Applicant => apply::visit::lead_there;
    Post "/{library}/{lang}/apply/visit/pictures"         Applicant => apply::visit::choose;
    Get  "/{library}/{lang}/apply/visit/slip.pdf"         Applicant => apply::visit::document;
    Get  "/{library}/{lang}/apply/done"                   Applicant => apply::done::show;
    Get  "/{library}/{lang}/apply/pause"                  Applicant => apply::pause::show;
    Post "/{library}/{lang}/apply/pause"                  Applicant => apply::pause::submit;
    Get  "/{library}/{lang}/resume"                       Anybody   => apply::resume::show;
    Post "/{library}/{lang}/resume"                       Anybody   => apply::resume::submit;
    Get  "/{library}/{lang}/resume/code"                  Anybody   => apply::resume_code::show;
    Post "/{library}/{lang}/resume/code"                  Anybody   => apply::resume_code::submit;
    Get  "/{library}/{lang}/resume/list"                  Applicant => apply::resume_list::show;
    Post "/{library}/{lang}/resume/list"                  Applicant => apply::resume_list::submit;
    // Status, notices, password
    Get  "/{library}/{lang}/sign-in"                      Anybody   => patron::sign_in::show;
    Post "/{library}/{lang}/sign-in"                      Anybody   => patron::sign_in::submit;
    Get  "/{library}/{lang}/sign-in/code"                 Anybody   => patron::sign_in_code::show;
    Post "/{library}/{lang}/sign-in/code"                 Anybody   => patron::sign_in_code::submit;
    Get  "/{library}/{lang}/sign-in/password"             Anybody   => patron::password_sign_in::show;
    Post "/{library}/{lang}/sign-in/password"             Anybody   => patron::password_sign_in::submit;
    Get  "/{library}/{lang}/sign-in/new-password"         Anybody   => patron::new_password::show;
    Post "/{library}/{lang}/sign-in/new-password"         Anybody   => patron::new_password::submit;
    Get  "/{library}/{lang}/sign-in/passkey"              Anybody   => patron::passkey_sign_in::lead_there;
    Post "/{library}/{lang}/sign-in/passkey"              Anybody   => patron::passkey_sign_in::submit;
    Post "/{library}/{lang}/sign-in/card"                 Anybody   => patron::card_sign_in::submit;
    Get  "/{library}/{lang}/sign-in/card/problem/{kind}"  Anybody   => patron::card_problem::show_of_sign_in;
    Get  "/{library}/{lang}/sign-in/list"                 Applicant => patron::card_list::show;
    Post "/{library}/{lang}/sign-in/list"                 Applicant => patron::card_list::submit;
    Post "/{library}/{lang}/sign-out"                     Anybody   => patron::sign_out::submit;
    Get  "/{library}/{lang}/status"                       Applicant => patron::status::show;
    Get  "/{library}/{lang}/status/application.pdf"       Applicant => patron::status::document;
    Get  "/{library}/{lang}/status/guardian"              Applicant => patron::cosigner::show;
    Post "/{library}/{lang}/status/guardian"              Applicant => patron::cosigner::submit;
    Get  "/{library}/{lang}/status/fix"                   Applicant => patron::fix::show;
    Post "/{library}/{lang}/status/fix"                   Applicant => patron::fix::submit;
    Get  "/{library}/{lang}/status/messages"              Applicant => patron::messages::show;
    Post "/{library}/{lang}/status/messages"              Applicant => patron::messages::submit;
    Get  "/{library}/{lang}/status/withdraw"              Applicant => patron::withdraw::show;
    Post "/{library}/{lang}/status/withdraw"              Applicant => patron::withdraw::submit;
    Get  "/{library}/{lang}/notices/{notice}"             Applicant => patron::notice::show;
    Get  "/{library}/{lang}/notices/{notice}/notice.pdf"  Applicant => patron::notice::document;
    Get  "/{library}/{lang}/password"                     Applicant => patron::password::show;
    Post "/{library}/{lang}/password"                     Applicant => patron::password::submit;
    Post "/{library}/{lang}/password/card"                Applicant => patron::card_sign_in::submit_for_password;
    Get  "/{library}/{lang}/password/card/problem/{kind}" Anybody   => patron::card_problem::show_of_password;
    Get  "/{library}/{lang}/account"                      Applicant => patron::account::show;
    Get  "/{library}/{lang}/account/password"             Applicant => patron::account::password::show;
    Post "/{library}/{lang}/account/password"             Applicant => patron::account::password::submit;
    Get  "/{library}/{lang}/account/passkeys"             Applicant => patron::account::passkeys::show;
    Post "/{library}/{lang}/account/passkeys"             Applicant => patron::account::passkeys::submit;
    Get  "/{library}/{lang}/account/passkeys/remove"      Applicant => patron::account::lead_there;
    Post "/{library}/{lang}/account/passkeys/remove"      Applicant => patron::account::passkeys::remove;
    Get  "/{library}/{lang}/account/sessions/end"         Applicant => patron::account::lead_there;
    Post "/{library}/{lang}/account/sessions/end"         Applicant => patron::account::end_session;
    Get  "/{library}/{lang}/account/sessions/end-others"  Applicant => patron::account::lead_there;
    Post "/{library}/{lang}/account/sessions/end-others"  Applicant => patron::account::end_others;
    Get  "/{library}/{lang}/card"                         Applicant => patron::card::home::show;
    Get  "/{library}/{lang}/card/show"                    Applicant => patron::card::show::show;
    Get  "/{library}/{lang}/card/show/card.png"           Applicant => patron::card::kept::picture;
    Get  "/{library}/{lang}/card/show/card.pdf"           Applicant => patron::card::kept::paper;
    Get  "/{library}/{lang}/card/card.ics"                Applicant => patron::card::calendar::show;
    Get  "/{library}/{lang}/card/family"                  Applicant => patron::card::family::show;
    Post "/{library}/{lang}/card/family"                  Applicant => patron::card::family::open;
    Get  "/{library}/{lang}/card/record"                  Applicant => patron::card::record::show;
    Get  "/{library}/{lang}/card/record/record.json"      Applicant => patron::card::record::json;
    Get  "/{library}/{lang}/card/record/record.pdf"       Applicant => patron::card::record::document;
    Get  "/{library}/{lang}/card/close"                   Applicant => patron::card::close::show;
    Post "/{library}/{lang}/card/close"                   Applicant => patron::card::close::submit;
    Get  "/{library}/{lang}/card/closed"                  Anybody   => patron::card::close::closed;
    Get  "/{library}/{lang}/card/requests"                Applicant => patron::card::requests::show;
    Post "/{library}/{lang}/card/requests"                Applicant => patron::card::requests::submit;
    Get  "/{library}/{lang}/card/requests/take-back"      Applicant => patron::card::requests::lead_there;
    Post "/{library}/{lang}/card/requests/take-back"      Applicant => patron::card::requests::take_back;
    Get  "/{library}/{lang}/card/stop"                    Applicant => patron::card::deed::show_stop;
    Post "/{library}/{lang}/card/stop"                    Applicant => patron::card::deed::stop;
    Get  "/{library}/{lang}/card/found"                   Applicant => patron::card::deed::show_found;
    Post "/{library}/{lang}/card/found"                   Applicant => patron::card::deed::found;
    Get  "/{library}/{lang}/card/unlink"                  Applicant => patron::card::deed::show_unlink;
    Post "/{library}/{lang}/card/unlink"                  Applicant => patron::card::deed::unlink;
    // Last: whatever else is asked of a library gets its "not found" in that library's dress
    Get  "/{library}/{lang}/{rest:.*}"                    Anybody   => public::start::nowhere;
}

/// Where many addresses begin alike, the narrower beginning first: `/{library}/{lang}` would take the staff's.
const BEGINNINGS: [&str; 2] = ["/{library}/staff", "/{library}/{lang}"];

/// Puts the table into the application. A path that exists by another method answers 405.
pub fn configure(config: &mut web::ServiceConfig) {
    let mut paths: Vec<&'static str> = Vec::new();
    for entry in ROUTES {
        if !paths.contains(&entry.path) {
            paths.push(entry.path);
        }
    }
    // Paths are tried one after the other, and most of the time of a small page went there: those that begin alike are
    // tried as one, and what follows the beginning is mostly compared letter by letter.
    let mut beginnings: Vec<_> = BEGINNINGS.map(|beginning| (beginning, Some(web::scope(beginning)))).into();
    for path in &paths {
        let Some((beginning, scope)) = beginnings.iter_mut().find(|(beginning, _)| path.starts_with(*beginning)) else {
            config.service(resource(path, path));
            continue;
        };
        if let Some(scope) = scope.take() {
            let inside = paths.iter().filter_map(|path| Some((path, path.strip_prefix(*beginning)?)));
            config.service(inside.fold(scope, |scope, (path, rest)| scope.service(resource(path, rest))));
        }
    }
}

/// Everything that the table says of one path, served at `place`.
fn resource(path: &str, place: &str) -> Resource {
    let entries = ROUTES.iter().filter(|entry| entry.path == path);
    let routes = entries.fold(web::resource(place), |resource, entry| resource.route((entry.handler)()));
    routes.default_service(web::to(other_method))
}

async fn other_method() -> Result<&'static str, Error> {
    Err(Error::MethodNotAllowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_is_listed_twice() {
        for (at, entry) in ROUTES.iter().enumerate() {
            let twin = ROUTES[at + 1..].iter().any(|other| other.path == entry.path && other.verb == entry.verb);
            assert!(!twin, "{:?} {}", entry.verb, entry.path);
        }
    }

    #[test]
    fn staff_addresses_are_for_staff_and_no_others_are() {
        for entry in ROUTES {
            let way_in = entry.path.ends_with("/sign-in") || entry.path.contains("/invitation/");
            let is_staff = super::super::urls::is_staff(entry.path) && !way_in;
            assert_eq!(entry.audience.is_staff(), is_staff, "{}", entry.path);
        }
    }
}
