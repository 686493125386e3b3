//! Whether a certificate at the end of a path is one of those that a profile speaks of.

use super::certificate::Certificate;
use super::extension::Extensions;
use super::oid;
use super::policy::{Policies, Policy, Purpose};
use super::reason::Reason;
use super::rules::{KeyUsageRule, PurposeRule, Rules};
use super::tlv::Malformed;

impl Certificate<'_> {
    /// Checks every rule of a profile, and says which kind of JPKI certificate it is where the
    /// profile speaks of such.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub(super) fn check_profile(&self, rules: &Rules) -> Result<Option<Policy>, Reason> {
        if !rules.algorithms.contains(&self.algorithm) {
            return Err(Reason::CertificateAlgorithm);
        }
        let kind = match &rules.kinds {
            Some((purpose, policies)) => Some(self.check_kind(*purpose, policies)?),
            None => None,
        };
        rules.key_usage.check(&self.extensions)?;
        if !rules.may_be_authority && self.extensions.is_authority().map_err(malformed)? {
            return Err(Reason::CertificateAuthority);
        }
        rules.extended_key_usage.check(&self.extensions)?;
        if kind.is_some() {
            self.extensions.check_criticality()?;
        }
        self.extensions.distribution_points().map_err(malformed)?;
        self.public_key.check(&rules.person_keys)?;
        self.check_standard(rules.path.needs_key_identifiers)?;
        Ok(kind)
    }

    /// One accepted policy, none that speaks against it, and an issuer that it belongs to.
    /// anyPolicy is no policy of a person.
    fn check_kind(&self, purpose: Purpose, policies: &Policies) -> Result<Policy, Reason> {
        let (oids, critical) = self.extensions.policies().map_err(malformed)?.ok_or(Reason::PolicyMissing)?;
        let mut accepted = None;
        for policy in oids.iter().filter_map(|oid| policies.find(oid)) {
            match (purpose, policy.kind.purpose) {
                (Purpose::Signing, Purpose::UserAuthentication) => return Err(Reason::UserAuthenticationCertificate),
                (Purpose::UserAuthentication, Purpose::Signing) => return Err(Reason::SigningCertificate),
                (Purpose::Signing, Purpose::Signing) | (Purpose::UserAuthentication, Purpose::UserAuthentication) => {}
            }
            if !policies.accept(policy.kind.environment) {
                return Err(Reason::PolicyEnvironment);
            }
            accepted = Some(*policy);
        }
        let accepted = accepted.ok_or(Reason::PolicyUnknown)?;
        if !critical {
            return Err(Reason::PolicyNotCritical);
        }
        if accepted.kind.may_come_from(self.issuer.raw) { Ok(accepted) } else { Err(Reason::PolicyIssuer) }
    }
}

impl KeyUsageRule {
    fn check(self, extensions: &Extensions<'_>) -> Result<(), Reason> {
        let usage = extensions.key_usage().map_err(malformed)?;
        match (self, usage) {
            (Self::Critical { .. }, None) => Err(Reason::KeyUsageMissing),
            (Self::Critical { .. }, Some((_, false))) => Err(Reason::KeyUsageNotCritical),
            (Self::Critical { none_of, .. }, Some((bits, true))) if bits & none_of != 0 => {
                Err(Reason::KeyUsageExcessive)
            }
            (Self::Critical { all_of, .. } | Self::AllOf(all_of), Some((bits, _))) if bits & all_of != all_of => {
                Err(Reason::KeyUsageInsufficient)
            }
            (Self::OneOf(bits_wanted), Some((bits, _))) if bits & bits_wanted == 0 => Err(Reason::KeyUsageInsufficient),
            _ => Ok(()),
        }
    }
}

impl PurposeRule {
    fn check(&self, extensions: &Extensions<'_>) -> Result<(), Reason> {
        match self {
            Self::Absent if extensions.find(&oid::EXTENDED_KEY_USAGE).is_some() => {
                return Err(Reason::ExtendedKeyUsage);
            }
            Self::Any | Self::Absent => return Ok(()),
            Self::Required { .. } | Self::OneOf(_) => {}
        }
        let usage = extensions.extended_key_usage().map_err(malformed)?;
        match (self, usage) {
            (Self::Required { .. }, None) => Err(Reason::ExtendedKeyUsageMissing),
            (Self::Required { purpose, alone, .. }, Some((purposes, _)))
                if !purposes.contains(purpose) || (*alone && purposes.len() > 1) =>
            {
                Err(Reason::ExtendedKeyUsagePurpose)
            }
            (Self::Required { critical: Some(wanted), .. }, Some((_, critical))) if *wanted != critical => {
                Err(Reason::ExtendedKeyUsageCriticality)
            }
            // anyExtendedKeyUsage will not do: RFC 5280 §4.2.1.12 leaves it to the application.
            (Self::OneOf(wanted), Some((purposes, _)))
                if !wanted.iter().any(|wanted| purposes.contains(&wanted.as_slice())) =>
            {
                Err(Reason::ExtendedKeyUsagePurpose)
            }
            _ => Ok(()),
        }
    }
}

const fn malformed(_: Malformed) -> Reason {
    Reason::CertificateMalformed
}
