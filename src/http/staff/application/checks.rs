//! The automatic checks: each step of the verification as a fact with its time, never a score.

use crate::domain::attachment::Attached;
use crate::domain::staff::StaffMember;
use crate::domain::visit::Sighting;
use crate::http::filters::{Day, Moment};
use crate::http::staff::{rules_broken, wording};
use crate::jpki::{Check, Fact, RevocationStatus, Step, StepOutcome, Verdict};
use crate::service::review::{AnswerSource, LaterAnswer, RevocationAnswer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One check.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CheckLine {
    /// `ok`, `no` or `unknown`: which sign stands before it.
    pub(super) sign: &'static str,
    pub(super) label: &'static str,
    /// What was found, in a word or a sentence.
    pub(super) word: &'static str,
    /// The code of the broken rule, for whoever is asked about it.
    pub(super) code: &'static str,
    /// True for what is a question of time, whose facts belong beside it.
    pub(super) is_dated: bool,
    /// What it rests on: label and value.
    pub(super) facts: Vec<(&'static str, String)>,
}

/// All checks in the order in which they were made; of revocation the last answer, if there was one after the receipt.
pub(super) fn lines(verdict: &Verdict, later: Option<&LaterAnswer>) -> Vec<CheckLine> {
    let on_receipt = verdict.steps.iter().filter(|step| later.is_none() || step.check != Check::Revocation);
    on_receipt.map(|step| line(step, &verdict.revocation)).chain(later.map(later_line)).collect()
}

/// What stands in place of the checks of a signature.
pub(super) fn of_sighting(sighting: &Sighting, staff: &[StaffMember]) -> CheckLine {
    let documents: Vec<String> = sighting
        .documents
        .iter()
        .map(|document| match document.dated {
            Some(day) => format!("{}（{}）", document.label, Day(day)),
            None => document.label.clone(),
        })
        .collect();
    CheckLine {
        sign: "unknown",
        label: "本人の確認",
        word: "署名なし・窓口で書類を確認しました",
        code: "",
        is_dated: true,
        facts: vec![
            ("確認した書類", documents.join("、")),
            ("確認した職員", wording::name_of(staff, sighting.sighted_by)),
            ("確認した時刻", Moment(sighting.sighted_at).dense()),
        ],
    }
}

/// What stands there where nobody signed and nobody was at the counter: the reviewer compares pictures.
pub(super) fn of_pictures(attached: &[Attached]) -> CheckLine {
    let labels: Vec<&str> = attached.iter().map(|one| one.label.as_str()).collect();
    CheckLine {
        sign: "unknown",
        label: "本人の確認",
        word: "署名はありません。書類の画像を見て、申込みの内容とくらべてください",
        code: "",
        is_dated: true,
        facts: vec![("本人を確かめる画像", labels.join("、"))],
    }
}

fn later_line(later: &LaterAnswer) -> CheckLine {
    let (sign, word) = match (later.answer, later.revoked) {
        (RevocationAnswer::Revoked, _) => ("no", "受付のときに、失効していました"),
        (RevocationAnswer::Unknown, _) => ("unknown", "確認できず"),
        (RevocationAnswer::Good, Some(_)) => ("unknown", "受付のあとに、失効しました"),
        (RevocationAnswer::Good, None) => ("ok", "失効していません"),
    };
    let time = |label, at: Option<OffsetDateTime>| at.map(|at| (label, Moment(at).dense()));
    let facts = [
        time("確認した時刻", Some(later.asked_at)),
        time("失効した時刻", later.revoked.map(|revoked| revoked.at)),
        later.revoked.map(|revoked| ("失効の理由", wording::of_revocation_reason(revoked.reason).to_owned())),
        later.crl_number.clone().map(|number| ("失効リストの番号", number)),
        time("失効リストの作成", later.this_update.filter(|_| later.source == AnswerSource::List)),
        time("次の失効リスト", later.next_update.filter(|_| later.source == AnswerSource::List)),
        time("回答した時刻（OCSP）", later.produced_at),
    ];
    CheckLine {
        sign,
        label: wording::of_check(Check::Revocation),
        word,
        code: "",
        is_dated: true,
        facts: facts.into_iter().flatten().collect(),
    }
}

fn line(step: &Step, revocation: &RevocationStatus) -> CheckLine {
    let (sign, word, code) = match step.outcome {
        _ if step.check == Check::Revocation => {
            let sign = match revocation {
                RevocationStatus::Good { .. } => "ok",
                RevocationStatus::Revoked { .. } => "no",
                RevocationStatus::Unknown { .. } => "unknown",
            };
            (sign, wording::of_revocation(revocation), "")
        }
        StepOutcome::Passed => ("ok", "確かめました", ""),
        StepOutcome::Unknown => ("unknown", "確認できず", ""),
        StepOutcome::Failed(reason) => ("no", rules_broken::of_reason(reason), reason.as_str()),
    };
    let facts = step.facts.iter().filter_map(|fact| Some((wording::of_fact(&fact.name)?, value(fact)))).collect();
    let is_dated = matches!(step.check, Check::Validity | Check::Revocation);
    CheckLine { sign, label: wording::of_check(step.check), word, code, is_dated, facts }
}

/// Moments in Japan's time, everything else as it stands.
fn value(fact: &Fact) -> String {
    match OffsetDateTime::parse(&fact.value, &Rfc3339) {
        Ok(moment) => Moment(moment).dense(),
        Err(_) => fact.value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jpki::{Reason, RevocationGap, RevocationReason};
    use crate::service::review::RevokedSince;

    fn step(check: Check, outcome: StepOutcome, facts: &[(&str, &str)]) -> Step {
        let facts = facts.iter().map(|(name, value)| Fact { name: (*name).into(), value: (*value).into() });
        Step { check, outcome, facts: facts.collect() }
    }

    const STALE: RevocationStatus = RevocationStatus::Unknown { why: RevocationGap::Stale };

    #[test]
    fn each_outcome_has_its_sign_and_its_words() {
        let passed = line(&step(Check::Signature, StepOutcome::Passed, &[]), &STALE);
        assert_eq!((passed.sign, passed.label, passed.word), ("ok", "署名の検証", "確かめました"));
        let failed = line(&step(Check::Validity, StepOutcome::Failed(Reason::Expired), &[]), &STALE);
        assert_eq!((failed.sign, failed.word, failed.code), ("no", "証明書の有効期間が過ぎています", "expired"));
        let unknown = line(&step(Check::Revocation, StepOutcome::Unknown, &[]), &STALE);
        assert_eq!((unknown.sign, unknown.word), ("unknown", "失効リストが古くなっています"));
    }

    #[test]
    fn pictures_are_never_called_good() {
        let attached = |label: &str| Attached {
            kind: "licence".parse().unwrap(),
            label: label.into(),
            sha256: crate::domain::version::Digest::from_bytes([1; 32]),
            size: 1,
            expires_on: None,
        };
        let line = of_pictures(&[attached("運転免許証"), attached("学生証")]);
        assert_eq!(line.sign, "unknown");
        assert!(line.word.contains("署名はありません"));
        assert_eq!(line.facts, [("本人を確かめる画像", "運転免許証、学生証".to_owned())]);
    }

    #[test]
    fn a_later_answer_stands_in_the_place_of_the_first() {
        let verdict = crate::http::staff::application::tests::sample_file().verdict.unwrap();
        let at = time::macros::datetime!(2026-11-20 05:05 UTC);
        let revoked = RevokedSince { at, reason: RevocationReason::AffiliationChanged };
        for (answer, revoked, sign, word) in [
            (RevocationAnswer::Good, None, "ok", "失効していません"),
            (RevocationAnswer::Good, Some(revoked), "unknown", "受付のあとに、失効しました"),
            (RevocationAnswer::Revoked, Some(revoked), "no", "受付のときに、失効していました"),
        ] {
            let later = crate::http::staff::application::tests::later_answer(answer, revoked);
            let lines = lines(&verdict, Some(&later));
            let last = lines.last().unwrap();
            assert_eq!((lines.len(), last.sign, last.word), (verdict.steps.len(), sign, word));
            assert_eq!(last.facts.iter().any(|(_, value)| value.contains("住所や氏名")), revoked.is_some());
        }
    }

    #[test]
    fn facts_are_labelled_and_times_are_japans() {
        let facts = [("not-after", "2031-04-27T14:59:59Z"), ("serial", "0a1b"), ("content", "detached")];
        let line = line(&step(Check::Validity, StepOutcome::Passed, &facts), &STALE);
        let expected = [("有効期間のおわり", "2031-04-27 23:59"), ("シリアル番号", "0a1b")];
        assert_eq!(line.facts, expected.map(|(label, value)| (label, value.to_owned())));
    }
}
