//! Messages in CMS, what becomes of them in BER and PEM, and bare signatures.

use aws_lc_rs::digest::{SHA256, SHA384, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256};
use der::asn1::ObjectIdentifier;
use todoke_fuzz::demo::authority::{CardKey, Fault, TestCard, TimestampFault};
use todoke_fuzz::entry::{DOCUMENT, STAMPED};
use todoke_fuzz::jpki::encode::{algorithm, instant, object_identifier, sequence, set_of, tlv};
use todoke_fuzz::jpki::timestamp_request;
use todoke_fuzz::sha256::sha256;

use super::{Corpus, People};

/// Signs as the key does: RSA with SHA-256, or ECDSA with SHA-384.
pub fn sign(key: &CardKey, message: &[u8]) -> Vec<u8> {
    let pkcs8 = key.to_pkcs8().expect("a key");
    if let Ok(pair) = rsa::KeyPair::from_pkcs8(&pkcs8) {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).expect("a signature");
        return signature;
    }
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, &pkcs8).expect("a key");
    pair.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec()
}

fn oid(dotted: &str) -> Vec<u8> {
    object_identifier(&ObjectIdentifier::new_unwrap(dotted))
}

fn attribute(kind: &str, value: Vec<u8>) -> Vec<u8> {
    sequence(&[&oid(kind), &set_of(vec![value])])
}

/// The elements of a constructed one: each whole.
fn members(element: &[u8]) -> Vec<&[u8]> {
    let mut members = Vec::new();
    let mut rest = &element[header(element)..];
    while !rest.is_empty() {
        let (member, behind) = rest.split_at(whole(rest));
        members.push(member);
        rest = behind;
    }
    members
}

fn header(element: &[u8]) -> usize {
    if element[1] < 0x80 { 2 } else { 2 + usize::from(element[1] & 0x7F) }
}

fn whole(element: &[u8]) -> usize {
    let header = header(element);
    let length = if header == 2 {
        usize::from(element[1])
    } else {
        element[2..header].iter().fold(0, |length, octet| length << 8 | usize::from(*octet))
    };
    header + length
}

/// A message in the making.
#[derive(Clone, Copy)]
pub struct Draft<'a> {
    pub card: &'a TestCard,
    pub content: &'a [u8],
    pub attached: bool,
    pub by_key: bool,
    pub with_reference: bool,
    pub stamped: Option<&'a People>,
    pub others: &'a [&'a [u8]],
    pub signers: usize,
}

impl<'a> Draft<'a> {
    pub const fn new(card: &'a TestCard, content: &'a [u8]) -> Self {
        let (attached, by_key, with_reference) = (false, false, true);
        Self { card, content, attached, by_key, with_reference, stamped: None, others: &[], signers: 1 }
    }

    pub fn to_der(self) -> Vec<u8> {
        let certificate = self.card.certificate_der();
        let certified = members(certificate)[0];
        let fields = members(certified);
        let is_rsa = fields[6].len() > 200;
        let (digested, kind, by) = if is_rsa {
            (digest(&SHA256, self.content), "2.16.840.1.101.3.4.2.1", algorithm_of("1.2.840.113549.1.1.11", true))
        } else {
            (digest(&SHA384, self.content), "2.16.840.1.101.3.4.2.2", algorithm_of("1.2.840.10045.4.3.3", false))
        };
        let digest_algorithm = algorithm(&ObjectIdentifier::new_unwrap(kind));
        let mut attributes = vec![
            attribute("1.2.840.113549.1.9.3", oid("1.2.840.113549.1.7.1")),
            attribute("1.2.840.113549.1.9.5", instant(STAMPED)),
            attribute("1.2.840.113549.1.9.4", tlv(0x04, &[digested.as_ref()])),
        ];
        if self.with_reference {
            let reference = sequence(&[&tlv(0x04, &[&sha256(certificate)])]);
            attributes.push(attribute("1.2.840.113549.1.9.16.2.47", sequence(&[&sequence(&[&reference])])));
        }
        let mut attributes = set_of(attributes);
        let signature = sign(self.card.key(), &attributes);
        attributes[0] = 0xA0;
        let signer = if self.by_key {
            // subjectKeyIdentifier stands last; its value is an OCTET STRING in one.
            let extensions = members(members(fields[7])[0]);
            let last = members(extensions.last().expect("an extension"));
            let value = &last[1][header(last[1])..];
            tlv(0x80, &[&value[header(value)..]])
        } else {
            sequence(&[fields[3], fields[1]])
        };
        let unsigned = self.stamped.map_or_else(Vec::new, |people| {
            let request = timestamp_request(&sha256(&signature), None, None);
            let token = people.authority.stamp(&request, TimestampFault::Bare, STAMPED).expect("a timestamp");
            tlv(0xA1, &[&attribute("1.2.840.113549.1.9.16.2.14", token)])
        });
        let version: &[u8] = if self.by_key { &[2, 1, 3] } else { &[2, 1, 1] };
        let info =
            sequence(&[version, &signer, &digest_algorithm, &attributes, &by, &tlv(0x04, &[&signature]), &unsigned]);
        let content = if self.attached { tlv(0xA0, &[&tlv(0x04, &[self.content])]) } else { Vec::new() };
        let certificates = [&[certificate], self.others].concat().concat();
        let signed_data = sequence(&[
            version,
            &tlv(0x31, &[&digest_algorithm]),
            &sequence(&[&oid("1.2.840.113549.1.7.1"), &content]),
            &tlv(0xA0, &[&certificates]),
            &tlv(0x31, &[&info.repeat(self.signers)]),
        ]);
        sequence(&[&oid("1.2.840.113549.1.7.2"), &tlv(0xA0, &[&signed_data])])
    }
}

fn algorithm_of(dotted: &str, with_null: bool) -> Vec<u8> {
    if with_null { algorithm(&ObjectIdentifier::new_unwrap(dotted)) } else { sequence(&[&oid(dotted)]) }
}

/// The same with indefinite lengths down to `depth`, and octet strings in two pieces.
fn streamed(der: &[u8], depth: usize) -> Vec<u8> {
    let contents = &der[header(der)..];
    let is_constructed = der[0] & 0x20 != 0;
    // What is signed or a certificate stays as it is.
    if depth == 0 || (!is_constructed && der[0] != 0x04) {
        return der.to_vec();
    }
    let (tag, inner) = if is_constructed {
        (der[0], members(der).into_iter().map(|member| streamed(member, depth - 1)).collect::<Vec<_>>().concat())
    } else {
        let (one, other) = contents.split_at(contents.len() / 2);
        (0x24, [tlv(0x04, &[one]), tlv(0x04, &[other])].concat())
    };
    [&[tag, 0x80], inner.as_slice(), &[0, 0]].concat()
}

fn pem(der: &[u8]) -> Vec<u8> {
    let base64 = data_encoding::BASE64.encode(der);
    let lines: Vec<&str> = base64.as_bytes().chunks(64).filter_map(|line| str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CMS-----\n{}\n-----END CMS-----\n", lines.join("\n")).into_bytes()
}

pub fn plant(corpus: &mut Corpus, people: &People) {
    let (card, next) = (&people.card, &people.next_card);
    let detached = Draft::new(card, DOCUMENT);
    let attached = Draft { attached: true, ..detached };
    let mut forged = detached.to_der();
    *forged.last_mut().expect("a signature") ^= 1;
    let stamped = Draft { stamped: Some(people), ..detached }.to_der();
    let faulty = |fault| Draft::new(&people.faulty(fault), DOCUMENT).to_der();
    let in_pieces = streamed(&attached.to_der(), 5);
    let seeds = [
        ("detached", detached.to_der()),
        ("attached", attached.to_der()),
        ("attached-ber", in_pieces.clone()),
        ("detached-by-key", Draft { by_key: true, ..detached }.to_der()),
        ("detached-p384", Draft::new(next, DOCUMENT).to_der()),
        ("attached-p384-ber", streamed(&Draft { attached: true, ..Draft::new(next, DOCUMENT) }.to_der(), 4)),
        ("with-timestamp", stamped.clone()),
        ("with-other-certificates", Draft { others: &[people.authority.anchor_der()], ..detached }.to_der()),
        ("without-reference", Draft { with_reference: false, ..detached }.to_der()),
        ("forged", forged),
        ("two-signers", Draft { signers: 2, ..Draft::new(next, DOCUMENT) }.to_der()),
        ("expired", faulty(Fault::Expired)),
        ("longer-document", Draft { attached: true, ..Draft::new(card, b"a document with an end") }.to_der()),
        ("other-issuer", faulty(Fault::OtherIssuer)),
        ("user-authentication", faulty(Fault::UserAuthentication)),
    ];
    corpus.plant("cms", &seeds.map(|(name, bytes)| (name.to_owned(), bytes)));

    let small = sequence(&[&[2, 1, 1], &tlv(0x04, &[b"octets"]), &tlv(0x0C, &[b"text"]), &sequence(&[])]);
    let nested = (0..30).fold(vec![5, 0], |inner, _| [&[0x30, 0x80], inner.as_slice(), &[0, 0]].concat());
    let bits = [&[0x23, 0x80][..], &[3, 2, 0, 0xAA], &[3, 2, 4, 0xB0], &[0, 0]].concat();
    let seeds = [
        ("small-der", small.clone()),
        ("small-ber", streamed(&small, 3)),
        ("nested", nested),
        ("bits-in-pieces", bits),
        ("time-in-pieces", [&[0x37, 0x80][..], &[4, 6], b"260601", &[4, 7], b"030000Z", &[0, 0]].concat()),
        ("octets-in-deep-pieces", vec![0x24, 0x80, 0x24, 0x80, 4, 1, 1, 0, 0, 4, 1, 2, 0, 0]),
        ("message", detached.to_der()),
        ("message-ber", in_pieces),
        ("pem", pem(&[0x30, 3, 2, 1, 5])),
        ("pem-twice", [pem(&small), pem(people.card.certificate_der())].concat()),
        ("long-length", vec![0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x04]),
        ("unfinished", vec![0x30, 0x80, 0x24, 0x80, 4, 1, 1]),
    ];
    corpus.plant("ber", &seeds.map(|(name, bytes)| (name.to_owned(), bytes)));

    let behind_length = |signature: &[u8], content: &[u8]| {
        let length = u16::try_from(signature.len()).expect("a short signature");
        [&length.to_be_bytes()[..], signature, content].concat()
    };
    let info = |certificate: &[u8]| members(members(certificate)[0])[6].to_vec();
    let rsa = sign(&people.key, DOCUMENT);
    let ecdsa = sign(&people.next_key, DOCUMENT);
    let seeds = [
        ("rsa", behind_length(&rsa, DOCUMENT)),
        ("p384", behind_length(&ecdsa, DOCUMENT)),
        ("other-document", behind_length(&rsa, b"another document")),
        ("short", behind_length(&rsa[..255], DOCUMENT)),
        ("p384-zero", behind_length(&[0x30, 6, 2, 1, 0, 2, 1, 0], DOCUMENT)),
        ("rsa-zero", behind_length(&[0; 256], DOCUMENT)),
        ("rsa-largest", behind_length(&[0xFF; 256], DOCUMENT)),
        ("key-rsa", info(people.card.certificate_der())),
        ("key-p384", info(people.next_card.certificate_der())),
        ("key-p256", info(people.faulty(Fault::EllipticKey).certificate_der())),
        ("key-short", info(people.faulty(Fault::ShortKey).certificate_der())),
        ("key-exponent", info(people.faulty(Fault::SmallExponent).certificate_der())),
    ];
    corpus.plant("raw", &seeds.map(|(name, bytes)| (name.to_owned(), bytes)));
}
