//! Signatures without a message, by a certificate and by a bare key.

use super::*;
use crate::jpki::encode::sequence;
use crate::jpki::{Laboratory, Reason, SHA256_DIGEST_INFO_PREFIX, Verifier, verify_raw};

fn signature() -> Vec<u8> {
    GOOD_CARD.sign(&[SHA256_DIGEST_INFO_PREFIX.as_slice(), &sha256(DOCUMENT)].concat()).unwrap()
}

fn check(signature: &[u8], content: &[u8]) -> Option<Reason> {
    verify_raw(signature, content, GOOD_CARD.certificate_der(), &trust(), &CrlSet::new(), NOW).reason()
}

/// What the card makes of any bytes: `00 01 FF … FF 00` around them, to the private exponent.
fn bare(bytes: &[u8]) -> Vec<u8> {
    let key = ::openssl::pkey::PKey::private_key_from_der(&GOOD_CARD.key().to_pkcs8().unwrap()).unwrap().rsa().unwrap();
    let mut signature = vec![0; 256];
    key.private_encrypt(bytes, &mut signature, ::openssl::rsa::Padding::PKCS1).unwrap();
    signature
}

#[test]
fn an_ordinary_signature_and_one_over_the_bare_digest_count() {
    assert_eq!(check(&signature(), DOCUMENT), None);
    assert_eq!(bare(&[SHA256_DIGEST_INFO_PREFIX.as_slice(), &sha256(DOCUMENT)].concat()), signature());
    assert_eq!(check(&bare(&sha256(DOCUMENT)), DOCUMENT), None);
    for (signature, content) in [
        (signature(), &b"another"[..]),
        (bare(&sha256(DOCUMENT)), b"another"),
        (bare(&sha256(DOCUMENT)[..31]), DOCUMENT),
        (bare(&[sha256(DOCUMENT).as_slice(), &[0]].concat()), DOCUMENT),
        (bare(DOCUMENT), DOCUMENT),
        (signature()[1..].to_vec(), DOCUMENT),
        ([&[0], signature().as_slice()].concat(), DOCUMENT),
        (vec![0xFF; 256], DOCUMENT),
        (vec![0; 256], DOCUMENT),
        (vec![], DOCUMENT),
    ] {
        assert_eq!(check(&signature, content), Some(Reason::SignatureMismatch), "{} octets", signature.len());
    }
}

#[test]
fn the_certificates_faults_are_the_signatures() {
    for (fault, reason) in [(Fault::Expired, Reason::Expired), (Fault::ForgedIssuer, Reason::IssuerSignature)] {
        let der = card(fault).certificate_der().to_vec();
        let verdict = verify_raw(&signature(), DOCUMENT, &der, &trust(), &CrlSet::new(), NOW);
        assert_eq!(verdict.reason(), Some(reason));
    }
}

#[test]
fn a_bare_key_verifies_ordinary_signatures_only() {
    let key = ::openssl::pkey::PKey::private_key_from_der(&GOOD_CARD.key().to_pkcs8().unwrap()).unwrap();
    let public = key.public_key_to_der().unwrap();
    let laboratory: Laboratory = "alg=any-sha2".parse().unwrap();
    let (trust, lists) = (Trust::laboratory(&[], Vec::new(), &laboratory), CrlSet::new());
    let verifier = Verifier::new(&trust, &lists, NOW);
    assert_eq!(verifier.raw_by_key(&signature(), DOCUMENT, &public).reason(), None);
    let bare = bare(&sha256(DOCUMENT));
    assert_eq!(verifier.raw_by_key(&bare, DOCUMENT, &public).reason(), Some(Reason::SignatureMismatch));
    for malformed in [&b""[..], &[0x30, 0x00], &public[1..], &sequence(&[&public])] {
        let reason = verifier.raw_by_key(&signature(), DOCUMENT, malformed).reason();
        assert_eq!(reason, Some(Reason::PublicKeyMalformed));
    }
    let group = ::openssl::ec::EcGroup::from_curve_name(::openssl::nid::Nid::SECP384R1).unwrap();
    let key = ::openssl::pkey::PKey::from_ec_key(::openssl::ec::EcKey::generate(&group).unwrap()).unwrap();
    let mut signer = ::openssl::sign::Signer::new(::openssl::hash::MessageDigest::sha384(), &key).unwrap();
    let signature = signer.sign_oneshot_to_vec(DOCUMENT).unwrap();
    let public = key.public_key_to_der().unwrap();
    assert_eq!(verifier.raw_by_key(&signature, DOCUMENT, &public).reason(), None);
    let longer = [signature.as_slice(), &[0]].concat();
    assert_eq!(verifier.raw_by_key(&longer, DOCUMENT, &public).reason(), Some(Reason::SignatureMismatch));
}
