//! A small world of authorities that certify each other in every direction, a crowd that leads
//! nowhere, and lists of all kinds: what paths are looked for in.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use der::asn1::ObjectIdentifier;
use todoke_fuzz::jpki::encode::{bit_string, instant, object_identifier, sequence, set_of, tlv, unsigned_integer};
use todoke_fuzz::sha256::sha256;

use super::{Corpus, in_days};

/// Somebody with a name and a key.
struct Entity {
    name: String,
    key: EcdsaKeyPair,
}

impl Entity {
    fn new(name: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        Self { name: name.to_owned(), key }
    }

    fn identifier(&self) -> Vec<u8> {
        sha256(self.key.public_key().as_ref())[..20].to_vec()
    }

    fn distinguished(&self) -> Vec<u8> {
        distinguished(&self.name)
    }

    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        let signature = self.key.sign(&SystemRandom::new(), to_be_signed).expect("a signature");
        sequence(&[to_be_signed, &algorithm(), &bit_string(signature.as_ref())])
    }

    /// A certificate for somebody.
    fn certify(&self, subject: &Self, extensions: &[Vec<u8>]) -> Vec<u8> {
        let authority_key = sequence(&[&tlv(0x80, &[&self.identifier()])]);
        let mut all = vec![
            extension("2.5.29.35", false, &authority_key),
            extension("2.5.29.14", false, &tlv(0x04, &[&subject.identifier()])),
        ];
        all.extend_from_slice(extensions);
        let key = sequence(&[
            &sequence(&[&oid("1.2.840.10045.2.1"), &oid("1.2.840.10045.3.1.7")]),
            &bit_string(subject.key.public_key().as_ref()),
        ]);
        let serial = sha256(&[self.identifier(), subject.identifier()].concat());
        self.sign(&sequence(&[
            &[0xA0, 3, 2, 1, 2],
            &unsigned_integer(&serial[..8]),
            &algorithm(),
            &self.distinguished(),
            &sequence(&[&instant(in_days(-10)), &instant(in_days(1000))]),
            &subject.distinguished(),
            &key,
            &tlv(0xA3, &[&tlv(0x30, &[&all.concat()])]),
        ]))
    }

    fn authority(&self, subject: &Self, more: &[Vec<u8>]) -> Vec<u8> {
        let basic = [extension("2.5.29.19", true, &sequence(&[&[1, 1, 0xFF]]))];
        let usage = [extension("2.5.29.15", true, &[3, 2, 1, 6])];
        self.certify(subject, &[&basic, &usage, more].concat())
    }

    fn person(&self, subject: &Self, more: &[Vec<u8>]) -> Vec<u8> {
        let usage = [extension("2.5.29.15", true, &[3, 2, 6, 0xC0])];
        self.certify(subject, &[&usage, more].concat())
    }

    /// A list with these extensions and entries.
    fn list(&self, extensions: &[Vec<u8>], entries: &[Vec<u8>]) -> Vec<u8> {
        let authority_key = extension("2.5.29.35", false, &sequence(&[&tlv(0x80, &[&self.identifier()])]));
        let entries = if entries.is_empty() { Vec::new() } else { tlv(0x30, &[&entries.concat()]) };
        self.sign(&sequence(&[
            &[2, 1, 1],
            &algorithm(),
            &self.distinguished(),
            &instant(in_days(-1)),
            &instant(in_days(6)),
            &entries,
            &tlv(0xA0, &[&tlv(0x30, &[&authority_key, &extensions.concat()])]),
        ]))
    }
}

fn distinguished(name: &str) -> Vec<u8> {
    sequence(&[&set_of(vec![sequence(&[&oid("2.5.4.3"), &tlv(0x0C, &[name.as_bytes()])])])])
}

fn oid(dotted: &str) -> Vec<u8> {
    object_identifier(&ObjectIdentifier::new_unwrap(dotted))
}

fn algorithm() -> Vec<u8> {
    sequence(&[&oid("1.2.840.10045.4.3.2")])
}

fn extension(kind: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xFF] } else { &[] };
    sequence(&[&oid(kind), critical, &tlv(4, &[value])])
}

fn policies(policies: &[&str]) -> Vec<u8> {
    let members: Vec<_> = policies.iter().map(|policy| sequence(&[&oid(policy)])).collect();
    extension("2.5.29.32", false, &tlv(0x30, &[&members.concat()]))
}

/// The full name of a distribution point.
fn point_name(name: &str) -> Vec<u8> {
    tlv(0xA0, &[&tlv(0xA0, &[&tlv(0xA4, &[&distinguished(name)])])])
}

fn number(number: u8) -> Vec<u8> {
    extension("2.5.29.20", false, &[2, 1, number])
}

fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = if extensions.is_empty() { Vec::new() } else { tlv(0x30, &[&extensions.concat()]) };
    sequence(&[&unsigned_integer(serial), &instant(in_days(-2)), &extensions])
}

pub fn plant(corpus: &mut Corpus) {
    let [root, a, b, c, d, other_a, narrow, lister] = ["Root", "A", "B", "C", "D", "A", "N", "Lists"].map(Entity::new);
    let [one, two, three, four, five, six] = ["One", "Two", "Three", "Four", "Five", "One"].map(Entity::new);
    let constraint = extension(
        "2.5.29.30",
        true,
        &sequence(&[
            &tlv(0xA0, &[&sequence(&[&tlv(0xA4, &[&distinguished("Four")])])]),
            &tlv(0xA1, &[&sequence(&[&tlv(0x82, &[b".example"])])]),
        ]),
    );
    let names = extension("2.5.29.17", false, &sequence(&[&tlv(0x82, &[b"four.test"])]));
    let mapping = sequence(&[&oid("1.3.6.1.4.1.32473.1"), &oid("1.3.6.1.4.1.32473.2")]);
    let mappings = extension("2.5.29.33", true, &sequence(&[&mapping]));
    let demand = extension("2.5.29.36", true, &sequence(&[&[0x80, 1, 0], &[0x81, 1, 3]]));
    let indirect_point =
        sequence(&[&sequence(&[&point_name("Everybody"), &tlv(0xA2, &[&tlv(0xA4, &[&lister.distinguished()])])])]);
    let indirect_point = extension("2.5.29.31", false, &indirect_point);
    let freshest = extension("2.5.29.46", false, &sequence(&[&sequence(&[&point_name("Changes")])]));
    let issuing = |name: &str, flags: &[u8]| extension("2.5.29.28", true, &sequence(&[&point_name(name), flags]));
    let reason = |code| extension("2.5.29.21", false, &[0x0A, 1, code]);
    let of = |entity: &Entity| extension("2.5.29.29", true, &sequence(&[&tlv(0xA4, &[&entity.distinguished()])]));
    let mut pool = vec![
        root.authority(&root, &[]),
        // 0x00: people
        a.person(&one, &[]),
        b.person(&two, std::slice::from_ref(&indirect_point)),
        c.person(&three, &[policies(&["1.3.6.1.4.1.32473.2"])]),
        narrow.person(&four, &[names]),
        d.person(&five, &[]),
        other_a.person(&six, &[]),
        // 0x06: authorities below the root
        root.authority(&a, &[policies(&["1.3.6.1.4.1.32473.1"])]),
        root.authority(&b, &[]),
        root.authority(&narrow, &[constraint]),
        root.authority(&lister, &[]),
        // 0x0A: across
        a.authority(&b, &[]),
        b.authority(&a, std::slice::from_ref(&indirect_point)),
        a.authority(&c, &[policies(&["1.3.6.1.4.1.32473.1"]), mappings]),
        b.authority(&c, &[demand]),
        c.authority(&a, &[]),
        c.authority(&d, &[]),
        d.authority(&c, &[]),
        d.authority(&b, &[]),
        // 0x12: a new key of the same name, both ways
        a.authority(&other_a, &[]),
        other_a.authority(&a, &[]),
        // 0x14: lists
        root.list(&[number(1)], &[]),
        a.list(&[number(1), freshest], &[entry(&[7], &[reason(1)])]),
        b.list(&[number(1), issuing("Everybody", &[0x82, 1, 0xFF])], &[]),
        c.list(&[number(1)], &[entry(&[7], &[reason(6)])]),
        lister.list(
            &[number(1), issuing("Everybody", &[0x84, 1, 0xFF])],
            &[entry(&[7], &[of(&b)]), entry(&[8], &[reason(5)])],
        ),
        a.list(&[number(2), extension("2.5.29.27", true, &[2, 1, 1])], &[entry(&[7], &[reason(8)])]),
    ];
    for der in &pool {
        corpus.note(der);
    }
    // 0x1A: everybody in the crowd certifies everybody, and nobody outside knows any of them.
    let crowd: Vec<Entity> = (0..4).map(|_| Entity::new("Crowd")).collect();
    let lost = Entity::new("Lost");
    pool.push(crowd[0].person(&lost, &[]));
    for one in &crowd {
        for other in &crowd {
            if one.name == other.name && !std::ptr::eq(one, other) {
                pool.push(one.authority(other, &[]));
            }
        }
    }
    pool.push(crowd[0].list(&[number(1)], &[]));
    corpus.share("pool.der", &pool.concat());
    let everything: Vec<u8> = (6..0x28).collect();
    let with_all = |end: u8| [&[end], everything.as_slice()].concat();
    let seeds = [
        ("short", vec![0, 6]),
        ("across", vec![2, 0x0C, 6]),
        ("narrow", vec![3, 8]),
        ("rollover", vec![5, 0x12, 6]),
        ("deep", vec![4, 0x0F, 0x0D, 0x0A, 6]),
        ("with-lists", vec![0, 6, 0x14, 0x15, 0x19]),
        ("with-indirect-list", vec![1, 7, 9, 0x14, 0x18]),
        ("lost", with_all(0x1A)),
        ("everything", with_all(4)),
        ("everything-twice", [with_all(1), everything].concat()),
        ("in-full", [pool[3].as_slice(), &pool[13], &pool[7], &pool[21]].concat()),
        ("in-full-crowd", pool[27..33].concat()),
    ];
    corpus.plant("path", &seeds.map(|(name, bytes)| (name.to_owned(), bytes)));
}
