//! Who may answer for an authority: the authority itself, or whom it appointed with a certificate
//! of its own (RFC 6960 §4.2.2.2).

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::super::certificate::Certificate;
use super::super::chain::{Issuer, IssuerKey, Message};
use super::super::reason::Reason;
use super::super::revocation::RevocationStatus;
use super::super::{name, oid};
use super::Setting;
use super::question::key_octets;
use super::response::{ResponderId, Response};

/// Checks that the authority, or a responder that it appointed, signed the answer.
pub(super) fn check(response: &Response<'_>, authority: &Issuer<'_>, setting: Setting<'_>) -> Result<(), Reason> {
    if !setting.trust.rules.algorithms.contains(&response.algorithm) {
        return Err(Reason::OcspAlgorithm);
    }
    let message = Message { algorithm: response.algorithm, covered: response.covered, signature: response.signature };
    if is_called(response.responder, authority.name, key_octets(authority)) && authority.signed(message) {
        return Ok(());
    }
    // A certificate that the authority holds itself is its own, not an appointment.
    let mut refusal = if is_called(response.responder, authority.name, key_octets(authority)) {
        Reason::OcspSignature
    } else {
        Reason::OcspResponderUnknown
    };
    for der in &response.certificates {
        let Ok(certificate) = Certificate::parse(der) else { continue };
        if !is_called(response.responder, certificate.subject.raw, certificate.public_key.bytes()) {
            continue;
        }
        if !is_by(&certificate, message) {
            refusal = Reason::OcspSignature;
            continue;
        }
        match check_appointment(&certificate, authority, response, setting) {
            Ok(()) => return Ok(()),
            Err(reason) => refusal = reason,
        }
    }
    Err(refusal)
}

fn is_called(responder: ResponderId<'_>, subject: &[u8], key: &[u8]) -> bool {
    match responder {
        ResponderId::Name(wanted) => name::same(wanted, subject),
        // RFC 6960 §4.2.1 fixes SHA-1 here; it names, it does not vouch.
        ResponderId::Key(wanted) => digest(&SHA1_FOR_LEGACY_USE_ONLY, key).as_ref() == wanted,
    }
}

fn is_by(certificate: &Certificate<'_>, message: Message<'_>) -> bool {
    let key = certificate.public_key.prepare(message.algorithm);
    key.is_ok_and(|key| key.signed(message.algorithm, message.covered, message.signature))
}

/// Checks that the authority appointed the holder of this certificate, directly and with the same
/// key that it signs certificates with.
fn check_appointment(
    certificate: &Certificate<'_>,
    authority: &Issuer<'_>,
    response: &Response<'_>,
    setting: Setting<'_>,
) -> Result<(), Reason> {
    let Setting { trust, lists, at } = setting;
    let message = Message {
        algorithm: certificate.algorithm,
        covered: certificate.to_be_signed,
        signature: certificate.signature,
    };
    // extendedKeyUsage must say so in so many words; keyUsage must not say otherwise.
    let appointed = name::same(certificate.issuer.raw, authority.name)
        && authority.signed(message)
        && certificate.check_profile(&trust.rules.responder()).is_ok();
    if !appointed {
        return Err(Reason::OcspResponderUnauthorized);
    }
    for moment in [at, response.produced_at] {
        let expired = Reason::OcspResponderExpired;
        certificate.check_validity(moment, expired, expired)?;
    }
    if certificate.extensions.find(&oid::OCSP_NO_CHECK).is_some() {
        return Ok(());
    }
    let by_root = lists.status_of(certificate, &authority.anchor_sha256, at);
    let status = match by_root {
        RevocationStatus::Unknown { .. } => lists.status_by_the_book(certificate, authority, trust, at),
        known if matches!(authority.key, IssuerKey::Prepared(_)) => known,
        _ => lists.status_by_the_book(certificate, authority, trust, at),
    };
    if matches!(status, RevocationStatus::Revoked { .. }) { Err(Reason::OcspResponderRevoked) } else { Ok(()) }
}
