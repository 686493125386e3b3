//! Why something was not done after all: what changed, who has it now, and nothing typed is lost.

use super::signed_in::SignedInStaff;
use super::wording::{name_of, name_of_decider};
use crate::domain::application::{ApplicationState, Decider, Refused};
use crate::domain::obstacle::Obstacle;
use crate::domain::permission::Permission;
use crate::domain::reference::Reference;
use crate::domain::staff::StaffMember;
use crate::http::error::Error;
use crate::http::filters::Moment;
use crate::http::page::{self, Layout};
use crate::http::procedure_wording;
use crate::http::wording;
use crate::service;
use crate::service::duplicates::DuplicateCount;
use crate::service::review::{ReviewFile, RevocationAnswer};
use crate::words::Words;
use actix_web::HttpResponse;
use askama::Template;
use time::OffsetDateTime;

/// Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// Whoever asked does not hold the claim; the file says who does.
    NotHeld,
    /// The page showed another version than the current one.
    OtherVersion { seen: u32, current: u32 },
    /// Another change was saved at the same moment.
    Stale,
    /// The library has no card number left to give.
    NoNumberLeft,
    /// Nobody can say yet whether the certificate was revoked.
    RevocationUnknown,
    /// The certificate was revoked when the signature was received.
    CertificateRevoked,
    /// The rules, or the card, do not allow it, or not now.
    Obstacle(Obstacle),
    /// Somebody who may be the applicant is not answered for, or is the applicant.
    DuplicateHold(DuplicateCount),
    /// Whoever asked is the applicant, or close to them.
    Related,
    /// Anything else that the state does not allow.
    Refused(Refused),
}

/// The explanation.
#[derive(Template)]
#[template(path = "staff/conflict.html")]
struct ConflictPage {
    layout: Layout,
    reference: String,
    name: String,
    sentences: Vec<String>,
    unsent: String,
    /// Where to see who may be registered already, if that is what stands in the way.
    duplicates_url: Option<String>,
    file_url: String,
}

/// Explains a refusal from the state that the application is in now; other errors pass.
pub(super) async fn explain(
    staff: SignedInStaff,
    reference: &Reference,
    error: service::Error,
    unsent: &str,
) -> Result<HttpResponse, Error> {
    let why = match error {
        service::Error::Stale => Why::Stale,
        service::Error::SeriesExhausted => Why::NoNumberLeft,
        service::Error::RevocationUnknown => Why::RevocationUnknown,
        service::Error::CertificateRevoked => Why::CertificateRevoked,
        service::Error::Obstacle(obstacle) => Why::Obstacle(obstacle),
        service::Error::DuplicateHold(count) => Why::DuplicateHold(count),
        service::Error::Related => Why::Related,
        service::Error::Refused(Refused::OtherVersion { seen, current }) => Why::OtherVersion { seen, current },
        service::Error::Refused(
            refused @ (Refused::OtherLibrary
            | Refused::LeaseEnded { .. }
            | Refused::NotAllowed
            | Refused::SamePerson
            | Refused::TooLate { .. }),
        ) => Why::Refused(refused),
        service::Error::Refused(_) => Why::NotHeld,
        other => return Err(other.into()),
    };
    let file = staff.here.portal.open_file(&staff.member, reference).await?;
    page(&staff, &file, &why, unsent)
}

/// Why something was not done, in a sentence that stands by itself; other errors pass.
pub(super) fn words_of(error: service::Error) -> Result<String, Error> {
    Ok(match error {
        service::Error::Stale => reason(&Why::Stale),
        service::Error::SeriesExhausted => reason(&Why::NoNumberLeft),
        service::Error::RevocationUnknown => reason(&Why::RevocationUnknown),
        service::Error::CertificateRevoked => reason(&Why::CertificateRevoked),
        service::Error::Refused(refused) => reason(&Why::Refused(refused)),
        service::Error::DuplicateHold(count) => reason(&Why::DuplicateHold(count)),
        service::Error::Related => reason(&Why::Related),
        service::Error::Obstacle(obstacle) => reason(&Why::Obstacle(obstacle)),
        service::Error::NotGreen => "自動確認に、よくない点かちがいがあります。ひらいて確かめてください。".to_owned(),
        service::Error::NotFound => "この申込みはありません。".to_owned(),
        service::Error::SignatureBroken(_) => {
            "署名を確かめなおせませんでした。システムの管理者に伝えてください。".to_owned()
        }
        other => return Err(other.into()),
    })
}

/// Draws the explanation.
pub(super) fn page(staff: &SignedInStaff, file: &ReviewFile, why: &Why, unsent: &str) -> Result<HttpResponse, Error> {
    let layout = staff.here.layout.clone();
    page::conflict(&draw(layout, file, &staff.member, why, unsent, staff.now()))
}

fn draw(
    layout: Layout,
    file: &ReviewFile,
    me: &StaffMember,
    why: &Why,
    unsent: &str,
    now: OffsetDateTime,
) -> ConflictPage {
    let mut sentences = vec![reason(why)];
    if is_about_standing(why) {
        sentences.push(standing(file, me, now));
    }
    sentences.retain(|sentence| !sentence.is_empty());
    ConflictPage {
        reference: file.application.reference.to_string(),
        name: file.statement.answers.name.as_str().to_owned(),
        sentences,
        unsent: unsent.trim().to_owned(),
        duplicates_url: matches!(why, Why::DuplicateHold(_))
            .then(|| layout.urls.staff_application_path(&file.application.reference, "/duplicates")),
        file_url: layout.urls.staff_application(&file.application.reference),
        layout,
    }
}

/// True if where the application stands explains the refusal, or what to do about it.
const fn is_about_standing(why: &Why) -> bool {
    !matches!(
        why,
        Why::NoNumberLeft
            | Why::RevocationUnknown
            | Why::CertificateRevoked
            | Why::DuplicateHold(_)
            | Why::Related
            | Why::Obstacle(_)
    )
}

/// What stands against an approval by `me`, as far as it is known before it is tried.
pub(super) fn stands_against(file: &ReviewFile, me: &StaffMember) -> Option<Why> {
    if file.is_related {
        return Some(Why::Related);
    }
    if let Some(first) = file.first_approval {
        let may_decide = file.application.must_be_for(me, Permission::Decide);
        let is_same = first.approved_by == me.id;
        let refused = if is_same { Some(Refused::SamePerson) } else { may_decide.err() };
        if let Some(refused) = refused {
            return Some(Why::Refused(refused));
        }
    }
    if file.way.is_some() && file.revocation == RevocationAnswer::Revoked {
        return Some(Why::CertificateRevoked);
    }
    if let Some(about) = &file.about_card {
        let blocked = (!about.blocks.is_empty()).then_some(Obstacle::Blocked { explanation: None });
        if let Some(obstacle) = blocked.or_else(|| about.obstacle.clone()) {
            return Some(Why::Obstacle(obstacle));
        }
    }
    file.duplicates.holds().then_some(Why::DuplicateHold(file.duplicates))
}

/// Why, in a sentence; empty where the standing of the application says it.
pub(super) fn reason(why: &Why) -> String {
    match why {
        Why::NotHeld => String::new(),
        Why::OtherVersion { seen, current } if seen == current => {
            "ごらんになっていた文書と、いまの文書がちがいます。".to_owned()
        }
        Why::OtherVersion { seen, current } => {
            format!("ごらんになっていたのは第{seen}版、いまは第{current}版です。申込みの内容が変わっています。")
        }
        Why::Stale => "ほかの画面で、先に変更がありました。".to_owned(),
        Why::NoNumberLeft => {
            "発行できるカード番号がもうありません。番号の範囲を広げるよう、システムの管理者に伝えてください。"
                .to_owned()
        }
        Why::RevocationUnknown => {
            "署名の証明書が失効していないことを、まだ確認できていません。確認できるまで、承認はできません。自動でくり返し確認していますので、あとでもう一度おためしください。"
                .to_owned()
        }
        Why::CertificateRevoked => {
            "申込みを受け付けたとき、署名の証明書はすでに失効していました。そのため承認できません。申込者に、窓口での申込みなどをご案内ください。"
                .to_owned()
        }
        Why::Obstacle(Obstacle::NotMatched) => {
            "カード番号と利用者が一致しません。申込みの画面で、だれのカードかを確かめて選んでください。".to_owned()
        }
        Why::Obstacle(Obstacle::Blocked { .. }) => {
            "この利用者は、この手続きを止められています。解除されるまで、承認はできません。".to_owned()
        }
        Why::Obstacle(obstacle) => procedure_wording::of_obstacle(Words::default(), obstacle).plain(),
        Why::DuplicateHold(DuplicateCount { undecided: 0, .. }) => {
            "「同じ人」と判断された登録があります。新しいカードは発行できません。".to_owned()
        }
        Why::DuplicateHold(count) => {
            format!(
                "すでに登録があるかもしれない人が{}件あります。同じ人か別の人かを判断するまで、承認できません。",
                count.undecided
            )
        }
        Why::Related => {
            "ご自身か、ご家族などの申込みとして記録されています。ほかの職員に担当をお願いしてください。".to_owned()
        }
        Why::Refused(Refused::LeaseEnded { lease_until }) => {
            format!(
                "担当の時間が{}に切れました。もう一度「担当する」を押してから、決定してください。",
                Moment(*lease_until).clock()
            )
        }
        Why::Refused(refused) => wording::of_refused(refused).plain(),
    }
}

/// Where the application stands now, and by whose doing.
fn standing(file: &ReviewFile, me: &StaffMember, now: OffsetDateTime) -> String {
    let name = |id| if id == me.id { "あなた".to_owned() } else { format!("{}さん", name_of(&file.staff, id)) };
    let decided_by =
        |decider: &Decider| decider.staff_id().map_or_else(|| name_of_decider(&file.staff, *decider), name);
    match &file.application.state {
        ApplicationState::UnderReview { reviewer, lease_until, .. } if *lease_until > now => {
            let until = Moment(*lease_until).dense();
            if *reviewer == me.id {
                format!("いまは、あなたが担当しています（{until}まで。操作をするとのびます）。")
            } else {
                format!("いまは、{}が担当しています（{until}まで。操作があればのびます）。", name(*reviewer))
            }
        }
        ApplicationState::Submitted { .. } | ApplicationState::UnderReview { .. } => {
            "いまは、だれも担当していません。決定するには、先に「担当する」を押してください。".to_owned()
        }
        ApplicationState::Returned(asked) => {
            let at = Moment(asked.returned_at).dense();
            format!("{}が{at}に、申込者に修正をお願いしました。", name(asked.reviewer))
        }
        ApplicationState::Approved { decider, decided_at, .. } => {
            format!("{}が{}に承認しました。", decided_by(decider), Moment(*decided_at).dense())
        }
        ApplicationState::Issued { decider, decided_at, .. } => {
            format!("{}が{}に承認し、カードを発行しました。", decided_by(decider), Moment(*decided_at).dense())
        }
        ApplicationState::Declined { reviewer, decided_at, .. } => {
            format!("{}が{}に「承認しない」と決定しました。", name(*reviewer), Moment(*decided_at).dense())
        }
        ApplicationState::Withdrawn { withdrawn_at } => {
            format!("申込者が{}に取り下げました。", Moment(*withdrawn_at).dense())
        }
        ApplicationState::Draft { .. }
        | ApplicationState::AwaitingSignature { .. }
        | ApplicationState::AwaitingGuardian { .. }
        | ApplicationState::Purged { .. }
        | ApplicationState::Lapsed { .. } => "この申込みは、いまは確認の対象ではありません。".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::application::tests::{NOW, colleague, me, sample_file, under_review};
    use super::*;
    use crate::domain::application::ServiceTime;
    use time::Duration;

    fn drawn(file: &ReviewFile, why: &Why, unsent: &str) -> String {
        draw(Layout::sample(), file, &me(), why, unsent, NOW).render().unwrap()
    }

    #[test]
    fn a_stale_page_says_which_versions_and_keeps_what_was_typed() {
        let page = drawn(&sample_file(), &Why::OtherVersion { seen: 1, current: 2 }, " 書いた<理由> ");
        assert!(page.contains("第1版") && page.contains("第2版") && page.contains("書いた&#60;理由&#62;"));
        assert!(page.contains("決定していません") || page.contains("保存していません"));
        assert!(page.contains(&format!("/aozora/staff/applications/{}", sample_file().application.reference)));
        assert!(!drawn(&sample_file(), &Why::Stale, " ").contains("送られていない文"));
    }

    #[test]
    fn a_colleagues_claim_is_named_with_its_end() {
        let file = under_review(&colleague(), NOW + Duration::minutes(20));
        let page = drawn(&file, &Why::NotHeld, "");
        assert!(page.contains("今井さんが担当しています（2026-11-20 14:25まで"), "{page}");
        let ended = under_review(&colleague(), NOW);
        assert!(drawn(&ended, &Why::NotHeld, "").contains("だれも担当していません"));
    }

    #[test]
    fn a_decision_made_meanwhile_is_told_with_who_and_when() {
        let mut file = sample_file();
        let version = file.version;
        let (reviewer, decided_at) = (colleague().id, NOW - Duration::minutes(5));
        file.application.state = ApplicationState::Issued {
            version,
            service: ServiceTime::start(NOW).paused(NOW),
            decider: Decider::Staff(reviewer),
            decided_at,
        };
        assert!(drawn(&file, &Why::NotHeld, "").contains("今井さんが2026-11-20 14:00に承認し、カードを発行しました"));
    }

    #[test]
    fn an_own_claim_that_ran_out_says_when() {
        let why = Why::Refused(Refused::LeaseEnded { lease_until: NOW });
        assert!(drawn(&under_review(&me(), NOW), &why, "").contains("14:05に切れました"));
    }

    #[test]
    fn an_open_question_and_a_revocation_say_why_nobody_can_approve() {
        assert!(drawn(&sample_file(), &Why::RevocationUnknown, "").contains("確認できるまで、承認はできません"));
        assert!(drawn(&sample_file(), &Why::CertificateRevoked, "").contains("すでに失効していました"));
    }

    #[test]
    fn somebody_who_may_be_registered_already_is_linked_to() {
        let open = DuplicateCount { candidates: 3, undecided: 2, same: 1 };
        let page = drawn(&sample_file(), &Why::DuplicateHold(open), "");
        assert!(page.contains("2件") && page.contains("/duplicates\""), "{page}");
        let same = DuplicateCount { undecided: 0, ..open };
        assert!(drawn(&sample_file(), &Why::DuplicateHold(same), "").contains("「同じ人」と判断"));
        assert!(!drawn(&sample_file(), &Why::Related, "").contains("/duplicates\""));
    }

    #[test]
    fn an_exhausted_series_says_whom_to_tell() {
        assert!(drawn(&sample_file(), &Why::NoNumberLeft, "").contains("管理者"));
    }
}
