//! Certificates, and graphs of them, under the laboratory's rules: the widest that there are.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use const_oid::ObjectIdentifier;
use time::OffsetDateTime;
use time::macros::datetime;
use todoke::jpki::encode::{
    algorithm, bit_string, instant, object_identifier, sequence, set_of, tlv, unsigned_integer,
};
use todoke::jpki::{Certificate, CrlSet, Laboratory, Trust, verify_certificate};

use super::{Case, Entry};

const NOW: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);
const LOOSE: &str = "policy=any,ku=any,eku=any,alg=any-sha2,minbits=1024,depth=64,key-identifiers=any";
const EXPLICIT: &str = "policy=1.2.3,ku=any,eku=any,alg=any-sha2,minbits=1024,depth=64,key-identifiers=any";
const ECDSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

const ALTERNATIVE_NAMES: u8 = 17;
const NAME_CONSTRAINTS: u8 = 30;
const POLICIES: u8 = 32;
const MAPPINGS: u8 = 33;

pub(super) const CASES: &[Entry] = &[
    ("certificate-of-names", || alone(&[(ALTERNATIVE_NAMES, hosts(6_000, 0x82))])),
    ("certificate-of-subject", || alone_named(&[long_name(60_000, "a"), long_name(4_000, "b")])),
    ("certificate-of-extensions", || alone(&vec![(99, vec![0; 2]); 6_000])),
    ("path-1000-issuers-of-rsa-8192", || {
        let name = name("Issuer");
        let end = rsa(&name, &self::name("End"), 0xFF, &[1, 0, 1]);
        let issuers = (0..1_000_u32).map(|number| {
            let mut issuer = rsa(&self::name("Root"), &name, 0xF0, &[1, 0, 1]);
            // Another serial number makes it another certificate.
            let at = issuer.windows(4).position(|octets| octets == [0x4A, 1, 2, 3]).unwrap_or_default();
            issuer.splice(at..at + 4, (0x4A00_0000 + number).to_be_bytes());
            issuer
        });
        path(end, issuers.collect(), LOOSE)
    }),
    ("path-exponent-of-8192-bits", || {
        let name = name("Issuer");
        let end = rsa(&name, &self::name("End"), 0xFF, &[1, 0, 1]);
        let exponent = [&[0x7F][..], &[0xFF; 1022]].concat();
        path(end, vec![rsa(&self::name("Root"), &name, 0xF0, &exponent)], LOOSE)
    }),
    ("path-10000-issuers", || {
        let (key, name) = (key(), name("Issuer"));
        let issuer = |number: u32| certificate(&name, &name, &key, &key, number, &[], true);
        path(
            certificate(&name, &self::name("End"), &key, &key, 1, &[], false),
            (0..10_000).map(issuer).collect(),
            LOOSE,
        )
    }),
    ("path-graph-without-root", || graph(false, &[], LOOSE)),
    ("path-graph-of-invalid-paths", || graph(true, &[], EXPLICIT)),
    ("path-graph-of-names", || graph(true, &[(NAME_CONSTRAINTS, constraints(2_000))], EXPLICIT)),
    ("path-graph-of-policies", || graph(true, &[(POLICIES, policies(2_000)), (MAPPINGS, mappings(2_000))], EXPLICIT)),
    ("path-long-names-and-one-key", || {
        let key = key();
        let issuer = long_name(900, "i");
        let issuers = (0..1_000).map(|number| certificate(&issuer, &issuer, &key, &key, number, &[], true));
        let end = certificate(&issuer, &long_name(900, "e"), &key, &key, 1, &[], false);
        path(end, issuers.collect(), LOOSE)
    }),
    ("path-long-names-all-different", || {
        let key = key();
        let named = |number: u32| long_name(900, &number.to_string());
        let issuers =
            (0..1_000).map(|number| certificate(&named(number + 1), &named(number), &key, &key, 1, &[], true));
        path(certificate(&named(0), &name("End"), &key, &key, 1, &[], false), issuers.collect(), LOOSE)
    }),
    ("names-by-constraints", || below(&constraints(5_000), &hosts(5_000, 0x82))),
    ("long-mailboxes-by-constraints", || {
        let long = |number: usize| tlv(0x81, &[format!("{}@h{number}.example", "a".repeat(30_000)).as_bytes()]);
        below(&mailboxes(5_000), &tlv(0x30, &[&[long(1), long(2)].concat()]))
    }),
];

fn key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key")
}

fn name(text: &str) -> Vec<u8> {
    sequence(&[&set_of(vec![sequence(&[&[6, 3, 0x55, 4, 3], &tlv(0x0C, &[text.as_bytes()])])])])
}

/// A name of letters that are dear to compare.
fn long_name(octets: usize, end: &str) -> Vec<u8> {
    name(&("\u{FDFA}".repeat(octets / 3) + end))
}

fn extension(number: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xFF] } else { &[] };
    sequence(&[&[6, 3, 0x55, 0x1D, number], critical, &tlv(4, &[value])])
}

fn certificate(
    issuer: &[u8],
    subject: &[u8],
    signer: &EcdsaKeyPair,
    key: &EcdsaKeyPair,
    serial: u32,
    extensions: &[(u8, Vec<u8>)],
    is_authority: bool,
) -> Vec<u8> {
    let curve = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
    let kind =
        sequence(&[&object_identifier(&ObjectIdentifier::new_unwrap("1.2.840.10045.2.1")), &object_identifier(&curve)]);
    let key = sequence(&[&kind, &bit_string(key.public_key().as_ref())]);
    let algorithm = sequence(&[&object_identifier(&ECDSA)]);
    let mut list: Vec<_> = extensions
        .iter()
        .map(|(number, value)| extension(*number, matches!(*number, NAME_CONSTRAINTS | MAPPINGS), value))
        .collect();
    if is_authority {
        list.push(extension(19, true, &sequence(&[&[1, 1, 0xFF]])));
        list.push(extension(15, true, &[3, 2, 1, 6]));
    }
    let serial = 0x4A00_0000 + serial;
    let covered = covered(issuer, subject, &key, &algorithm, serial, &list.concat());
    let signature = signer.sign(&SystemRandom::new(), &covered).expect("a signature");
    sequence(&[&covered, &algorithm, &bit_string(signature.as_ref())])
}

fn covered(issuer: &[u8], subject: &[u8], key: &[u8], algorithm: &[u8], serial: u32, extensions: &[u8]) -> Vec<u8> {
    let day = time::Duration::DAY;
    let extensions = if extensions.is_empty() { Vec::new() } else { tlv(0xA3, &[&tlv(0x30, &[extensions])]) };
    sequence(&[
        &[0xA0, 3, 2, 1, 2],
        &unsigned_integer(&serial.to_be_bytes()),
        algorithm,
        issuer,
        &sequence(&[&instant(NOW - day), &instant(NOW + day)]),
        subject,
        key,
        &extensions,
    ])
}

/// A certificate with a key of 8192 bits that nobody has, and a signature that nobody made.
fn rsa(issuer: &[u8], subject: &[u8], first: u8, exponent: &[u8]) -> Vec<u8> {
    let modulus = [&[first][..], &[0xFF; 1023]].concat();
    let numbers = sequence(&[&unsigned_integer(&modulus), &unsigned_integer(exponent)]);
    let key = sequence(&[&algorithm(&ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1")), &bit_string(&numbers)]);
    let authority = [extension(19, true, &sequence(&[&[1, 1, 0xFF]])), extension(15, true, &[3, 2, 1, 6])].concat();
    let covered = covered(issuer, subject, &key, &algorithm(&RSA), 0x4A01_0203, &authority);
    sequence(&[&covered, &algorithm(&RSA), &bit_string(&[0x5A; 1024])])
}

fn alone(extensions: &[(u8, Vec<u8>)]) -> Case {
    let key = key();
    path(certificate(&name("A"), &name("B"), &key, &key, 1, extensions, false), Vec::new(), LOOSE)
}

fn alone_named(names: &[Vec<u8>; 2]) -> Case {
    let [long, shorter] = names;
    let key = key();
    let end = certificate(long, shorter, &key, &key, 1, &[], false);
    path(end, vec![certificate(shorter, long, &key, &key, 1, &[], true)], LOOSE)
}

/// Looks for a path below a root that has nothing to do with it.
fn path(end: Vec<u8>, offered: Vec<Vec<u8>>, rules: &'static str) -> Case {
    let key = key();
    let root = certificate(&name("Root"), &name("Root"), &key, &key, 1, &[], true);
    judged(root, end, offered, rules)
}

fn judged(root: Vec<u8>, end: Vec<u8>, offered: Vec<Vec<u8>>, rules: &'static str) -> Case {
    let octets = root.len() + end.len() + offered.iter().map(Vec::len).sum::<usize>();
    let run = move || {
        let laboratory: Laboratory = rules.parse().expect("rules");
        let trust = Trust::laboratory(&[root], offered, &laboratory);
        let read = Certificate::parse(&end).map(drop);
        format!("{:?}; {read:?}", verify_certificate(&end, &trust, &CrlSet::new(), NOW).reason())
    };
    Case { octets, run: Box::new(run) }
}

/// Twenty tiers of authorities, four certificates in each, all of which lead to all of the next; below
/// a root or not.
fn graph(has_root: bool, extensions: &[(u8, Vec<u8>)], rules: &'static str) -> Case {
    let root_key = key();
    let root = certificate(&name("Root"), &name("Root"), &root_key, &root_key, 1, &[], true);
    let (mut above, mut above_name) = (root_key, name(if has_root { "Root" } else { "Nobody" }));
    let mut offered = Vec::new();
    for tier in 0..20 {
        let (key, name) = (key(), name(&format!("Tier {tier}")));
        for number in 0..4 {
            offered.push(certificate(&above_name, &name, &above, &key, number, extensions, true));
        }
        (above, above_name) = (key, name);
    }
    let own = extensions.iter().filter(|(number, _)| *number == POLICIES).cloned().collect::<Vec<_>>();
    let end = certificate(&above_name, &name("End"), &above, &above, 9, &own, false);
    judged(root, end, offered, rules)
}

/// An end with these names below twenty authorities with these constraints.
fn below(constraints: &[u8], names: &[u8]) -> Case {
    let root_key = key();
    let root = certificate(&name("Root"), &name("Root"), &root_key, &root_key, 1, &[], true);
    let (mut above, mut above_name) = (root_key, name("Root"));
    let mut offered = Vec::new();
    for tier in 0..20 {
        let (key, name) = (key(), name(&format!("Tier {tier}")));
        let own = [(NAME_CONSTRAINTS, constraints.to_vec())];
        offered.push(certificate(&above_name, &name, &above, &key, 1, &own, true));
        (above, above_name) = (key, name);
    }
    let end = certificate(&above_name, &name("End"), &above, &above, 9, &[(ALTERNATIVE_NAMES, names.to_vec())], false);
    judged(root, end, offered, LOOSE)
}

fn hosts(count: usize, tag: u8) -> Vec<u8> {
    let names: Vec<_> = (0..count).map(|number| tlv(tag, &[format!("h{number}.e").as_bytes()])).collect();
    tlv(0x30, &[&names.concat()])
}

fn constraints(count: usize) -> Vec<u8> {
    excluded(count, |number| tlv(0x82, &[format!("x{number}.e").as_bytes()]))
}

fn mailboxes(count: usize) -> Vec<u8> {
    excluded(count, |number| tlv(0x81, &[format!("x{number}.e").as_bytes()]))
}

fn excluded(count: usize, base: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let trees: Vec<_> = (0..count).map(|number| sequence(&[&base(number)])).collect();
    sequence(&[&tlv(0xA1, &[&trees.concat()])])
}

fn policy(number: usize) -> Vec<u8> {
    let high = u8::try_from(number / 128 % 128).unwrap_or_default() | 0x80;
    tlv(6, &[&[0x2A, 3, high, u8::try_from(number % 128).unwrap_or_default()]])
}

fn policies(count: usize) -> Vec<u8> {
    let list: Vec<_> = (128..128 + count).map(|number| sequence(&[&policy(number)])).collect();
    tlv(0x30, &[&list.concat()])
}

fn mappings(count: usize) -> Vec<u8> {
    let list: Vec<_> =
        (0..count).map(|number| sequence(&[&policy(128 + number % 40), &policy(128 + number / 40)])).collect();
    tlv(0x30, &[&list.concat()])
}
