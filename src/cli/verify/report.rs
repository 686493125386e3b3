//! What is printed.

use serde::Serialize;
use time::OffsetDateTime;

use super::inputs::Unused;
use crate::evidence::{EvidenceVerdict, Manifest, Vouched};
use crate::jpki::{CrlReport, Fact, OcspReport, Step, StepOutcome, Verdict};

/// The answer to one question.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Whether everything that was asked for holds.
    pub(super) valid: bool,
    /// The stable code of the first thing that does not.
    pub(super) reason: Option<String>,
    /// What was checked.
    pub(super) kind: &'static str,
    /// By which rules.
    pub(super) profile: &'static str,
    /// As of when.
    #[serde(with = "time::serde::rfc3339")]
    pub(super) time: OffsetDateTime,
    /// Files that were given and not used, and why.
    pub(super) unused: Vec<Unused>,
    #[serde(flatten)]
    pub(super) finding: Finding,
}

/// What was found, by kind.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Finding {
    Signature { verdict: Box<Verdict> },
    List { list: Box<CrlReport> },
    Response { response: Box<OcspReport> },
    Evidence { manifest: Box<Manifest>, evidence: Box<EvidenceVerdict> },
    Nothing {},
}

impl Report {
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        match &self.finding {
            Finding::Signature { verdict } => steps(&mut text, verdict),
            Finding::List { list } => {
                for fact in list.facts.iter().flat_map(lines_of) {
                    line(&mut text, "list", &fact);
                }
            }
            Finding::Response { response } => {
                for fact in response.answers.iter().flat_map(lines_of) {
                    line(&mut text, "answer", &fact);
                }
            }
            Finding::Evidence { manifest, evidence } => {
                line(&mut text, "about", &format!("{} {}", manifest.subject.library, manifest.subject.reference));
                steps(&mut text, &evidence.verdict);
                line(&mut text, "on-receipt", &format!("{:?}", evidence.recorded).to_lowercase());
                for vouched in &evidence.vouched {
                    let said = match vouched {
                        Vouched::At { time, authority } => format!("{time} by {authority}"),
                        Vouched::Refused { reason } => format!("failed: {reason}"),
                    };
                    line(&mut text, "time-stamp", &said);
                }
            }
            Finding::Nothing {} => {}
        }
        if let Finding::Evidence { evidence, .. } = &self.finding {
            for attached in &evidence.attachments {
                let kept = if attached.is_kept { "kept, as it was sent" } else { "not kept any more" };
                line(&mut text, "attachment", &format!("{}: {kept} (SHA-256 {})", attached.name, attached.sha256));
            }
        }
        for unused in &self.unused {
            line(&mut text, "unused", &format!("{}: {}", unused.file.display(), unused.reason));
        }
        text.push_str(if self.valid { "valid\n" } else { "not valid\n" });
        text
    }
}

fn steps(text: &mut String, verdict: &Verdict) {
    for Step { check, outcome, facts } in &verdict.steps {
        let went = match outcome {
            StepOutcome::Passed => "passed".to_owned(),
            StepOutcome::Unknown => "unknown".to_owned(),
            StepOutcome::Failed(reason) => format!("failed: {reason}"),
        };
        line(text, check.as_str(), &went);
        for fact in facts {
            line(text, "", &format!("  {}", written(fact)));
        }
    }
    if let Some(holder) = verdict.signer.as_ref().and_then(|signer| signer.holder.as_ref()) {
        line(text, "signer", &holder.name);
    }
}

/// The fields of what is printed as JSON otherwise, one a line.
fn lines_of(facts: &impl Serialize) -> Vec<String> {
    match serde_json::to_value(facts) {
        Ok(serde_json::Value::Object(fields)) => fields
            .iter()
            .map(|(name, value)| {
                format!("{name} = {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn written(fact: &Fact) -> String {
    format!("{} = {}", fact.name, fact.value)
}

fn line(text: &mut String, label: &str, content: &str) {
    text.push_str(&[&format!("{label:<12} "), content, "\n"].concat());
}
