//! `todoke verify`: checks a signature or a certificate against roots that the caller names.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::jpki::{
    Anchor, Crl, CrlSet, Environment, Form, Policies, Reason, RevocationStatus, StepOutcome, Trust, Verdict,
    pem_blocks, pem_or_der, verify_certificate, verify_cms,
};

/// Checks a signature (.p7s) or a signing certificate: exit 0 valid, 1 not valid, 2 unreadable.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// A root to trust, PEM or DER; may be given several times.
    #[arg(long = "anchor", value_name = "ROOT", required = true)]
    pub anchors: Vec<PathBuf>,
    /// A revocation list, PEM or DER; may be given several times. When given, it must answer.
    #[arg(long = "crl", value_name = "FILE")]
    pub crls: Vec<PathBuf>,
    /// The moment as of which to check; now if absent.
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    pub time: Option<OffsetDateTime>,
    /// The signed document, if it is not inside the signature.
    #[arg(long, value_name = "FILE")]
    pub content: Option<PathBuf>,
    /// Print the verdict as JSON.
    #[arg(long)]
    pub json: bool,
    /// The signature or certificate.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Checks and prints: the verdict on standard output, the reason of a refusal on standard error.
#[must_use]
pub(super) fn run(args: &VerifyArgs, now: OffsetDateTime) -> ExitCode {
    let report = match check(args, now) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    if args.json {
        match serde_json::to_string_pretty(&report) {
            Ok(json) => println!("{json}"),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(2);
            }
        }
    } else {
        print!("{}", report.to_text());
    }
    match report.reason {
        None => ExitCode::SUCCESS,
        Some(reason) => {
            eprintln!("not valid: {reason}");
            ExitCode::from(1)
        }
    }
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}: broken PEM", path.display())]
    Pem { path: PathBuf },
    #[error("{}: not usable as a root: {reason}", path.display())]
    Root { path: PathBuf, reason: Reason },
    #[error("{}: neither a CMS signature nor a certificate", path.display())]
    Unknown { path: PathBuf },
    #[error("--content goes with a signature, and {} is a certificate", path.display())]
    ContentOfCertificate { path: PathBuf },
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Report {
    valid: bool,
    reason: Option<Reason>,
    /// Lists that were given and could not be used.
    unusable_crls: Vec<UnusableCrl>,
    verdict: Verdict,
}

#[derive(Debug, Serialize)]
struct UnusableCrl {
    file: PathBuf,
    reason: Reason,
}

fn check(args: &VerifyArgs, now: OffsetDateTime) -> Result<Report, Unusable> {
    let mut anchors = Vec::with_capacity(args.anchors.len());
    for path in &args.anchors {
        anchors.extend(roots(path)?);
    }
    // The caller chose the roots, so every kind of certificate counts that they may sign.
    let policies = Policies::of(&[Environment::Production, Environment::Test, Environment::Demo]);
    let trust = Trust::signing(anchors, policies);
    let mut crls = CrlSet::new();
    let mut unusable_crls = Vec::new();
    for path in &args.crls {
        match Crl::parse(&der(path)?, &trust) {
            Ok(crl) => drop(crls.insert(crl)),
            Err(reason) => unusable_crls.push(UnusableCrl { file: path.clone(), reason }),
        }
    }
    let at = args.time.unwrap_or(now);
    let file = der(&args.file)?;
    let content = args.content.as_deref().map(read).transpose()?;
    let verdict = match (Form::of(&file), content) {
        (Some(Form::Cms), content) => verify_cms(&file, content.as_deref(), &trust, &crls, at),
        (Some(Form::Certificate), None) => verify_certificate(&file, &trust, &crls, at),
        (Some(Form::Certificate), Some(_)) => {
            return Err(Unusable::ContentOfCertificate { path: args.file.clone() });
        }
        (None, _) => return Err(Unusable::Unknown { path: args.file.clone() }),
    };
    // Who gives a list asks whether the certificate was revoked; no answer is no "valid".
    let unanswered = !args.crls.is_empty() && matches!(verdict.revocation, RevocationStatus::Unknown { .. });
    let no_answer = || unusable_crls.first().map_or(Reason::RevocationUnknown, |unusable| unusable.reason);
    let reason = verdict.reason().or_else(|| unanswered.then(no_answer));
    Ok(Report { valid: reason.is_none(), reason, unusable_crls, verdict })
}

impl Report {
    fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |content: std::fmt::Arguments<'_>| {
            text.push_str(&content.to_string());
            text.push('\n');
        };
        for step in &self.verdict.steps {
            let outcome = match step.outcome {
                StepOutcome::Passed => "passed".to_owned(),
                StepOutcome::Unknown => "unknown".to_owned(),
                StepOutcome::Failed(reason) => format!("failed: {reason}"),
            };
            line(format_args!("{:<12} {outcome}", step.check.as_str()));
            for fact in &step.facts {
                line(format_args!("{:<12}   {} = {}", "", fact.name, fact.value));
            }
        }
        for unusable in &self.unusable_crls {
            line(format_args!("{:<12} {} not used: {}", "crl", unusable.file.display(), unusable.reason));
        }
        if let Some(holder) = self.verdict.signer.as_ref().and_then(|signer| signer.holder.as_ref()) {
            line(format_args!("{:<12} {}", "signer", holder.name));
        }
        line(format_args!("{}", if self.valid { "valid" } else { "not valid" }));
        text
    }
}

fn parse_time(text: &str) -> Result<OffsetDateTime, time::error::Parse> {
    OffsetDateTime::parse(text, &Rfc3339)
}

fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    std::fs::read(path).map_err(|source| Unusable::Unreadable { path: path.to_owned(), source })
}

fn der(path: &Path) -> Result<Vec<u8>, Unusable> {
    let bytes = read(path)?;
    pem_or_der(&bytes).map(std::borrow::Cow::into_owned).ok_or_else(|| Unusable::Pem { path: path.to_owned() })
}

/// A PEM file may hold several generations.
fn roots(path: &Path) -> Result<Vec<Anchor>, Unusable> {
    let bytes = read(path)?;
    let blocks = pem_blocks(&bytes).unwrap_or_else(|| vec![Some(bytes)]);
    if blocks.is_empty() {
        return Err(Unusable::Pem { path: path.to_owned() });
    }
    let root = |block: Option<Vec<u8>>| {
        let der = block.ok_or_else(|| Unusable::Pem { path: path.to_owned() })?;
        Anchor::from_der(&der).map_err(|reason| Unusable::Root { path: path.to_owned(), reason })
    };
    blocks.into_iter().map(root).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const IN_2026: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/myna-card").join(name)
    }

    fn args(file: &str) -> VerifyArgs {
        VerifyArgs {
            anchors: vec![fixture("certs/test/signca-test-2019.cer"), fixture("certs/test/signca-test-2024.cer")],
            crls: vec![],
            time: None,
            content: None,
            json: false,
            file: fixture(file),
        }
    }

    #[test]
    fn a_test_card_is_valid_and_its_text_tells_every_step() {
        let report = check(&args("jpki-sign-cert.der"), IN_2026).unwrap();
        assert!(report.valid);
        let text = report.to_text();
        for part in ["certificate  passed", "issuer       passed", "revocation   unknown", "黒桐　幹也", "\nvalid\n"]
        {
            assert!(text.contains(part), "{part} not in {text}");
        }
    }

    #[test]
    fn the_time_asked_for_decides() {
        let late = VerifyArgs { time: Some(datetime!(2031-01-01 00:00 UTC)), ..args("jpki-sign-cert.der") };
        let report = check(&late, IN_2026).unwrap();
        assert_eq!(report.reason, Some(Reason::Expired));
        assert_eq!(serde_json::to_value(&report).unwrap()["reason"], "expired");
        assert_eq!(parse_time("2026-06-01T12:00:00+09:00"), Ok(IN_2026));
        assert!(parse_time("yesterday").is_err());
    }

    #[test]
    fn a_list_that_cannot_be_used_is_no_answer() {
        let with_list = VerifyArgs { crls: vec![fixture("jpki-auth-cert.der")], ..args("jpki-sign-cert.der") };
        let report = check(&with_list, IN_2026).unwrap();
        assert_eq!((report.valid, report.reason), (false, Some(Reason::CrlVersion)));
    }

    #[test]
    fn what_cannot_be_read_is_told_apart_from_what_does_not_count() {
        assert!(matches!(check(&args("no-such-file"), IN_2026), Err(Unusable::Unreadable { .. })));
        assert!(matches!(check(&args("SOURCE.md"), IN_2026), Err(Unusable::Unknown { .. })));
        let content = VerifyArgs { content: Some(fixture("LICENSE")), ..args("jpki-sign-cert.der") };
        assert!(matches!(check(&content, IN_2026), Err(Unusable::ContentOfCertificate { .. })));
        let person = VerifyArgs { anchors: vec![fixture("jpki-sign-cert.der")], ..args("jpki-sign-cert.der") };
        assert!(matches!(check(&person, IN_2026), Err(Unusable::Root { reason: Reason::AnchorNotAuthority, .. })));
        let refused = check(&args("jpki-auth-cert.der"), IN_2026).unwrap();
        assert_eq!(refused.reason, Some(Reason::UserAuthenticationCertificate));
    }
}
