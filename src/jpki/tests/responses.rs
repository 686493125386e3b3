//! Answers of responders: what they say, and which are not believed.

use time::Duration;

use super::*;
use crate::demo::authority::{
    CrlFault, CrlOrder, Municipality, OcspFault, OcspOrder, OcspStatus, Revocation, TestAuthority,
};
use crate::jpki::{
    CertIdDigest, Crl, Reason, RevocationGap, RevocationReason, RevocationStatus, RevocationWitness, ocsp_request,
    ocsp_request_by, verify_ocsp, verify_ocsp_response, verify_ocsp_with_lists,
};

const NONCE: [u8; 32] = [0x5A; 32];

fn order(fault: OcspFault) -> OcspOrder<'static> {
    OcspOrder {
        card: &GOOD_CARD,
        status: OcspStatus::Good,
        nonce: Some(&NONCE),
        produced_at: NOW,
        this_update: NOW - Duration::minutes(1),
        next_update: Some(NOW + Duration::minutes(15)),
        fault,
    }
}

fn status_at(order: &OcspOrder<'_>, at: OffsetDateTime) -> Result<RevocationStatus, Reason> {
    verify_ocsp(&AUTHORITY.ocsp(order).unwrap(), GOOD_CARD.certificate_der(), Some(&NONCE), &trust(), at)
}

fn status(order: &OcspOrder<'_>) -> Result<RevocationStatus, Reason> {
    status_at(order, NOW)
}

#[test]
fn a_good_answer_names_its_source() {
    let expected = RevocationStatus::Good {
        witness: RevocationWitness::Responder,
        crl_number: None,
        this_update: NOW - Duration::minutes(1),
        next_update: NOW + Duration::minutes(15),
        produced_at: Some(NOW),
    };
    assert_eq!(status(&order(OcspFault::None)), Ok(expected));
}

#[test]
fn what_is_unusual_but_right_counts() {
    let right = [
        OcspFault::ByKey,
        OcspFault::Sha256Id,
        OcspFault::ExplicitVersion,
        OcspFault::Appointed,
        OcspFault::AppointedAndListed,
    ];
    for unusual in right {
        assert!(matches!(status(&order(unusual)), Ok(RevocationStatus::Good { .. })), "{unusual:?}");
    }
}

#[test]
fn an_answer_signed_again_later_speaks_of_its_own_moment() {
    let later = OcspOrder { produced_at: NOW + Duration::hours(1), ..order(OcspFault::None) };
    assert!(matches!(status(&later), Ok(RevocationStatus::Good { .. })));
    let of_later = OcspOrder { this_update: NOW + Duration::minutes(6), ..later };
    assert_eq!(status(&of_later), Ok(RevocationStatus::Unknown { why: RevocationGap::NotYetMade }));
}

#[test]
fn revoked_and_unknown_are_told_apart() {
    let since = NOW - Duration::days(2);
    let of = |status_of| status(&OcspOrder { status: status_of, ..order(OcspFault::None) });
    for reason in [RevocationReason::Unspecified, RevocationReason::CertificateHold] {
        let revoked = of(OcspStatus::Revoked { at: since, reason });
        assert_eq!(revoked, Ok(RevocationStatus::Revoked { at: since, reason }));
    }
    assert_eq!(of(OcspStatus::Unknown), Ok(RevocationStatus::Unknown { why: RevocationGap::UnknownToResponder }));
}

#[test]
fn each_single_fault_has_its_own_reason() {
    let table = [
        (OcspFault::AppointedWithoutPurpose, Reason::OcspResponderUnauthorized),
        (OcspFault::AppointedForAnything, Reason::OcspResponderUnauthorized),
        (OcspFault::AppointedForEncryption, Reason::OcspResponderUnauthorized),
        (OcspFault::AppointedWithUnknownCritical, Reason::OcspResponderUnauthorized),
        (OcspFault::AppointedItself, Reason::OcspResponderUnauthorized),
        (OcspFault::AppointedExpired, Reason::OcspResponderExpired),
        (OcspFault::AppointedUnseen, Reason::OcspResponderUnknown),
        (OcspFault::OtherResponder, Reason::OcspResponderUnknown),
        (OcspFault::ForgedSignature, Reason::OcspSignature),
        (OcspFault::OtherSerial, Reason::OcspOtherCertificate),
        (OcspFault::OtherIssuerName, Reason::OcspOtherCertificate),
        (OcspFault::OtherIssuerKey, Reason::OcspOtherCertificate),
        (OcspFault::UnknownCritical, Reason::OcspUnknownCritical),
        (OcspFault::UnknownCriticalAnswer, Reason::OcspUnknownCritical),
        (OcspFault::WeakAlgorithm, Reason::OcspAlgorithm),
        (OcspFault::OtherType, Reason::OcspType),
        (OcspFault::TrailingByte, Reason::TrailingBytes),
        (OcspFault::Status(0), Reason::OcspMalformed),
        (OcspFault::Status(1), Reason::OcspMalformedRequest),
        (OcspFault::Status(2), Reason::OcspInternalError),
        (OcspFault::Status(3), Reason::OcspTryLater),
        (OcspFault::Status(4), Reason::OcspMalformed),
        (OcspFault::Status(5), Reason::OcspSignatureRequired),
        (OcspFault::Status(6), Reason::OcspUnauthorized),
        (OcspFault::Status(7), Reason::OcspMalformed),
    ];
    for (fault, reason) in table {
        assert_eq!(status(&order(fault)), Err(reason), "{fault:?}");
    }
}

#[test]
fn the_number_of_the_request_is_repeated_or_the_answer_is_not_ours() {
    let with = |nonce| status(&OcspOrder { nonce, ..order(OcspFault::None) });
    assert_eq!(with(None), Err(Reason::OcspNonceMissing));
    assert_eq!(with(Some(&[1; 32])), Err(Reason::OcspNonceMismatch));
    assert_eq!(with(Some(&NONCE[..31])), Err(Reason::OcspNonceMismatch));
    assert_eq!(with(Some(&[])), Err(Reason::OcspMalformed));
    assert_eq!(with(Some(&[0; 129])), Err(Reason::OcspMalformed));
    let unasked = AUTHORITY.ocsp(&order(OcspFault::None)).unwrap();
    assert!(verify_ocsp(&unasked, GOOD_CARD.certificate_der(), None, &trust(), NOW).is_ok());
}

#[test]
fn an_answer_counts_in_its_time_with_five_minutes_of_grace() {
    let stale = Ok(RevocationStatus::Unknown { why: RevocationGap::Stale });
    let early = Ok(RevocationStatus::Unknown { why: RevocationGap::NotYetMade });
    let at = |minutes| status_at(&order(OcspFault::None), NOW + Duration::minutes(minutes));
    assert!(matches!(at(20), Ok(RevocationStatus::Good { .. })));
    assert_eq!(at(21), stale);
    assert!(matches!(at(-6), Ok(RevocationStatus::Good { .. })));
    assert_eq!(at(-7), early);
    let endless = OcspOrder { next_update: None, ..order(OcspFault::None) };
    assert!(matches!(status_at(&endless, NOW + Duration::hours(24)), Ok(RevocationStatus::Good { .. })));
    assert_eq!(status_at(&endless, NOW + Duration::hours(25)), stale);
    let backwards = OcspOrder { next_update: Some(NOW - Duration::hours(1)), ..order(OcspFault::None) };
    assert_eq!(status(&backwards), Err(Reason::OcspMalformed));
    let revoked = OcspStatus::Revoked { at: NOW, reason: RevocationReason::KeyCompromise };
    let old = OcspOrder { status: revoked, ..order(OcspFault::None) };
    assert_eq!(status_at(&old, NOW + Duration::hours(1)), stale);
}

#[test]
fn a_responder_that_does_not_forbid_it_is_looked_up_in_the_list() {
    let himeji = Municipality::default();
    let revoked = [Revocation {
        serial: TestAuthority::RESPONDER_SERIAL.to_vec(),
        at: NOW - Duration::days(1),
        reason: RevocationReason::KeyCompromise,
    }];
    let list = CrlOrder {
        municipality: &himeji,
        revoked: &revoked,
        this_update: NOW - Duration::hours(1),
        next_update: NOW + Duration::hours(1),
        number: 1,
        fault: CrlFault::NoDistributionPoint,
    };
    let mut lists = CrlSet::new();
    lists.insert(Crl::parse(&AUTHORITY.crl(&list).unwrap(), &trust()).unwrap());
    let ask = |fault| {
        let response = AUTHORITY.ocsp(&order(fault)).unwrap();
        verify_ocsp_with_lists(&response, GOOD_CARD.certificate_der(), Some(&NONCE), &trust(), &lists, NOW)
    };
    assert_eq!(ask(OcspFault::AppointedAndListed), Err(Reason::OcspResponderRevoked));
    assert!(matches!(ask(OcspFault::Appointed), Ok(RevocationStatus::Good { .. })));
}

#[test]
fn nobody_is_asked_about_a_certificate_of_unknown_origin() {
    let forged = card(Fault::ForgedIssuer);
    let about_it = OcspOrder { card: &forged, ..order(OcspFault::None) };
    let response = AUTHORITY.ocsp(&about_it).unwrap();
    let refused = Err(Reason::IssuerSignature);
    assert_eq!(verify_ocsp(&response, forged.certificate_der(), Some(&NONCE), &trust(), NOW), refused);
    assert_eq!(ocsp_request(forged.certificate_der(), &trust(), None), Err(Reason::IssuerSignature));
}

#[test]
fn a_request_is_answered_as_it_was_asked() {
    let since = NOW - Duration::days(1);
    let revoked = [GOOD_CARD.revocation(since, RevocationReason::Superseded)];
    for by in [CertIdDigest::Sha1, CertIdDigest::Sha256] {
        let request = ocsp_request_by(by, GOOD_CARD.certificate_der(), &trust(), Some(&NONCE)).unwrap();
        let ask = |list: &[Revocation]| {
            let response = AUTHORITY.answer_ocsp(&request, list, NOW).unwrap();
            verify_ocsp(&response, GOOD_CARD.certificate_der(), Some(&NONCE), &trust(), NOW)
        };
        assert!(matches!(ask(&[]), Ok(RevocationStatus::Good { .. })), "{by:?}");
        let expected = RevocationStatus::Revoked { at: since, reason: RevocationReason::Superseded };
        assert_eq!(ask(&revoked), Ok(expected));
    }
    let response = AUTHORITY.answer_ocsp(b"nonsense", &[], NOW).unwrap();
    assert_eq!(
        verify_ocsp(&response, GOOD_CARD.certificate_der(), None, &trust(), NOW),
        Err(Reason::OcspMalformedRequest)
    );
}

#[test]
fn an_answer_by_itself_is_judged_and_listed() {
    let report = |fault, issuer: Option<&[u8]>, at| {
        verify_ocsp_response(&AUTHORITY.ocsp(&order(fault)).unwrap(), issuer, &trust(), &CrlSet::new(), at)
    };
    let good = report(OcspFault::None, None, NOW);
    assert_eq!(good.reason, None);
    assert_eq!(good.answers.len(), 1);
    assert_eq!((good.answers[0].status, good.produced_at), ("good", Some(NOW)));
    assert_eq!(good.nonce.as_deref(), Some("5a".repeat(32).as_str()));
    assert_eq!(report(OcspFault::None, Some(AUTHORITY.anchor_der()), NOW).reason, None);
    assert_eq!(report(OcspFault::None, Some(GOOD_CARD.certificate_der()), NOW).reason, Some(Reason::IssuerUnknown));
    assert_eq!(report(OcspFault::None, None, NOW + Duration::days(1)).reason, Some(Reason::OcspStale));
    assert_eq!(report(OcspFault::OtherIssuerKey, None, NOW).reason, Some(Reason::OcspOtherIssuer));
    assert_eq!(report(OcspFault::OtherIssuerName, None, NOW).reason, Some(Reason::OcspOtherIssuer));
    assert_eq!(report(OcspFault::ForgedSignature, None, NOW).reason, Some(Reason::OcspSignature));
    assert_eq!(report(OcspFault::Status(3), None, NOW).reason, Some(Reason::OcspTryLater));
}

#[test]
fn a_truncated_or_changed_answer_is_not_believed() {
    let whole = AUTHORITY.ocsp(&order(OcspFault::None)).unwrap();
    let trust = trust();
    let ask = |bytes: &[u8]| verify_ocsp(bytes, GOOD_CARD.certificate_der(), Some(&NONCE), &trust, NOW);
    for end in 0..whole.len() {
        assert!(ask(&whole[..end]).is_err(), "{end}");
    }
    for position in 0..whole.len() {
        let mut changed = whole.clone();
        changed[position] ^= 1 << (position % 8);
        assert!(ask(&changed).is_err(), "byte {position}");
    }
}
