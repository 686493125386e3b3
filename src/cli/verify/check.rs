//! One question for each kind.

use time::OffsetDateTime;

use super::inputs::{self, Unusable, Unused, der, read};
use super::kind::Kind;
use super::report::{Finding, Report};
use super::{Profile, VerifyArgs};
use crate::evidence::{Archive, verify_evidence};
use crate::jpki::{
    CrlSet, Form, ListRules, Reason, RevocationStatus, Trust, Verdict, Verifier, pem_or_der, verify_crl,
    verify_ocsp_response, verify_ocsp_with_lists,
};

/// The question, with everything it needs.
struct Question<'a> {
    args: &'a VerifyArgs,
    kind: Kind,
    file: Vec<u8>,
    trust: Trust,
    lists: CrlSet,
    at: OffsetDateTime,
    unused: Vec<Unused>,
}

/// Reads the files, asks the question, and says what was found.
pub(super) fn check(args: &VerifyArgs, now: OffsetDateTime) -> Result<Report, Unusable> {
    let bytes = read(&args.file)?;
    let (kind, file) = recognise(args, bytes)?;
    check_options(args, kind)?;
    let mut unused = Vec::new();
    let trust = inputs::trust(args)?;
    let lists = inputs::lists(args, &trust, &mut unused)?;
    let at = args.time.unwrap_or(now);
    Question { args, kind, file, trust, lists, at, unused }.answer()
}

/// The kind and, where the file is PEM, the DER inside. A PDF, an archive or a bare signature is taken as it is.
fn recognise(args: &VerifyArgs, bytes: Vec<u8>) -> Result<(Kind, Vec<u8>), Unusable> {
    let as_it_is = matches!(args.kind, Kind::Pdf | Kind::Raw | Kind::Evidence)
        || (args.kind == Kind::Auto && matches!(Kind::of(&bytes), Some(Kind::Pdf | Kind::Evidence)));
    let file = match (as_it_is, pem_or_der(&bytes)) {
        (false, Some(der)) => der.into_owned(),
        // Whoever says what it is asks whether it counts as that: broken PEM does not.
        (false, None) if args.kind == Kind::Auto => return Err(Unusable::Pem { path: args.file.clone() }),
        _ => bytes,
    };
    match args.kind {
        Kind::Auto => match Kind::of(&file) {
            Some(kind) => Ok((kind, file)),
            None => Err(Unusable::Unknown { path: args.file.clone() }),
        },
        kind => Ok((kind, file)),
    }
}

/// What goes together: an option that would be passed over in silence is wrong usage.
fn check_options(args: &VerifyArgs, kind: Kind) -> Result<(), Unusable> {
    let superfluous = |option| Err(Unusable::Superfluous { option, kind: kind.as_str() });
    if args.content.is_some() && !matches!(kind, Kind::Cms | Kind::Pdf | Kind::Raw) {
        return superfluous("--content");
    }
    if args.issuer.is_some() && !matches!(kind, Kind::Raw | Kind::Crl | Kind::Ocsp) {
        return superfluous("--issuer");
    }
    if args.ocsp.is_some() && matches!(kind, Kind::Crl | Kind::Ocsp | Kind::Evidence) {
        return superfluous("--ocsp");
    }
    let missing = |option| Err(Unusable::Missing { option, kind: kind.as_str() });
    match kind {
        Kind::Raw if args.content.is_none() => missing("--content"),
        Kind::Raw if args.issuer.is_none() => missing("--issuer"),
        _ => Ok(()),
    }
}

impl Question<'_> {
    fn answer(self) -> Result<Report, Unusable> {
        let content = self.args.content.as_deref().map(read).transpose()?;
        let content = content.as_deref();
        match self.kind {
            Kind::Auto => Err(Unusable::Unknown { path: self.args.file.clone() }),
            Kind::Cert => {
                let verdict = self.verifier().certificate(&self.file);
                self.signature(verdict)
            }
            Kind::Cms => {
                let verdict =
                    self.verifier().with_timestamping(&inputs::timestamping(self.args)?).cms(&self.file, content);
                self.signature(verdict)
            }
            Kind::Pdf => {
                let verdict =
                    self.verifier().with_timestamping(&inputs::timestamping(self.args)?).pdf(&self.file, content);
                self.signature(verdict)
            }
            Kind::Raw => self.raw(content.unwrap_or_default()),
            Kind::Crl => {
                let issuer = self.args.issuer.as_deref().map(der).transpose()?;
                let rules = match self.args.profile {
                    Profile::Lab => ListRules::Standard,
                    Profile::JpkiSign | Profile::JpkiAuth => ListRules::Jpki,
                };
                let list = verify_crl(&self.file, issuer.as_deref(), &self.trust, rules, self.at);
                let reason = list.reason;
                Ok(self.report(reason, Finding::List { list: Box::new(list) }))
            }
            Kind::Ocsp => {
                let issuer = self.args.issuer.as_deref().map(der).transpose()?;
                let response = verify_ocsp_response(&self.file, issuer.as_deref(), &self.trust, &self.lists, self.at);
                let reason = response.reason;
                Ok(self.report(reason, Finding::Response { response: Box::new(response) }))
            }
            Kind::Evidence => self.evidence(),
        }
    }

    const fn verifier(&self) -> Verifier<'_> {
        Verifier::new(&self.trust, &self.lists, self.at)
    }

    fn raw(self, content: &[u8]) -> Result<Report, Unusable> {
        let path = self.args.issuer.as_deref().unwrap_or(&self.args.file);
        let issuer = der(path)?;
        // A bare key says nothing of a person; suites of signature algorithms have nothing else.
        if self.args.profile == Profile::Lab && Form::of(&issuer) == Some(Form::PublicKey) {
            let verdict = self.verifier().raw_by_key(&self.file, content, &issuer);
            return self.signature(verdict);
        }
        let verdict = self.verifier().raw(&self.file, content, &issuer);
        self.signature(verdict)
    }

    /// Whoever gives a list or a response asks whether the certificate was revoked; no answer is no "valid".
    fn signature(self, verdict: Verdict) -> Result<Report, Unusable> {
        let mut verdict = verdict;
        let mut gap = None;
        if let Some(path) = &self.args.ocsp
            && verdict.is_valid()
            && let Some(signer) = &verdict.signer
        {
            match verify_ocsp_with_lists(&der(path)?, &signer.certificate, None, &self.trust, &self.lists, self.at) {
                Ok(answer) => verdict = verdict.with_revocation(answer),
                Err(reason) => gap = Some(reason),
            }
        }
        let asked = self.args.ocsp.is_some() || !self.args.crls.is_empty();
        if asked && gap.is_none() && matches!(verdict.revocation, RevocationStatus::Unknown { .. }) {
            gap = Some(self.unused.first().map_or(Reason::RevocationUnknown, |unused| unused.reason));
        }
        let reason = verdict.reason().or(gap);
        Ok(self.report(reason, Finding::Signature { verdict: Box::new(verdict) }))
    }

    fn evidence(self) -> Result<Report, Unusable> {
        let archive = match Archive::from_zip(&self.file) {
            Ok(archive) => archive,
            Err(error) => return Ok(self.coded(Some(error.as_str().to_owned()), Finding::Nothing {})),
        };
        let timestamping = inputs::timestamping(self.args)?;
        let evidence = verify_evidence(&archive, &self.trust, &timestamping);
        let reason = evidence.reason();
        let manifest = Box::new(archive.manifest().clone());
        Ok(self.report(reason, Finding::Evidence { manifest, evidence: Box::new(evidence) }))
    }

    fn report(self, reason: Option<Reason>, finding: Finding) -> Report {
        self.coded(reason.map(|reason| reason.as_str().to_owned()), finding)
    }

    fn coded(self, reason: Option<String>, finding: Finding) -> Report {
        Report {
            valid: reason.is_none(),
            reason,
            kind: self.kind.as_str(),
            profile: self.args.profile.as_str(),
            time: self.at,
            unused: self.unused,
            finding,
        }
    }
}
