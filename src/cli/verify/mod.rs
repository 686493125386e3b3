//! `todoke verify`: checks a signature, a certificate, a list, an answer or an evidence archive against roots
//! that the caller names. Nothing is asked of any network.
//!
//! Exit 0: valid. Exit 1: not valid; the reason's stable code is on standard error and in the JSON. Exit 2: a file
//! that cannot be read, or wrong usage.

mod check;
mod inputs;
mod kind;
mod line;
mod report;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::jpki::Laboratory;
pub(super) use kind::Kind;
pub(super) use line::spread;

/// Checks a signature, certificate, revocation list, OCSP response or evidence archive.
///
/// Exit 0 valid, 1 not valid (the reason on standard error), 2 unreadable or wrong usage.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// What FILE is.
    #[arg(long, value_enum, default_value = "auto")]
    pub kind: Kind,
    /// A root to trust, PEM or DER; several, and a PEM file may hold several.
    #[arg(long = "anchor", value_name = "FILE", required = true)]
    pub anchors: Vec<PathBuf>,
    /// A certificate that may stand between the signer's and a root (lab profile, time-stamps); several.
    #[arg(long = "intermediate", value_name = "FILE")]
    pub intermediates: Vec<PathBuf>,
    /// A revocation list, PEM or DER; several, and a PEM file may hold several. When given, the lists must answer.
    #[arg(long = "crl", value_name = "FILE")]
    pub crls: Vec<PathBuf>,
    /// An OCSP response about the signer's certificate. When given, it must answer.
    #[arg(long, value_name = "FILE")]
    pub ocsp: Option<PathBuf>,
    /// The moment as of which to check; now if absent. An evidence archive brings its own.
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    pub time: Option<OffsetDateTime>,
    /// The signed document, if it is not inside the signature; for a PDF, the file before it was signed.
    #[arg(long, value_name = "FILE")]
    pub content: Option<PathBuf>,
    /// raw: the signer's certificate (lab: or public key). crl, ocsp: the certificate of the authority that signed.
    #[arg(long, value_name = "FILE")]
    pub issuer: Option<PathBuf>,
    /// By which rules.
    #[arg(long, value_enum, default_value = "jpki-sign")]
    pub profile: Profile,
    /// What the lab profile loosens: policy=OID|any, ku=any, eku=any, minbits=N, alg=any-rsa-sha2, depth=N; by comma.
    #[arg(long, value_name = "ITEMS", value_parser = parse_laboratory)]
    pub lab: Option<Laboratory>,
    /// Print the verdict as JSON.
    #[arg(long)]
    pub json: bool,
    /// What to check, DER or PEM.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// By which rules certificates are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Profile {
    /// JPKI certificates for signing.
    JpkiSign,
    /// JPKI certificates for user authentication.
    JpkiAuth,
    /// RFC 5280, loosened by --lab: for general test suites, never for people's applications.
    Lab,
}

impl Profile {
    /// The name on the command line.
    const fn as_str(self) -> &'static str {
        match self {
            Self::JpkiSign => "jpki-sign",
            Self::JpkiAuth => "jpki-auth",
            Self::Lab => "lab",
        }
    }
}

/// Checks and prints: the verdict on standard output, the reason of a refusal on standard error.
#[must_use]
pub(super) fn run(args: &VerifyArgs, now: OffsetDateTime) -> ExitCode {
    // Whoever reads the output may stop early; the exit code is the answer all the same.
    let told = |text: &str| drop(writeln!(std::io::stderr(), "{text}"));
    let report = match check::check(args, now) {
        Ok(report) => report,
        Err(error) => {
            told(&error.to_string());
            return ExitCode::from(2);
        }
    };
    let printed = if args.json { serde_json::to_string_pretty(&report) } else { Ok(report.to_text()) };
    match printed {
        Ok(text) => drop(writeln!(std::io::stdout(), "{}", text.trim_end())),
        Err(error) => {
            told(&error.to_string());
            return ExitCode::from(2);
        }
    }
    match &report.reason {
        None => ExitCode::SUCCESS,
        Some(reason) => {
            told(&format!("not valid: {reason}"));
            ExitCode::from(1)
        }
    }
}

fn parse_time(text: &str) -> Result<OffsetDateTime, time::error::Parse> {
    OffsetDateTime::parse(text, &Rfc3339)
}

fn parse_laboratory(text: &str) -> Result<Laboratory, String> {
    text.parse::<Laboratory>().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
