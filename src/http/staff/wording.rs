//! Japanese words for what the staff's pages show: states, checks, events.

use crate::domain::answers::Delivery;
use crate::domain::application::{ApplicationState, Decider};
use crate::domain::certificate_number::NumberSource;
use crate::domain::event::EventKind;
use crate::domain::ids::StaffId;
use crate::domain::likeness::{ComparedField, Likeness};
use crate::domain::procedure::Procedure;
use crate::domain::review::{InvalidReason, LONGEST_REASON};
use crate::domain::staff::StaffMember;
use crate::domain::template::TemplateKind;
use crate::jpki::{Check, Environment, Kind, Medium, RevocationGap, RevocationReason, RevocationStatus};
use crate::service::review::{QueueFlag, SigningWay};
use time::OffsetDateTime;

/// A state in a word, with a sign so that colour is never alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chip {
    pub(super) colour: &'static str,
    pub(super) sign: &'static str,
    pub(super) word: &'static str,
}

/// Where an application stands; a claim whose time is over counts as none.
pub(super) fn chip(procedure: Procedure, state: &ApplicationState, now: OffsetDateTime) -> Chip {
    let (colour, sign, word) = match state {
        ApplicationState::Draft { .. } => ("", "✎", "入力中"),
        ApplicationState::AwaitingSignature { .. } => ("", "✎", "署名待ち"),
        ApplicationState::AwaitingGuardian { .. } => ("", "✎", "保護者の署名待ち"),
        ApplicationState::Returned(_) => ("orange", "!", "修正のお願い中"),
        ApplicationState::Approved { .. } => ("green", "◷", "登録待ち"),
        ApplicationState::Purged { .. } => ("", "―", "内容を消去"),
        ApplicationState::UnderReview { lease_until, .. } if *lease_until > now => ("yellow", "◷", "確認中"),
        ApplicationState::Submitted { .. } | ApplicationState::UnderReview { .. } => ("blue", "●", "受付済み"),
        ApplicationState::Issued { .. } => ("green", "✓", of_done(procedure)),
        ApplicationState::Declined { .. } => ("orange", "✕", "承認しない"),
        ApplicationState::Withdrawn { .. } => ("", "―", "取り下げ"),
        ApplicationState::Lapsed { .. } => ("", "―", "期限切れ"),
    };
    Chip { colour, sign, word }
}

/// What was done, once it is in force.
const fn of_done(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::NewCard | Procedure::Reissue | Procedure::PasswordIssue => "発行済み",
        Procedure::CardLink => "登録済み",
        Procedure::Renewal => "延長済み",
        Procedure::Change => "変更済み",
    }
}

pub(super) const fn of_procedure(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::NewCard => "新規",
        Procedure::CardLink => "マイナンバーカード登録",
        Procedure::Renewal => "期限延長",
        Procedure::Reissue => "再発行",
        Procedure::PasswordIssue => "パスワード",
        Procedure::Change => "内容変更",
    }
}

/// The choice to say yes.
pub(super) const fn of_approval(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::NewCard => "承認してカードを発行",
        Procedure::CardLink => "承認してマイナンバーカードを登録",
        Procedure::Renewal => "承認して有効期限を延長",
        Procedure::Reissue => "承認してカードを再発行",
        Procedure::PasswordIssue => "承認してパスワードを発行",
        Procedure::Change => "承認して登録内容を変更",
    }
}

/// The choice to say yes where the library system has to take it in first.
pub(super) const OF_AWAITED_APPROVAL: &str = "承認して登録待ちにする";

/// What was done.
pub(super) const fn of_granted(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::NewCard => "承認し、カードを発行しました。",
        Procedure::CardLink => "承認し、マイナンバーカードを登録しました。",
        Procedure::Renewal => "承認し、有効期限を延長しました。",
        Procedure::Reissue => "承認し、カードを再発行しました。",
        Procedure::PasswordIssue => "承認し、パスワードを発行しました。",
        Procedure::Change => "承認し、登録内容を変更しました。",
    }
}

pub(super) const fn of_flag(flag: QueueFlag) -> &'static str {
    match flag {
        QueueFlag::RevocationUnknown => "失効を確認できず",
        QueueFlag::CertificateRevoked => "証明書が失効",
        QueueFlag::MailFailed => "メールが届かず",
        QueueFlag::Corrected(_) => "修正の返事",
        QueueFlag::MessageUnread => "未読のメッセージ",
        QueueFlag::OnHold => "保留中",
        QueueFlag::SecondPerson => "2人目の承認待ち",
    }
}

/// The same for `me`, who is offered first what they have asked for.
pub(super) fn of_flag_for(flag: QueueFlag, me: StaffId) -> &'static str {
    if flag == QueueFlag::Corrected(me) { "あなたがお願いした修正の返事" } else { of_flag(flag) }
}

/// How an application was signed.
pub(super) const fn of_way(way: SigningWay) -> &'static str {
    match way {
        SigningWay::App => "申込みをした端末のアプリ",
        SigningWay::Phone => "パソコンで申し込み、スマートフォンのアプリで署名",
        SigningWay::Upload => "カードリーダーなどで署名し、ファイルをアップロード",
    }
}

pub(super) const fn of_delivery(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Electronic => "このサイトで受け取る（電子交付）",
        Delivery::Paper => "紙で受け取る",
    }
}

pub(super) const fn of_field(field: ComparedField) -> &'static str {
    match field {
        ComparedField::Name => "氏名",
        ComparedField::Birth => "生年月日",
        ComparedField::Address => "住所",
    }
}

/// How two facts compare: the mark's kind and the word.
pub(super) const fn of_likeness(likeness: Likeness) -> (&'static str, &'static str) {
    match likeness {
        Likeness::Same => ("ok", "一致"),
        Likeness::WrittenDifferently => ("near", "表記のちがい"),
        Likeness::Different => ("no", "ちがう"),
        Likeness::NotKnown => ("unknown", "確認できず"),
    }
}

pub(super) const fn of_check(check: Check) -> &'static str {
    match check {
        Check::Container => "署名データの形",
        Check::Document => "署名の対象＝この申込みの文書",
        Check::Certificate => "個人の署名用電子証明書",
        Check::Issuer => "証明書の発行者",
        Check::Validity => "証明書の有効期間",
        Check::Signature => "署名の検証",
        Check::Revocation => "証明書の失効",
        Check::Coverage => "ファイル全体への署名",
        Check::Original => "お渡しした文書との一致",
        Check::Timestamp => "時刻の証明",
    }
}

/// What a fact under a check is; `None` for those that need no words here.
pub(super) fn of_fact(name: &str) -> Option<&'static str> {
    Some(match name {
        "claimed-signing-time" => "署名した側の時計の時刻",
        "sha256" => "SHA-256",
        "serial" => "シリアル番号",
        "issuer" => "発行者",
        "anchor-sha256" => "ルート証明書のSHA-256",
        "not-before" => "有効期間のはじまり",
        "not-after" => "有効期間のおわり",
        "algorithm" => "署名の方式",
        "crl-number" => "失効リストの番号",
        "this-update" => "失効リストの作成",
        "next-update" => "次の失効リスト",
        "revoked-at" => "失効した時刻",
        "produced-at" => "失効の確認への回答（OCSP）",
        "policy" => "証明書ポリシー",
        _ => return None,
    })
}

/// The answer of the revocation list, in a sentence.
pub(super) const fn of_revocation(status: &RevocationStatus) -> &'static str {
    match status {
        RevocationStatus::Good { .. } => "失効していません",
        RevocationStatus::Revoked { .. } => "失効しています",
        RevocationStatus::Unknown { why } => match why {
            RevocationGap::NotAsked => "失効リストを調べる前に、確認が終わりました",
            RevocationGap::NoList => "この発行者の失効リストがありません",
            RevocationGap::NoListForDistributionPoint => "この証明書についての失効リストがありません",
            RevocationGap::Stale => "失効リストが古くなっています",
            RevocationGap::NotYetMade => "失効リストが、受け付けたあとに作られたものです",
            RevocationGap::NotVouchedFor => "失効リストの作成者を確かめられません",
            RevocationGap::ReasonsNotCovered => "失効リストが、すべての理由の失効をのせていません",
            RevocationGap::UnknownToResponder => "失効の確認先（OCSP）が、この証明書を知りません",
        },
    }
}

/// Why a certificate was revoked, in everyday words.
pub(super) const fn of_revocation_reason(reason: RevocationReason) -> &'static str {
    match reason {
        RevocationReason::Unspecified => "理由は記されていません",
        RevocationReason::KeyCompromise => "カードの紛失や、鍵がもれたおそれ",
        RevocationReason::AuthorityCompromise | RevocationReason::AttributeAuthorityCompromise => "発行者の都合",
        RevocationReason::AffiliationChanged => "住所や氏名などの変更",
        RevocationReason::Superseded => "更新",
        RevocationReason::CessationOfOperation | RevocationReason::PrivilegeWithdrawn => "使うのをやめたため",
        RevocationReason::CertificateHold | RevocationReason::RemoveFromList => "一時停止",
    }
}

/// Where the number of a user-authentication certificate comes from.
pub(super) const fn of_number_source(source: NumberSource) -> &'static str {
    match source {
        NumberSource::JlisLookup => "J-LISへの照会",
        NumberSource::App => "アプリでの読み取り",
        NumberSource::CounterReading => "窓口での読み取り",
        NumberSource::StaffEntry => "職員の入力",
    }
}

/// What kind of certificate it is.
pub(super) const fn of_kind(kind: Kind) -> (&'static str, &'static str) {
    let medium = match kind.medium {
        Medium::Card => "マイナンバーカード",
        Medium::Smartphone => "スマートフォン",
    };
    let environment = match kind.environment {
        Environment::Production => "本番用",
        Environment::Test => "テスト用",
        Environment::Demo => "体験用",
    };
    (medium, environment)
}

pub(super) const fn of_event(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Started => "申込みをはじめました",
        EventKind::EmailConfirmed => "メールアドレスを確かめました",
        EventKind::Resumed => "途中からつづけました",
        EventKind::Frozen => "署名する文書を作りました",
        EventKind::SigningBegun => "署名アプリをひらきました",
        EventKind::EvidenceTaken => "署名した文書か署名を取り出しました",
        EventKind::SigningFailed => "署名は行われませんでした",
        EventKind::SignatureRefused => "署名を受け付けませんでした",
        EventKind::Edited => "内容を直しました",
        EventKind::Submitted => "署名して申し込みました",
        EventKind::Viewed => "内容を見ました",
        EventKind::Claimed => "担当しました",
        EventKind::Released => "担当をはずしました",
        EventKind::Approved => "承認しました",
        EventKind::Issued => "手続きを終え、お知らせを届けました",
        EventKind::Registered => "図書館システムへの登録を待つことにしました",
        EventKind::RegistrationRefused => "図書館システムに登録できなかったため、承認を取り消しました",
        EventKind::PatronMatched => "だれのカードかを確かめました",
        EventKind::CardStopped => "カードを止めました",
        EventKind::CardFound => "カードが見つかり、また使えるようにしました",
        EventKind::CardUnlinked => "マイナンバーカードの登録をやめました",
        EventKind::FactsPutRight => "利用者の求めにより、登録内容を直しました",
        EventKind::Declined => "承認しませんでした",
        EventKind::TakenOver => "担当を引き継ぎました",
        EventKind::LeaseEnded => "担当の時間が切れました",
        EventKind::Returned => "修正をお願いしました",
        EventKind::GuardianAsked => "保護者の署名をお願いしました",
        EventKind::Cosigned => "保護者が署名し、申込みになりました",
        EventKind::GuardianNamed => "保護者への署名のお願いを、もう一度送りました",
        EventKind::GuardianConfirmed => "保護者が合言葉を入力し、内容をひらきました",
        EventKind::CosigningBegun => "保護者が署名アプリをひらきました",
        EventKind::CosigningFailed => "保護者の署名は行われませんでした",
        EventKind::CosignatureRefused => "保護者の署名を受け付けませんでした",
        EventKind::GuardianDeclined => "保護者が、同意しないことを知らせました",
        EventKind::GuardianAddressWrong => "署名のお願いが、別の人に届いていました",
        EventKind::GuardianLockedOut => "合言葉が何度もまちがって入力されました",
        EventKind::ApprovedFirst => "1人目として承認しました",
        EventKind::Reopened => "決定を取り消し、審査にもどしました",
        EventKind::Seeded => "試し用のデータとして作りました（申し込んだ人はいません）",
        EventKind::Purged => "保存期間が過ぎたため、内容を消しました",
        EventKind::PatronErased => "カードの期限から長くたったため、利用者の記録を消しました",
        EventKind::CorrectionAnswered => "修正のお願いに「このままで正しい」と答えました",
        EventKind::MessageSent => "メッセージを送りました",
        EventKind::MessageRead => "メッセージを読みました",
        EventKind::Reminded => "期限が近いことを知らせるメールを出しました",
        EventKind::Held => "保留にしました",
        EventKind::HoldEnded => "保留を終えました",
        EventKind::OpinionAsked => "同僚に意見を求めました",
        EventKind::OpinionGiven => "意見を書きました",
        EventKind::MemoWritten => "職員メモを書きました",
        EventKind::Withdrawn => "取り下げました",
        EventKind::Lapsed => "期限が過ぎました",
        EventKind::NoticeRead => "お知らせを読みました",
        EventKind::NoticeDownloaded => "お知らせをPDFで保存しました",
        EventKind::NoticeOnPaper => "メールが届かないか、長く開かれないため、紙のお知らせの一覧にのせました",
        EventKind::NoticeReminded => "お知らせがまだ開かれていないことを、メールで知らせました",
        EventKind::NoticePrinted => "お知らせを印刷しました",
        EventKind::NoticeHandedOver => "お知らせを、紙で渡しました",
        EventKind::NoticePosted => "お知らせを、郵便で送りました",
        EventKind::PasswordShown => "初期パスワードを表示しました",
        EventKind::PasswordChosen => "パスワードを変えました",
        EventKind::MailHandedOver => "メールを送りました",
        EventKind::MailFailed => "メールを届けられませんでした",
        EventKind::MailReturned => "メールが、宛先不明で戻りました",
        EventKind::MailReturnedForNow => "メールが届かずに戻りました（満杯など、一時的な理由）",
        EventKind::MailWithheld => "前のメールが宛先不明で戻ったため、メールを送りませんでした",
        EventKind::RevocationAnswered => "証明書の失効を、もう一度確認しました",
        EventKind::CertificateRevoked => "カードを発行したあとに、証明書が失効しました",
        EventKind::CertificateNumberRecorded => "利用者証明用電子証明書の発行番号を入力しました",
        EventKind::CertificateNumberConfirmed => "利用者証明用電子証明書の発行番号を確かめました",
        EventKind::CertificateNumberRemoved => "利用者証明用電子証明書の発行番号を消しました",
        EventKind::DuplicateJudged => "同じ人かどうかを判断しました",
        EventKind::VisitSlipMade => "来館票を作りました",
        EventKind::SubmittedUnsigned => "署名のかわりに書類の画像を送って、申し込みました",
        EventKind::EnteredAtCounter => "窓口で書類を確認し、申込みを受け付けました",
        EventKind::Recused => "関係者のため、担当からはずれました",
        EventKind::AttachmentAdded => "書類の画像を付けました",
        EventKind::AttachmentRemoved => "書類の画像を取りやめました",
        EventKind::AttachmentViewed => "書類の画像を見ました",
        EventKind::PasswordHandedOut => "窓口で本人であることを確かめ、初期パスワードを渡しました",
        EventKind::AttachmentsErased => "保存期間が過ぎたため、書類の画像を消しました",
        EventKind::ProofNoted => "書類の期限を書きとめました",
        EventKind::AttachmentDestroyed => "書類の画像を消しました（持ってはいけない画像）",
    }
}

/// What an event's detail says: a mail's kind, a notice's kind, the revocation's answer.
pub(super) fn of_detail(kind: EventKind, detail: &str) -> &'static str {
    match (kind, detail) {
        (kind, mail) if is_about_mail(kind) => of_mail(mail),
        (EventKind::Viewed, "duplicates") => "似ている人の一覧",
        (EventKind::DuplicateJudged, "same") => "同じ人",
        (EventKind::DuplicateJudged, "different") => "別の人",
        (EventKind::DuplicateJudged, "unsure") => "まだわからない",
        (EventKind::Submitted | EventKind::Cosigned, "unknown") => "証明書の失効は確認できていません",
        (EventKind::Submitted | EventKind::Cosigned | EventKind::RevocationAnswered, "good") => {
            "証明書は失効していません"
        }
        (EventKind::RevocationAnswered, "revoked") => "受付のときに、証明書は失効していました",
        (EventKind::RevocationAnswered, "revoked_since") => "受付のあとに、証明書が失効しました",
        (EventKind::LeaseEnded, "left") => "職員が退職などでいなくなったため",
        (EventKind::LeaseEnded, "absent") => "職員が不在のため",
        (EventKind::Reopened, "withdraw_password") => "初期パスワードの受け取りを止めました",
        (EventKind::Reopened, "stop_card") => "カードと、初期パスワードの受け取りを止めました",
        (EventKind::Reopened, "asked_once_more") => "もう一度、修正をお願いしました",
        _ => "",
    }
}

const fn is_about_mail(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::MailHandedOver
            | EventKind::MailFailed
            | EventKind::MailReturned
            | EventKind::MailReturnedForNow
            | EventKind::MailWithheld
    )
}

/// Which mail it was.
fn of_mail(kind: &str) -> &'static str {
    match kind {
        "code" => "確認コード",
        "received" => "受付のお知らせ",
        "notice_ready" => "お知らせが届いたという知らせ",
        "correction" => "修正のお願い",
        "reminder" => "期限が近いという知らせ",
        "cosign" => "保護者への署名のお願い",
        "cosigned" => "保護者への受付のお知らせ",
        "cosign_refused" => "保護者の署名がなかったという知らせ",
        "lapsed" => "期限が過ぎたという知らせ",
        "message" => "メッセージが届いたという知らせ",
        "notice_unread" => "お知らせが開かれていないという知らせ",
        "facts_changed" => "登録内容が変わったという知らせ",
        "card_stopped" => "カードを止めたという知らせ",
        _ => "",
    }
}

/// Why words among colleagues cannot be used.
pub(super) fn of_remark(what: &str, error: InvalidReason) -> String {
    match error {
        InvalidReason::Empty => format!("{what}を入力してください"),
        InvalidReason::TooLong => format!("{what}は{LONGEST_REASON}文字までです"),
    }
}

/// What a template is for.
pub(super) const fn of_template_kind(kind: TemplateKind) -> &'static str {
    match kind {
        TemplateKind::Decline => "承認しない理由",
        TemplateKind::Correction => "修正のお願い",
        TemplateKind::Message => "申込者へのメッセージ",
    }
}

/// The id of a kind's radio button: the first has the group's, which the summary of errors links to.
pub(super) fn kind_id(kind: &str) -> &'static str {
    match kind {
        "decline" => "kind",
        "correction" => "kind-correction",
        _ => "kind-message",
    }
}

/// The name that colleagues know somebody by.
pub(super) fn name_of(staff: &[StaffMember], id: StaffId) -> String {
    staff.iter().find(|member| member.id == id).map_or_else(|| "前の職員".to_owned(), |member| member.name.clone())
}

/// Who decided, as colleagues read it.
pub(super) fn name_of_decider(staff: &[StaffMember], decider: Decider) -> String {
    match decider {
        Decider::Staff(id) => name_of(staff, id),
        Decider::Rule => "規則による自動の決定".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::application::ServiceTime;
    use crate::domain::ids::StaffId;
    use crate::domain::version::Digest;
    use crate::domain::version::Version;
    use crate::http::staff::rules_broken;
    use crate::jpki::Reason;
    use time::Duration;
    use time::macros::datetime;

    #[test]
    fn a_claim_whose_time_is_over_looks_unclaimed() {
        let now = datetime!(2026-11-20 05:05 UTC);
        let state = |lease_until| ApplicationState::UnderReview {
            version: Version { number: 1, digest: Digest::from_bytes([1; 32]) },
            service: ServiceTime::start(now),
            reviewer: StaffId::new(now),
            lease_until,
        };
        let word = |lease_until| chip(Procedure::Change, &state(lease_until), now).word;
        assert_eq!(word(now + Duration::minutes(1)), "確認中");
        assert_eq!(word(now), "受付済み");
    }

    #[test]
    fn every_event_and_every_reason_has_its_words() {
        let events: std::collections::HashSet<_> = EventKind::ALL.iter().copied().map(of_event).collect();
        assert_eq!(events.len(), EventKind::ALL.len(), "two events look the same");
        for reason in Reason::ALL {
            let words = rules_broken::of_reason(*reason);
            assert!(!words.contains("不正") && !words.contains("無効"), "{words}");
        }
    }
}
