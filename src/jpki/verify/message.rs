//! The checks of a CMS message, in the order of RFC 5652 §5.6 and of the path rules.

use aws_lc_rs::digest::Context;
use data_encoding::HEXLOWER;

use super::inspection::{Identified, Inspection};
use crate::jpki::attributes::Attributes;
use crate::jpki::cms::SignedData;
use crate::jpki::reason::Reason;
use crate::jpki::step::Check;

impl Inspection<'_> {
    /// The order of RFC 5652 §5.6 and of the path rules: what is cheap and certain first, the
    /// signature only with a key that is known to be a person's.
    pub(super) fn message(&mut self, cms: &[u8], content: Option<&[u8]>) -> Result<(), Reason> {
        let trust = self.trust;
        let (message, attributes, der) = self.step(Check::Container, |facts| {
            let message = SignedData::parse(cms)?;
            trust.rules.check_algorithm(message.algorithm)?;
            let attributes = Attributes::parse(&message.signed_attributes)?;
            let der = message.signer_certificate()?;
            facts.add("digest-algorithm", message.hash.as_str());
            facts.add("content", if message.content.is_some() { "inside" } else { "detached" });
            if let Some(claimed) = attributes.signing_time {
                facts.add_time("claimed-signing-time", claimed);
            }
            Ok((message, attributes, der))
        })?;
        self.step(Check::Document, |facts| {
            let document = match (message.content, content) {
                (Some(_), Some(_)) => return Err(Reason::ContentTwice),
                (None, None) => return Err(Reason::ContentMissing),
                (Some(document), None) | (None, Some(document)) => document,
            };
            let digest = message.hash.digest(document);
            facts.add(message.hash.as_str(), HEXLOWER.encode(digest.as_ref()));
            if digest.as_ref() == attributes.message_digest { Ok(()) } else { Err(Reason::MessageDigestMismatch) }
        })?;
        let identified = self.certificate(der)?;
        self.identify(&identified, attributes.signing_time);
        self.validity(&identified)?;
        self.step(Check::Signature, |facts| {
            facts.add("algorithm", message.algorithm.as_str());
            let Identified { certificate, .. } = &identified;
            attributes.check_signing_certificate(der, certificate.issuer.raw, certificate.serial.value)?;
            // The signature is over the set as such, not as the tagged field (RFC 5652 §5.4).
            let mut signed = Context::new(message.hash.algorithm());
            signed.update(&[0x31]);
            signed.update(message.signed_attributes.raw.get(1..).unwrap_or_default());
            let key = certificate.public_key.prepare(message.algorithm)?;
            let genuine = key.signed_digest(message.algorithm, &signed.finish(), message.signature);
            if genuine { Ok(()) } else { Err(Reason::SignatureMismatch) }
        })?;
        self.revocation(&identified)
    }
}
