//! A public key infrastructure of any shape, made in an instant: P-256 keys, one call per
//! certificate, and every extension as the test wants it.

use std::rc::Rc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use der::asn1::ObjectIdentifier;
use time::Duration;

use super::*;
use crate::jpki::encode::{bit_string, instant, object_identifier, sequence, set_of, tlv, unsigned_integer};
use crate::jpki::{Laboratory, Reason, verify_certificate};

pub(super) const KEY_USAGE: &str = "2.5.29.15";
pub(super) const ALTERNATIVE_NAMES: &str = "2.5.29.17";
pub(super) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(super) const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub(super) const POLICIES: &str = "2.5.29.32";
pub(super) const MAPPINGS: &str = "2.5.29.33";
pub(super) const AUTHORITY_KEY: &str = "2.5.29.35";
pub(super) const POLICY_CONSTRAINTS: &str = "2.5.29.36";
pub(super) const PURPOSES: &str = "2.5.29.37";
pub(super) const INHIBIT_ANY: &str = "2.5.29.54";
pub(super) const SUBJECT_KEY: &str = "2.5.29.14";

/// Everything loosened that a path may be about.
pub(super) const LOOSE: &str = "policy=any,ku=any,eku=any,alg=any-sha2,depth=8";

/// A key that several certificates may share.
#[derive(Clone)]
pub(super) struct Key(Rc<EcdsaKeyPair>);

impl Key {
    pub(super) fn new() -> Self {
        Self(Rc::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap()))
    }

    fn identifier(&self) -> Vec<u8> {
        sha256(self.0.public_key().as_ref())[..20].to_vec()
    }
}

/// Somebody with a certificate.
#[derive(Clone)]
pub(super) struct Entity {
    pub(super) name: Vec<u8>,
    pub(super) key: Key,
    pub(super) der: Vec<u8>,
}

/// A certificate in the making; see [`Entity::authority`] and [`Entity::person`].
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) issuer: Vec<u8>,
    signer: Key,
    pub(super) subject: Vec<u8>,
    pub(super) key: Key,
    pub(super) serial: Vec<u8>,
    pub(super) validity: (OffsetDateTime, OffsetDateTime),
    /// The DER of the validity, where a test wants another.
    pub(super) validity_der: Option<Vec<u8>>,
    pub(super) unique_identifiers: Vec<u8>,
    extensions: Vec<(String, bool, Vec<u8>)>,
}

/// A name of one attribute.
pub(super) fn common_name(text: &str) -> Vec<u8> {
    name_of(&[("2.5.4.3", 0x0C, text)])
}

pub(super) fn name_of(attributes: &[(&str, u8, &str)]) -> Vec<u8> {
    let relative =
        |(oid, tag, text): &(&str, u8, &str)| set_of(vec![sequence(&[&oid_der(oid), &tlv(*tag, &[text.as_bytes()])])]);
    tlv(0x30, &[&attributes.iter().map(relative).collect::<Vec<_>>().concat()])
}

pub(super) fn oid_der(dotted: &str) -> Vec<u8> {
    object_identifier(&ObjectIdentifier::new_unwrap(dotted))
}

/// A root of its own.
pub(super) fn root(name: &str) -> Draft {
    let key = Key::new();
    let mut draft = Draft::new(common_name(name), &key, common_name(name), &key);
    draft.authority_extensions();
    draft.without(AUTHORITY_KEY)
}

impl Entity {
    /// An authority below this one.
    pub(super) fn authority(&self, name: &str) -> Draft {
        self.authority_with(name, &Key::new())
    }

    pub(super) fn authority_with(&self, name: &str, key: &Key) -> Draft {
        let mut draft = Draft::new(self.name.clone(), &self.key, common_name(name), key);
        draft.authority_extensions();
        draft
    }

    /// A person certified by this authority.
    pub(super) fn person(&self, name: &str) -> Draft {
        Draft::new(self.name.clone(), &self.key, common_name(name), &Key::new()).with(KEY_USAGE, true, &[3, 2, 6, 0xC0])
    }
}

impl Draft {
    fn new(issuer: Vec<u8>, signer: &Key, subject: Vec<u8>, key: &Key) -> Self {
        let draft = Self {
            issuer,
            signer: signer.clone(),
            subject,
            key: key.clone(),
            serial: vec![0x4A, 1],
            validity: (NOW - Duration::days(10), NOW + Duration::days(1000)),
            validity_der: None,
            unique_identifiers: Vec::new(),
            extensions: Vec::new(),
        };
        let authority_key = sequence(&[&tlv(0x80, &[&signer.identifier()])]);
        draft.with(AUTHORITY_KEY, false, &authority_key).with(SUBJECT_KEY, false, &tlv(4, &[&key.identifier()]))
    }

    fn authority_extensions(&mut self) {
        *self = self.clone().with(BASIC_CONSTRAINTS, true, &sequence(&[&[1, 1, 0xFF]])).with(
            KEY_USAGE,
            true,
            &[3, 2, 1, 6],
        );
    }

    /// Sets an extension.
    pub(super) fn with(self, oid: &str, critical: bool, value: &[u8]) -> Self {
        let mut draft = self.without(oid);
        draft.extensions.push((oid.to_owned(), critical, value.to_vec()));
        draft
    }

    pub(super) fn without(mut self, oid: &str) -> Self {
        self.extensions.retain(|(kept, ..)| kept != oid);
        self
    }

    /// Lets `change` put something into the draft that has no method of its own.
    pub(super) fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn path_length(self, length: u8) -> Self {
        self.with(BASIC_CONSTRAINTS, true, &sequence(&[&[1, 1, 0xFF], &[2, 1, length]]))
    }

    pub(super) fn policies(self, policies: &[&str]) -> Self {
        let information = |policy: &&str| sequence(&[&oid_der(policy)]);
        self.with(POLICIES, false, &tlv(0x30, &[&policies.iter().map(information).collect::<Vec<_>>().concat()]))
    }

    pub(super) fn mappings(self, mappings: &[(&str, &str)]) -> Self {
        let pair = |(one, other): &(&str, &str)| sequence(&[&oid_der(one), &oid_der(other)]);
        self.with(MAPPINGS, true, &tlv(0x30, &[&mappings.iter().map(pair).collect::<Vec<_>>().concat()]))
    }

    pub(super) fn policy_constraints(self, explicit: Option<u8>, inhibit: Option<u8>) -> Self {
        let field = |tag, value: Option<u8>| value.map_or_else(Vec::new, |value| tlv(tag, &[&[value]]));
        self.with(POLICY_CONSTRAINTS, true, &sequence(&[&field(0x80, explicit), &field(0x81, inhibit)]))
    }

    pub(super) fn inhibit_any(self, skip: u8) -> Self {
        self.with(INHIBIT_ANY, true, &[2, 1, skip])
    }

    /// Alternative names, each with its tag.
    pub(super) fn names(self, names: &[(u8, &[u8])]) -> Self {
        let names: Vec<_> = names.iter().map(|(tag, value)| tlv(*tag, &[value])).collect();
        self.with(ALTERNATIVE_NAMES, false, &tlv(0x30, &[&names.concat()]))
    }

    /// Name constraints, each a base with its tag.
    pub(super) fn constraints(self, permitted: &[(u8, &[u8])], excluded: &[(u8, &[u8])]) -> Self {
        let trees = |tag, bases: &[(u8, &[u8])]| {
            let trees: Vec<_> = bases.iter().map(|(tag, base)| sequence(&[&tlv(*tag, &[base])])).collect();
            if trees.is_empty() { Vec::new() } else { tlv(tag, &[&trees.concat()]) }
        };
        self.with(NAME_CONSTRAINTS, true, &sequence(&[&trees(0xA0, permitted), &trees(0xA1, excluded)]))
    }

    pub(super) fn issue(self) -> Entity {
        let extension = |(oid, critical, value): &(String, bool, Vec<u8>)| {
            let critical: &[u8] = if *critical { &[1, 1, 0xFF] } else { &[] };
            sequence(&[&oid_der(oid), critical, &tlv(4, &[value])])
        };
        let extensions: Vec<_> = self.extensions.iter().map(extension).collect();
        let algorithm = sequence(&[&oid_der("1.2.840.10045.4.3.2")]);
        let key = sequence(&[
            &sequence(&[&oid_der("1.2.840.10045.2.1"), &oid_der("1.2.840.10045.3.1.7")]),
            &bit_string(self.key.0.public_key().as_ref()),
        ]);
        let validity = || sequence(&[&instant(self.validity.0), &instant(self.validity.1)]);
        let to_be_signed = sequence(&[
            &[0xA0, 3, 2, 1, 2],
            &unsigned_integer(&self.serial),
            &algorithm,
            &self.issuer,
            &self.validity_der.clone().unwrap_or_else(validity),
            &self.subject,
            &key,
            &self.unique_identifiers,
            &tlv(0xA3, &[&tlv(0x30, &[&extensions.concat()])]),
        ]);
        let signature = self.signer.0.sign(&SystemRandom::new(), &to_be_signed).unwrap();
        let der = sequence(&[&to_be_signed, &algorithm, &bit_string(signature.as_ref())]);
        Entity { name: self.subject, key: self.key, der }
    }
}

/// What comes of a path to `end` under the laboratory's rules.
#[track_caller]
pub(super) fn outcome(roots: &[&Entity], offered: &[&Entity], end: &Entity, laboratory: &str) -> Option<Reason> {
    outcome_at(roots, offered, end, laboratory, NOW)
}

#[track_caller]
pub(super) fn outcome_at(
    roots: &[&Entity],
    offered: &[&Entity],
    end: &Entity,
    laboratory: &str,
    at: OffsetDateTime,
) -> Option<Reason> {
    let der = |entities: &[&Entity]| entities.iter().map(|entity| entity.der.clone()).collect::<Vec<_>>();
    let laboratory: Laboratory = laboratory.parse().unwrap();
    let trust = Trust::laboratory(&der(roots), der(offered), &laboratory);
    verify_certificate(&end.der, &trust, &CrlSet::new(), at).reason()
}
