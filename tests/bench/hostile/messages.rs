//! BER, CMS, revocation lists, OCSP answers and timestamps.

use const_oid::ObjectIdentifier;
use openssl::cms::{CMSOptions, CmsContentInfo};
use time::OffsetDateTime;
use time::macros::datetime;
use todoke::demo::authority::{CardHolder, Fault, TestAuthority};
use todoke::jpki::encode::{algorithm, bit_string, object_identifier, sequence, set_of, tlv, unsigned_integer};
use todoke::jpki::{
    Anchor, Crl, CrlSet, Imprint, Policies, SignedAttributes, Trust, to_der, verify_cms, verify_ocsp, verify_timestamp,
};

use super::{Case, Entry};

const NOW: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);
const LARGE: usize = 20_000_000;
const LIST: usize = 64_000_000;
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

pub(super) const CASES: &[Entry] = &[
    ("ber-deep", || Case::new([0x30, 0x80].repeat(LARGE / 2), cms)),
    ("ber-nests", || {
        let nest = [[0x30, 0x80].repeat(30), [0, 0].repeat(30)].concat();
        Case::new([&[0x30, 0x80][..], &nest.repeat(LARGE / nest.len()), &[0, 0]].concat(), cms)
    }),
    ("ber-empty-sequences", || {
        Case::new([&[0x30, 0x80][..], &[0x30, 0x80, 0, 0].repeat(LARGE / 4), &[0, 0]].concat(), ber)
    }),
    ("ber-empty-elements", || Case::new([&[0x30, 0x80][..], &[5, 0].repeat(LARGE / 2), &[0, 0]].concat(), ber)),
    ("ber-pieces", || Case::new([&[0x24, 0x80][..], &[4, 1, 0x5A].repeat(40_000_000), &[0, 0]].concat(), ber)),
    ("ber-bits", || Case::new([&[0x23, 0x80][..], &[3, 1, 0].repeat(LARGE / 3), &[0, 0]].concat(), ber)),
    ("ber-timestamp", || {
        let nest = [[0x30, 0x80].repeat(30), [0, 0].repeat(30)].concat();
        Case::new([&[0x30, 0x80][..], &nest.repeat(LARGE / nest.len()), &[0, 0]].concat(), |token| {
            let authorities = Trust::timestamping(Vec::new());
            format!("{:?}", verify_timestamp(token, Imprint::Of(b""), None, &authorities, NOW).map(drop))
        })
    }),
    ("cms-document-of-128-MB", document_beside),
    ("cms-content-of-120-MB", || content_inside(CMSOptions::BINARY)),
    ("cms-content-in-pieces", content_in_pieces),
    ("cms-many-certificates", || Case::new(message(&[0x30, 0x00].repeat(LARGE / 8), &[]), cms)),
    ("cms-many-attributes", || {
        let attribute = sequence(&[&object_identifier(&RSA), &tlv(0x31, &[&[5, 0]])]);
        Case::new(message(&[], &attribute.repeat(200_000)), cms)
    }),
    ("crl-noise", || Case::new(noise(LIST), list)),
    ("crl-noise-after-header", || Case::new(revocation_list(&noise(LIST)), list)),
    ("crl-rising", || Case::new(revocation_list(&entries(|number| number, b"")), list)),
    ("crl-falling", || Case::new(revocation_list(&entries(|number| u64::MAX / 2 - number, b"")), list)),
    ("crl-mixed", || {
        Case::new(revocation_list(&entries(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 1, b"")), list)
    }),
    ("crl-all-the-same", || Case::new(revocation_list(&entries(|_| 7, b"")), list)),
    ("crl-of-unusual-entries", || {
        // invalidityDate, which only the long way reads
        let extension = sequence(&[&[6, 3, 0x55, 0x1D, 24], &tlv(4, &[&tlv(0x18, &[b"20260101000000Z"])])]);
        Case::new(revocation_list(&entries(|number| number, &sequence(&[&extension]))), list)
    }),
    ("crl-of-many-authorities", || {
        let mut entries = Vec::new();
        for number in 0..600_000_u32 {
            let text = format!("{number:08}");
            let name = sequence(&[&set_of(vec![sequence(&[&[6, 3, 0x55, 4, 3], &tlv(0x0C, &[text.as_bytes()])])])]);
            let names = sequence(&[&tlv(0xA4, &[&name])]);
            let extension = sequence(&[&[6, 3, 0x55, 0x1D, 29], &[1, 1, 0xFF], &tlv(4, &[&names])]);
            entries.extend(entry(u64::from(number) + 1, &sequence(&[&extension])));
        }
        Case::new(revocation_list(&entries), list)
    }),
    ("ocsp-100000-answers", || Case::new(answers(100_000), ocsp)),
    ("ocsp-4000-answers", || Case::new(answers(4_000), ocsp)),
];

fn cms(message: &[u8]) -> String {
    let trust = Trust::signing(Vec::new(), Policies::demo());
    format!("{:?}", verify_cms(message, Some(b""), &trust, &CrlSet::new(), NOW).reason())
}

fn ber(message: &[u8]) -> String {
    format!("{:?}", to_der(message).map(|der| der.len()))
}

fn list(der: &[u8]) -> String {
    let trust = Trust::signing(Vec::new(), Policies::demo());
    format!("{:?}", Crl::parse(der, &trust).map(|list| list.len()))
}

/// Octets in no order, the same in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut noise = Vec::with_capacity(length + 8);
    while noise.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise.extend_from_slice(&state.to_le_bytes());
    }
    noise.truncate(length);
    noise
}

/// A card that nobody in particular holds, and the root above it.
fn card() -> (TestAuthority, todoke::demo::authority::TestCard) {
    let authority = TestAuthority::generate(NOW).expect("an authority");
    let holder = CardHolder::new("試験　花子", "420000229", "兵庫県姫路市試験町１－１");
    let card = authority.issue(&holder, Fault::None, authority.key(), NOW).expect("a card");
    (authority, card)
}

fn document_beside() -> Case {
    let (authority, card) = card();
    let document = vec![0x5A; 128 * 1024 * 1024];
    let attributes = SignedAttributes::new(openssl::sha::sha256(&document), NOW);
    let signature = card.sign(&attributes.digest_info()).expect("a signature");
    let message = attributes.to_cms(&signature, card.certificate_der()).expect("a message");
    let trust = Trust::signing(vec![Anchor::from_der(authority.anchor_der()).expect("a root")], Policies::demo());
    Case::new(document, move |document| {
        format!("{:?}", verify_cms(&message, Some(document), &trust, &CrlSet::new(), NOW).reason())
    })
}

fn content_inside(options: CMSOptions) -> Case {
    let key = openssl::rsa::Rsa::generate(2048).and_then(openssl::pkey::PKey::from_rsa).expect("a key");
    let mut builder = openssl::x509::X509::builder().expect("a certificate");
    builder.set_version(2).expect("a version");
    builder.set_pubkey(&key).expect("a key");
    let (from, to) = (openssl::asn1::Asn1Time::from_unix(0), openssl::asn1::Asn1Time::from_unix(i64::from(i32::MAX)));
    builder.set_not_before(&from.expect("a time")).expect("a time");
    builder.set_not_after(&to.expect("a time")).expect("a time");
    builder.sign(&key, openssl::hash::MessageDigest::sha256()).expect("a signature");
    let certificate = builder.build();
    let content = vec![0x5A; 120_000_000];
    let message = CmsContentInfo::sign(Some(&certificate), Some(&key), None, Some(&content), options);
    Case::new(message.and_then(|message| message.to_der()).expect("a message"), |message| {
        let trust = Trust::signing(Vec::new(), Policies::demo());
        format!("{:?}", verify_cms(message, None, &trust, &CrlSet::new(), NOW).reason())
    })
}

fn content_in_pieces() -> Case {
    let pieces = [&[0x24, 0x80][..], &[4, 1, 0x5A].repeat(40_000_000), &[0, 0]].concat();
    let data = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
    let content = [&[0x30, 0x80][..], &object_identifier(&data), &[0xA0, 0x80], &pieces, &[0; 4]].concat();
    Case::new(signed_data(&content, &[], &[]), cms)
}

/// A message of these certificates and signed attributes, as they are.
fn message(certificates: &[u8], attributes: &[u8]) -> Vec<u8> {
    let data = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
    signed_data(&sequence(&[&object_identifier(&data)]), certificates, attributes)
}

fn signed_data(content: &[u8], certificates: &[u8], attributes: &[u8]) -> Vec<u8> {
    let sha256 = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
    let kind = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
    let info = sequence(&[
        &[2, 1, 1],
        &sequence(&[&sequence(&[]), &[2, 1, 1]]),
        &algorithm(&sha256),
        &tlv(0xA0, &[attributes]),
        &algorithm(&RSA),
        &tlv(4, &[&[0; 256]]),
    ]);
    let digests = tlv(0x31, &[&algorithm(&sha256)]);
    let signed = sequence(&[&[2, 1, 1], &digests, content, &tlv(0xA0, &[certificates]), &tlv(0x31, &[&info])]);
    sequence(&[&object_identifier(&kind), &tlv(0xA0, &[&signed])])
}

fn entry(serial: u64, extensions: &[u8]) -> Vec<u8> {
    sequence(&[&unsigned_integer(&serial.to_be_bytes()), &tlv(0x17, &[b"260101000000Z"]), extensions])
}

/// As many entries as make a large list.
fn entries(serial: impl Fn(u64) -> u64, extensions: &[u8]) -> Vec<u8> {
    let mut entries = Vec::with_capacity(LIST + 100);
    let mut number = 1;
    while entries.len() < LIST {
        entries.extend(entry(serial(number), extensions));
        number += 1;
    }
    entries
}

fn revocation_list(entries: &[u8]) -> Vec<u8> {
    let name = sequence(&[&set_of(vec![sequence(&[&[6, 3, 0x55, 4, 3], &tlv(0x0C, &[b"A"])])])]);
    let number = sequence(&[&[6, 3, 0x55, 0x1D, 20], &tlv(4, &[&[2, 1, 1]])]);
    let time = tlv(0x17, &[b"260101000000Z"]);
    let extensions = tlv(0xA0, &[&sequence(&[&number])]);
    let covered = sequence(&[&[2, 1, 1], &algorithm(&RSA), &name, &time, &time, &tlv(0x30, &[entries]), &extensions]);
    sequence(&[&covered, &algorithm(&RSA), &bit_string(&[0; 256])])
}

fn answers(count: usize) -> Vec<u8> {
    let sha1 = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
    let id = sequence(&[&algorithm(&sha1), &tlv(4, &[&[0; 20]]), &tlv(4, &[&[0; 20]]), &[2, 1, 1]]);
    let time = tlv(0x18, &[b"20260101000000Z"]);
    let answer = sequence(&[&id, &[0x80, 0], &time]);
    let responder = tlv(0xA2, &[&tlv(4, &[&[0; 20]])]);
    let data = sequence(&[&responder, &time, &tlv(0x30, &[&answer.repeat(count)])]);
    let basic = sequence(&[&data, &algorithm(&RSA), &bit_string(&[0; 256])]);
    let kind = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
    let response = sequence(&[&object_identifier(&kind), &tlv(4, &[&basic])]);
    sequence(&[&[0x0A, 1, 0], &tlv(0xA0, &[&response])])
}

fn ocsp(response: &[u8]) -> String {
    let trust = Trust::signing(Vec::new(), Policies::demo());
    let judged = todoke::jpki::verify_ocsp_response(response, None, &trust, &CrlSet::new(), NOW);
    format!("{:?}; {:?}", verify_ocsp(response, &[], None, &trust, NOW).map(drop), judged.reason)
}
