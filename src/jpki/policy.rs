//! Which certificates count: the kinds that exist, told by policy identifier, as data.

use der::asn1::ObjectIdentifier;
use serde::{Deserialize, Serialize};

use super::{name, oid};

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Signing documents (署名用電子証明書): carries name, birth date and address.
    Signing,
    /// Signing in (利用者証明用電子証明書): carries no personal facts.
    UserAuthentication,
}

/// Where the key lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// The chip of the My Number card.
    Card,
    /// The secure element of a smartphone.
    Smartphone,
}

/// For whom the certificate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// Certificates of real people.
    Production,
    /// J-LIS's test cards.
    Test,
    /// Certificates made by this program for trying it out.
    Demo,
}

/// The kind of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Kind {
    /// What it is for.
    pub purpose: Purpose,
    /// Where its key lives.
    pub medium: Medium,
    /// For whom it counts.
    pub environment: Environment,
}

/// The organization in the names of authorities of each environment.
const ORGANIZATIONS: [(Environment, &str); 3] =
    [(Environment::Production, "JPKI"), (Environment::Test, "JPKI-TEST"), (Environment::Demo, "TODOKE-DEMO")];
/// The organizational unit in the names of authorities of each purpose.
const UNITS: [(Purpose, &str); 2] =
    [(Purpose::Signing, "JPKI for digital signature"), (Purpose::UserAuthentication, "JPKI for user authentication")];

impl Environment {
    /// Whose name this is, as far as its organization tells.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        let named = |(_, organization): &&(Self, &str)| name::has(name, &oid::ORGANIZATION, organization);
        ORGANIZATIONS.iter().find(named).map(|(environment, _)| *environment)
    }
}

impl Kind {
    /// Whether an authority of this name issues certificates of this kind. The units of the
    /// authorities for smartphones are not published, so only the unit of the other purpose rules
    /// an authority out.
    pub(super) fn may_come_from(self, issuer: &[u8]) -> bool {
        let of_other_purpose = |(purpose, unit): &(Purpose, &str)| {
            *purpose != self.purpose && name::has(issuer, &oid::ORGANIZATIONAL_UNIT, unit)
        };
        Environment::of(issuer) == Some(self.environment) && !UNITS.iter().any(of_other_purpose)
    }
}

/// A policy identifier and the kind of certificate that it marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The identifier as it stands in certificatePolicies.
    pub oid: ObjectIdentifier,
    /// What it means.
    pub kind: Kind,
}

impl Policy {
    const fn new(dotted: &str, purpose: Purpose, medium: Medium, environment: Environment) -> Self {
        Self { oid: ObjectIdentifier::new_unwrap(dotted), kind: Kind { purpose, medium, environment } }
    }
}

/// The policy of signing certificates that this program makes for itself. The arc is the one that
/// RFC 5612 reserves for documentation, so that no real authority can ever use it.
pub const DEMO_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.8.5.1.0.20");
/// The policy of user-authentication certificates that this program makes for itself.
pub const DEMO_USER_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.8.5.1.0.30");

/// Every kind known today. The arc 1.2.392.200149.8.5.1 belongs to J-LIS.
pub const KNOWN: &[Policy] = &[
    Policy::new("1.2.392.200149.8.5.1.1.20", Purpose::Signing, Medium::Card, Environment::Production),
    Policy::new("1.2.392.200149.8.5.1.1.40", Purpose::Signing, Medium::Smartphone, Environment::Production),
    Policy::new("1.2.392.200149.8.5.1.3.30", Purpose::UserAuthentication, Medium::Card, Environment::Production),
    Policy::new("1.2.392.200149.8.5.1.0.20", Purpose::Signing, Medium::Card, Environment::Test),
    Policy::new("1.2.392.200149.8.5.1.0.30", Purpose::UserAuthentication, Medium::Card, Environment::Test),
    Policy {
        oid: DEMO_SIGNING,
        kind: Kind { purpose: Purpose::Signing, medium: Medium::Card, environment: Environment::Demo },
    },
    Policy {
        oid: DEMO_USER_AUTHENTICATION,
        kind: Kind { purpose: Purpose::UserAuthentication, medium: Medium::Card, environment: Environment::Demo },
    },
];

/// Which of the known kinds a verifier accepts as the signature of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    known: Vec<Policy>,
    environments: Vec<Environment>,
}

impl Policies {
    /// Real certificates only.
    #[must_use]
    pub fn production() -> Self {
        Self::of(&[Environment::Production])
    }

    /// J-LIS's test cards only.
    #[must_use]
    pub fn test() -> Self {
        Self::of(&[Environment::Test])
    }

    /// This program's own synthetic certificates only.
    #[must_use]
    pub fn demo() -> Self {
        Self::of(&[Environment::Demo])
    }

    /// Signing certificates of the given environments.
    #[must_use]
    pub fn of(environments: &[Environment]) -> Self {
        Self { known: KNOWN.to_vec(), environments: environments.to_vec() }
    }

    /// Knows one more policy, such as one that an authority introduced after this release.
    #[must_use]
    pub fn and(mut self, policy: Policy) -> Self {
        self.known.push(policy);
        self
    }

    /// What a policy identifier means, by its content octets.
    pub(super) fn find(&self, oid: &[u8]) -> Option<&Policy> {
        self.known.iter().find(|policy| policy.oid.as_bytes() == oid)
    }

    /// Whether certificates of this environment count.
    #[must_use]
    pub fn accept(&self, environment: Environment) -> bool {
        self.environments.contains(&environment)
    }
}
