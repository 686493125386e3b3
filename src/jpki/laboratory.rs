//! The profile for general conformance suites: the rules of RFC 5280 with the demands of JPKI on
//! top, of which each is loosened by naming it, and only by that.
//!
//! Nothing is loosened by default. Then a path is a root and a certificate; the certificate has
//! one of JPKI's signing policies, critical keyUsage with digitalSignature and nonRepudiation and
//! no extendedKeyUsage; signatures are `sha256WithRSAEncryption` or `ecdsa-with-SHA384`, keys RSA
//! of 2048 to 8192 bits with the exponent 65537, or P-384. No facts of a holder are asked for.
//!
//! | item | meaning |
//! |---|---|
//! | `policy=any` | no policy is asked for, unless a certificate or `explicit-policy` does |
//! | `policy=OID+OID` | the path must be valid for one of these policies |
//! | `explicit-policy` | RFC 5280 §6.1.1 (f): the path must be valid for a policy |
//! | `inhibit-mapping` | §6.1.1 (e): no policy may stand for another |
//! | `inhibit-any` | §6.1.1 (g): anyPolicy means nothing |
//! | `ku=any` | keyUsage may say anything |
//! | `ku=NAME+NAME` | where keyUsage stands, it has all of these bits |
//! | `eku=any` | extendedKeyUsage may say anything |
//! | `eku=NAME+OID` | where extendedKeyUsage stands, there and in authorities, it names one of these |
//! | `minbits=N` | RSA keys of N to 8192 bits, with any exponent |
//! | `alg=any-rsa-sha2` | besides, RSA with SHA-256, SHA-384 and SHA-512 |
//! | `alg=any-ecdsa-sha2` | besides, ECDSA with them on P-256, P-384 and P-521 |
//! | `alg=any-sha2` | both |
//! | `depth=N` | up to N authorities between root and certificate, self-issued ones not counted |
//! | `key-identifiers=any` | authorityKeyIdentifier and subjectKeyIdentifier may be missing |

use std::str::FromStr;

use der::asn1::ObjectIdentifier;

use super::algorithm::{Family, SignatureAlgorithm};
use super::extension::{
    CRL_SIGN, DATA_ENCIPHERMENT, DECIPHER_ONLY, DIGITAL_SIGNATURE, ENCIPHER_ONLY, KEY_AGREEMENT, KEY_CERT_SIGN,
    KEY_ENCIPHERMENT, NON_REPUDIATION,
};
use super::key::Curve;
use super::oid;
use super::policy::{KNOWN, Policies, Purpose};
use super::rules::{KeyUsageRule, PathRules, PolicyDemand, PurposeRule, Rules};

/// What is loosened; see the table above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laboratory {
    rules: Rules,
}

/// Why a text names nothing that can be loosened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownItem {
    /// Nothing of this name can be loosened.
    #[error(
        "`{0}` is none of policy, explicit-policy, inhibit-mapping, inhibit-any, ku, eku, minbits, alg, depth, \
         key-identifiers"
    )]
    Name(String),
    /// The value is none that this item takes.
    #[error("`{value}` is no value for `{item}`")]
    Value {
        /// The item.
        item: String,
        /// Its value.
        value: String,
    },
}

const KEY_USAGES: [(&str, u16); 10] = [
    ("digitalSignature", DIGITAL_SIGNATURE),
    ("nonRepudiation", NON_REPUDIATION),
    ("contentCommitment", NON_REPUDIATION),
    ("keyEncipherment", KEY_ENCIPHERMENT),
    ("dataEncipherment", DATA_ENCIPHERMENT),
    ("keyAgreement", KEY_AGREEMENT),
    ("keyCertSign", KEY_CERT_SIGN),
    ("cRLSign", CRL_SIGN),
    ("encipherOnly", ENCIPHER_ONLY),
    ("decipherOnly", DECIPHER_ONLY),
];

const PURPOSES: [(&str, ObjectIdentifier); 6] = [
    ("serverAuth", oid::SERVER_AUTH),
    ("clientAuth", oid::CLIENT_AUTH),
    ("codeSigning", oid::CODE_SIGNING),
    ("emailProtection", oid::EMAIL_PROTECTION),
    ("timeStamping", oid::TIMESTAMPING),
    ("OCSPSigning", oid::OCSP_SIGNING),
];

impl Default for Laboratory {
    /// Nothing loosened.
    fn default() -> Self {
        let signing = Rules::signing(Policies::of(&[]));
        let mut keys = signing.authority_keys.clone();
        keys.rsa_bits = 2048..=8192;
        let policies = KNOWN.iter().filter(|policy| policy.kind.purpose == Purpose::Signing);
        let demand = PolicyDemand {
            accepted: Some(policies.map(|policy| policy.oid.as_bytes().to_vec()).collect()),
            explicit: true,
            ..PolicyDemand::default()
        };
        let path =
            PathRules { policies: Some(demand), key_identifier_decides: false, signatures: 400, ..PathRules::direct() };
        let (person_keys, authority_keys) = (keys.clone(), keys);
        let rules = Rules { kinds: None, may_be_authority: true, person_keys, authority_keys, path, ..signing };
        Self { rules: Rules { lists_by_the_book: true, ..rules } }
    }
}

impl Laboratory {
    pub(super) fn rules(&self) -> Rules {
        self.rules.clone()
    }

    fn set(&mut self, item: &str, value: Option<&str>) -> Result<(), UnknownItem> {
        let refused = || UnknownItem::Value { item: item.to_owned(), value: value.unwrap_or_default().to_owned() };
        let rules = &mut self.rules;
        let demand = rules.path.policies.get_or_insert_default();
        match (item, value) {
            ("policy", Some("any")) => (demand.accepted, demand.explicit) = (None, false),
            ("policy", Some(policies)) => {
                let policies: Option<Vec<_>> = policies.split('+').map(identifier).collect();
                (demand.accepted, demand.explicit) = (Some(policies.ok_or_else(refused)?), true);
            }
            ("explicit-policy", None) => demand.explicit = true,
            ("inhibit-mapping", None) => demand.inhibit_mapping = true,
            ("inhibit-any", None) => demand.inhibit_any = true,
            ("ku", Some("any")) => rules.key_usage = KeyUsageRule::AllOf(0),
            ("ku", Some(names)) => {
                let bit = |name: &str| KEY_USAGES.iter().find(|(known, _)| *known == name).map(|(_, bit)| *bit);
                let bits: Option<Vec<u16>> = names.split('+').map(bit).collect();
                rules.key_usage =
                    KeyUsageRule::AllOf(bits.ok_or_else(refused)?.into_iter().fold(0, |all, bit| all | bit));
            }
            ("eku", Some("any")) => rules.extended_key_usage = PurposeRule::Any,
            ("eku", Some(names)) => {
                let purpose = |name: &str| {
                    let known = PURPOSES.iter().find(|(known, _)| *known == name);
                    known.map_or_else(|| identifier(name), |(_, purpose)| Some(purpose.as_bytes().to_vec()))
                };
                let purposes: Option<Vec<_>> = names.split('+').map(purpose).collect();
                let purposes = purposes.ok_or_else(refused)?;
                rules.path.purposes.clone_from(&purposes);
                rules.extended_key_usage = PurposeRule::OneOf(purposes);
            }
            ("minbits", Some(bits)) => {
                let bits: usize = bits.parse().ok().filter(|bits| (1024..=8192).contains(bits)).ok_or_else(refused)?;
                for keys in [&mut rules.person_keys, &mut rules.authority_keys] {
                    (keys.rsa_bits, keys.any_exponent) = (bits..=8192, true);
                }
            }
            ("alg", Some("any-rsa-sha2")) => self.allow(&[Family::Rsa]),
            ("alg", Some("any-ecdsa-sha2")) => self.allow(&[Family::Ecdsa]),
            ("alg", Some("any-sha2")) => self.allow(&[Family::Rsa, Family::Ecdsa]),
            ("depth", Some(depth)) => rules.path.depth = depth.parse().map_err(|_| refused())?,
            ("key-identifiers", Some("any")) => rules.path.needs_key_identifiers = false,
            ("policy" | "ku" | "eku" | "minbits" | "alg" | "depth" | "key-identifiers", _)
            | ("explicit-policy" | "inhibit-mapping" | "inhibit-any", Some(_)) => return Err(refused()),
            _ => return Err(UnknownItem::Name(item.to_owned())),
        }
        Ok(())
    }

    fn allow(&mut self, families: &[Family]) {
        let rules = &mut self.rules;
        let more = SignatureAlgorithm::all().filter(|algorithm| families.contains(&algorithm.family));
        rules.algorithms.extend(more);
        if families.contains(&Family::Ecdsa) {
            for keys in [&mut rules.person_keys, &mut rules.authority_keys] {
                keys.curves = &[Curve::P256, Curve::P384, Curve::P521];
            }
        }
    }
}

/// Items separated by commas; of two of the same name the later counts. Order does not matter
/// otherwise, except that `explicit-policy` stands after `policy`.
impl FromStr for Laboratory {
    type Err = UnknownItem;

    fn from_str(text: &str) -> Result<Self, UnknownItem> {
        let mut laboratory = Self::default();
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let mut items: Vec<(&str, Option<&str>)> = items
            .map(|item| item.split_once('=').map_or((item, None), |(name, value)| (name.trim(), Some(value.trim()))))
            .collect();
        // What only tightens holds whatever else is said.
        items.sort_by_key(|(_, value)| value.is_none());
        for (item, value) in items {
            laboratory.set(item, value)?;
        }
        Ok(laboratory)
    }
}

fn identifier(dotted: &str) -> Option<Vec<u8>> {
    ObjectIdentifier::new(dotted).ok().map(|oid| oid.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Rules {
        text.parse::<Laboratory>().unwrap().rules()
    }

    #[test]
    fn only_what_is_named_is_loosened() {
        let strict = rules("");
        assert_eq!(strict, Laboratory::default().rules());
        assert_eq!(rules("depth=3"), Rules { path: PathRules { depth: 3, ..strict.path.clone() }, ..strict.clone() });
        assert_eq!(rules("ku=any"), Rules { key_usage: KeyUsageRule::AllOf(0), ..strict.clone() });
        assert_eq!(rules("eku=any"), Rules { extended_key_usage: PurposeRule::Any, ..strict.clone() });
        let small = rules("minbits=1024");
        assert_eq!(small.algorithms, strict.algorithms);
        assert_eq!((small.person_keys.rsa_bits, small.person_keys.curves), (1024..=8192, strict.person_keys.curves));
        assert_eq!(rules("alg=any-rsa-sha2").person_keys, strict.person_keys);
    }

    #[test]
    fn policies_are_demanded_unless_any_will_do() {
        let demand = |text: &str| rules(text).path.policies.unwrap();
        assert!(demand("").explicit);
        assert_eq!(demand("policy=any"), PolicyDemand::default());
        let two = demand("policy=2.16.840.1.101.3.2.1.48.1+2.16.840.1.101.3.2.1.48.2");
        assert!(two.explicit && two.accepted.is_some_and(|accepted| accepted.len() == 2));
        assert!(demand("explicit-policy,policy=any").explicit);
        assert!(demand("inhibit-any, inhibit-mapping").inhibit_any);
    }

    #[test]
    fn what_cannot_be_loosened_is_told() {
        let refused = |text: &str| text.parse::<Laboratory>().unwrap_err();
        assert_eq!(refused("signature=any"), UnknownItem::Name("signature".to_owned()));
        for (item, value) in [
            ("policy", "1.2.x"),
            ("ku", "sign"),
            ("eku", ""),
            ("minbits", "512"),
            ("alg", "md5"),
            ("depth", "-1"),
            ("explicit-policy", "no"),
            ("key-identifiers", "none"),
        ] {
            let expected = UnknownItem::Value { item: item.to_owned(), value: value.to_owned() };
            assert_eq!(refused(&format!("{item}={value}")), expected);
        }
        assert_eq!(refused("depth"), UnknownItem::Value { item: "depth".to_owned(), value: String::new() });
    }
}
