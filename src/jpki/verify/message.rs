//! The checks of a CMS message, in the order of RFC 5652 §5.6 and of the path rules.

use aws_lc_rs::digest::Context;
use data_encoding::HEXLOWER;

use super::inspection::{Identified, Inspection};
use crate::jpki::attributes::{Attributes, unsigned_values};
use crate::jpki::cms::SignedData;
use crate::jpki::reason::Reason;
use crate::jpki::step::{Check, StepOutcome};
use crate::jpki::timestamp::{Imprint, verify_timestamp};
use crate::jpki::{ber, oid};

/// Timestamps that are looked at; one is usual, and each may be a search for a path.
const MAX_TIMESTAMPS: usize = 4;

/// What a message is expected to be over.
#[derive(Debug, Clone, Copy)]
pub(in crate::jpki) struct Document<'d> {
    /// The pieces of the document, one after the other, if it does not travel inside.
    pub(in crate::jpki) beside: Option<&'d [&'d [u8]]>,
    /// Whether the signature must name its certificate.
    pub(in crate::jpki) reference: Reference,
}

/// Whether the signed attributes must name the signer's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::jpki) enum Reference {
    /// As in CMS.
    Optional,
    /// As in `CAdES` and `PAdES` (ETSI EN 319 122-1 §5.2.2, EN 319 142-1 §6.3).
    Required,
}

impl Inspection<'_> {
    /// Every check of a message in DER or BER.
    pub(in crate::jpki) fn message(&mut self, cms: &[u8], document: Document<'_>) -> Result<(), Reason> {
        let made_before = self.steps.len();
        let as_der = self.der_message(cms, document);
        if as_der != Err(Reason::CmsMalformed) {
            return as_der;
        }
        match ber::to_der(cms) {
            Ok(der) if der != cms => {
                self.steps.truncate(made_before);
                self.signer = None;
                self.der_message(&der, document)
            }
            Ok(_) | Err(Reason::CmsMalformed) => as_der,
            Err(reason) => {
                self.steps.truncate(made_before);
                self.step(Check::Container, |_| Err(reason))
            }
        }
    }

    /// What is cheap and certain first, the signature only with a key that is known to be a person's.
    fn der_message(&mut self, cms: &[u8], document: Document<'_>) -> Result<(), Reason> {
        let trust = self.trust;
        let (message, attributes, der) = self.step(Check::Container, |facts| {
            let message = SignedData::parse(cms, &oid::DATA)?;
            trust.rules.check_algorithm(message.algorithm)?;
            let attributes = Attributes::parse(&message.signed_attributes, &oid::DATA)?;
            attributes.check_protection(message.hash, message.algorithm)?;
            if document.reference == Reference::Required && !attributes.names_certificate() {
                return Err(Reason::SigningCertificateMissing);
            }
            let der = message.signer_certificate()?;
            facts.add("digest-algorithm", message.hash.as_str());
            facts.add("signature-algorithm", message.algorithm.as_str());
            facts.add("content", if message.content.is_some() { "inside" } else { "detached" });
            facts.add("certificates", message.certificates.len().to_string());
            if let Some(claimed) = attributes.signing_time {
                facts.add_time("claimed-signing-time", claimed);
            }
            Ok((message, attributes, der))
        })?;
        self.step(Check::Document, |facts| {
            let inside = message.content.map(|content| [content]);
            let pieces = match (inside.as_ref(), document.beside) {
                (Some(_), Some(_)) => return Err(Reason::ContentTwice),
                (None, None) => return Err(Reason::ContentMissing),
                (Some(inside), None) => inside.as_slice(),
                (None, Some(beside)) => beside,
            };
            let mut digest = Context::new(message.hash.algorithm());
            for piece in pieces {
                digest.update(piece);
            }
            let digest = digest.finish();
            facts.add(message.hash.as_str(), HEXLOWER.encode(digest.as_ref()));
            if digest.as_ref() == attributes.message_digest { Ok(()) } else { Err(Reason::MessageDigestMismatch) }
        })?;
        let identified = self.certificate(der, &message.certificates)?;
        self.identify(&identified, attributes.signing_time);
        self.validity(&identified)?;
        self.step(Check::Signature, |facts| {
            facts.add("algorithm", message.algorithm.as_str());
            let Identified { certificate, .. } = &identified;
            attributes.check_signing_certificate(der, certificate.issuer.raw, certificate.serial.value)?;
            let key = certificate.public_key.prepare(message.algorithm)?;
            let genuine = key.signed_digest(message.algorithm, &message.signed_digest(), message.signature);
            if genuine { Ok(()) } else { Err(Reason::SignatureMismatch) }
        })?;
        self.timestamps(&message);
        self.revocation(&identified)
    }

    /// Tells each timestamp of the signature. One that does not count changes nothing: whoever holds
    /// the message can add and remove them.
    fn timestamps(&mut self, message: &SignedData<'_>) {
        let (Some(authorities), Some(unsigned)) = (self.timestamping, message.unsigned_attributes) else { return };
        let tokens = unsigned_values(&unsigned, &oid::SIGNATURE_TIMESTAMP).unwrap_or_default();
        for (position, token) in tokens.iter().take(MAX_TIMESTAMPS + 1).enumerate() {
            let imprint = Imprint::Of(message.signature);
            let at = self.at;
            let told = self.step(Check::Timestamp, |facts| {
                if position == MAX_TIMESTAMPS {
                    return Err(Reason::TooLarge);
                }
                let timestamp = verify_timestamp(token.raw, imprint, None, authorities, at)?;
                facts.add_time("timestamp", timestamp.at);
                facts.add("timestamp-authority", timestamp.authority);
                Ok(())
            });
            if let (Err(reason), Some(step)) = (told, self.steps.last_mut()) {
                step.outcome = StepOutcome::Unknown;
                step.facts.push(crate::jpki::Fact { name: "reason".to_owned(), value: reason.as_str().to_owned() });
            }
        }
    }
}
