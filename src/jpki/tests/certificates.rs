//! Each rule of the certificate, broken alone.

use time::Duration;

use super::*;
use crate::jpki::{Environment, Era, Kind, Medium, Purpose, Reason, Verdict, verify_certificate};

fn verdict(fault: Fault) -> Verdict {
    verify_certificate(card(fault).certificate_der(), &trust(), &CrlSet::new(), NOW)
}

#[test]
fn a_good_certificate_counts_and_names_its_holder() {
    let verdict = verdict(Fault::None);
    assert_eq!(verdict.reason(), None, "{verdict:?}");
    let signer = verdict.signer.unwrap();
    let holder = signer.holder.unwrap();
    assert_eq!(holder.name, "試験　花子");
    assert_eq!(holder.address.as_deref(), Some("兵庫県姫路市試験町１－１"));
    let birth = holder.birth.unwrap();
    assert_eq!((birth.era, birth.year, birth.month, birth.day), (Era::Heisei, Some(2000), Some(2), Some(29)));
    let kind = Kind { purpose: Purpose::Signing, medium: Medium::Card, environment: Environment::Demo };
    assert_eq!(signer.kind, Some(kind));
    assert_eq!((signer.not_before, signer.not_after), (NOW, NOW + Duration::days(1826)));
}

#[test]
fn each_single_fault_has_its_own_reason() {
    let table = [
        (Fault::Expired, Reason::Expired),
        (Fault::NotYetValid, Reason::NotYetValid),
        (Fault::UserAuthentication, Reason::UserAuthenticationCertificate),
        (Fault::OtherEnvironment, Reason::PolicyEnvironment),
        (Fault::UnknownPolicy, Reason::PolicyUnknown),
        (Fault::AnyPolicy, Reason::PolicyUnknown),
        (Fault::NoPolicy, Reason::PolicyMissing),
        (Fault::PolicyNotCritical, Reason::PolicyNotCritical),
        (Fault::NoKeyUsage, Reason::KeyUsageMissing),
        (Fault::KeyUsageNotCritical, Reason::KeyUsageNotCritical),
        (Fault::KeyUsageWithoutNonRepudiation, Reason::KeyUsageInsufficient),
        (Fault::KeyUsageWithCertSign, Reason::KeyUsageExcessive),
        (Fault::UnknownCritical, Reason::ExtensionUnknownCritical),
        (Fault::CriticalHolder, Reason::ExtensionCriticality),
        (Fault::Authority, Reason::CertificateAuthority),
        (Fault::ExtendedKeyUsage, Reason::ExtendedKeyUsage),
        (Fault::DuplicateExtension, Reason::ExtensionDuplicate),
        (Fault::LongKey, Reason::PublicKeySize),
        (Fault::ShortKey, Reason::PublicKeySize),
        (Fault::SmallExponent, Reason::PublicKeyExponent),
        (Fault::EllipticKey, Reason::PublicKeyAlgorithm),
        (Fault::NoHolder, Reason::HolderMissing),
        (Fault::MalformedBirth, Reason::HolderMalformed),
        (Fault::ForgedIssuer, Reason::IssuerSignature),
        (Fault::OtherIssuer, Reason::IssuerUnknown),
        (Fault::AlgorithmMismatch, Reason::CertificateAlgorithmMismatch),
        (Fault::WeakAlgorithm, Reason::CertificateAlgorithm),
        (Fault::VersionOne, Reason::CertificateVersion),
        (Fault::SerialZero, Reason::CertificateSerial),
        (Fault::TrailingByte, Reason::TrailingBytes),
    ];
    for (fault, reason) in table {
        assert_eq!(verdict(fault).reason(), Some(reason), "{fault:?}");
    }
}

#[test]
fn the_holder_is_named_only_when_a_root_vouches_for_the_certificate() {
    assert!(verdict(Fault::Expired).signer.is_some());
    assert!(verdict(Fault::ForgedIssuer).signer.is_none());
    assert!(verdict(Fault::OtherIssuer).signer.is_none());
}

#[test]
fn validity_includes_both_boundary_seconds() {
    let card = card(Fault::None);
    let last = NOW + Duration::days(1826);
    let at = |at| verify_certificate(card.certificate_der(), &trust(), &CrlSet::new(), at).reason();
    assert_eq!(at(NOW - Duration::seconds(1)), Some(Reason::NotYetValid));
    assert_eq!(at(NOW), None);
    assert_eq!(at(last), None);
    assert_eq!(at(last + Duration::milliseconds(999)), None);
    assert_eq!(at(last + Duration::seconds(1)), Some(Reason::Expired));
}

#[test]
fn a_root_counts_only_while_it_is_valid() {
    // Issued shortly before the root ends, so that the certificate outlives it.
    let late = NOW + Duration::days(3600);
    let card = AUTHORITY.issue(&hanako(), Fault::None, &CARD_KEY, late).unwrap();
    let at = |at| verify_certificate(card.certificate_der(), &trust(), &CrlSet::new(), at).reason();
    assert_eq!(at(NOW + Duration::days(3652)), None);
    assert_eq!(at(NOW + Duration::days(3652) + Duration::seconds(1)), Some(Reason::AnchorExpired));
}

#[test]
fn generations_of_one_authority_stand_side_by_side() {
    let next = TestAuthority::generate(NOW).unwrap();
    let mut trust = trust();
    trust.anchors.insert(0, Anchor::from_der(next.anchor_der()).unwrap());
    assert_eq!(trust.anchors[0].subject(), trust.anchors[1].subject());
    for (authority, position) in [(&next, 0), (&*AUTHORITY, 1)] {
        let card = authority.issue(&hanako(), Fault::None, &CARD_KEY, NOW).unwrap();
        let verdict = verify_certificate(card.certificate_der(), &trust, &CrlSet::new(), NOW);
        let root = data_encoding::HEXLOWER.encode(&trust.anchors[position].sha256());
        assert_eq!(verdict.signer.unwrap().anchor_sha256, root);
    }
}

#[test]
fn a_person_is_no_authority() {
    assert_eq!(Anchor::from_der(card(Fault::None).certificate_der()).err(), Some(Reason::AnchorNotAuthority));
    let mut forged = AUTHORITY.anchor_der().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(Anchor::from_der(&forged).err(), Some(Reason::AnchorSignature));
}

#[test]
fn production_refuses_what_was_made_for_trying_out() {
    let trust = Trust::signing(trust().anchors, Policies::production());
    let verdict = verify_certificate(card(Fault::None).certificate_der(), &trust, &CrlSet::new(), NOW);
    assert_eq!(verdict.reason(), Some(Reason::PolicyEnvironment));
    assert_eq!(trust.anchors[0].environment(), Environment::Demo);
}

#[test]
fn people_abroad_have_no_address_and_substitutes_are_told() {
    let holder = CardHolder {
        name_substitutes: "10000".to_owned(),
        address: String::new(),
        birth: "019550000".to_owned(),
        ..hanako()
    };
    let card = AUTHORITY.issue(&holder, Fault::None, &CARD_KEY, NOW).unwrap();
    let holder =
        verify_certificate(card.certificate_der(), &trust(), &CrlSet::new(), NOW).signer.unwrap().holder.unwrap();
    assert_eq!((holder.address, holder.name_substitutes), (None, vec![0]));
    assert_eq!(holder.birth.unwrap().year, Some(1955));
}
