//! RFC 5280 §6.1 for a path whose signatures, validity and authorities were checked while it was
//! built: what is left is what certificates say about the ones below them.

use super::super::certificate::Certificate;
use super::super::chain::Anchor;
use super::super::oid;
use super::super::reason::Reason;
use super::super::rules::{PathRules, PolicyDemand};
use super::Path;
use super::names::{self, NameConstraints};
use super::policies::Policies;

/// Checks path lengths, names and policies along `path` and `end`.
pub(super) fn validate<'a>(
    path: &Path<'a>,
    end: &Certificate<'a>,
    rules: &PathRules,
    comparisons: &mut usize,
) -> Result<(), Reason> {
    if path.intermediates.is_empty() && rules.policies.is_none() && !path.anchor.is_constrained() {
        return Ok(());
    }
    let length = u32::try_from(path.intermediates.len() + 1).unwrap_or(u32::MAX);
    let mut state = State::begin(path.anchor, rules, length)?;
    for certificate in &path.intermediates {
        state.process(certificate, false, comparisons)?;
        state.prepare_next(certificate)?;
    }
    state.process(end, true, comparisons)?;
    state.conclude(end)
}

/// The state variables of §6.1.2.
struct State<'a> {
    demand: Option<PolicyDemand>,
    policies: Option<Policies<'a>>,
    constraints: Vec<NameConstraints<'a>>,
    path_length: u32,
}

impl<'a> State<'a> {
    /// The initial state, narrowed by what the root's own certificate says (RFC 5937 §3).
    fn begin(anchor: &'a Anchor, rules: &PathRules, length: u32) -> Result<Self, Reason> {
        let mut state = Self {
            policies: rules.policies.as_ref().map(|demand| Policies::new(demand, length)),
            demand: rules.policies.clone(),
            constraints: Vec::new(),
            path_length: rules.depth,
        };
        if !anchor.is_constrained() {
            return Ok(state);
        }
        let root = Certificate::parse_root(anchor.der())?;
        if let Some(demand) = &mut state.demand
            && let Some((policies, _)) = root.extensions.policies().map_err(|_| Reason::CertificateMalformed)?
        {
            demand.accept_only(&policies);
        }
        if let Some(policies) = &mut state.policies {
            policies.begin_below(&root)?;
        }
        state.limit(&root)?;
        Ok(state)
    }

    /// §6.1.3 (b) to (f).
    fn process(&mut self, certificate: &Certificate<'a>, is_last: bool, comparisons: &mut usize) -> Result<(), Reason> {
        if is_last || !certificate.is_self_issued() {
            names::check(certificate, &self.constraints, comparisons)?;
        }
        self.policies.as_mut().map_or(Ok(()), |policies| policies.process(certificate, is_last))
    }

    /// §6.1.4; (k), (n) and (o) were checked when the certificate was taken into the path.
    fn prepare_next(&mut self, certificate: &Certificate<'a>) -> Result<(), Reason> {
        if let Some(policies) = &mut self.policies {
            policies.prepare_next(certificate)?;
        }
        if !certificate.is_self_issued() {
            self.path_length = self.path_length.checked_sub(1).ok_or(Reason::PathTooLong)?;
        }
        self.limit(certificate)
    }

    /// §6.1.4 (g) and (m).
    fn limit(&mut self, certificate: &Certificate<'a>) -> Result<(), Reason> {
        let constraints = certificate.extensions.basic_constraints().map_err(|_| Reason::CertificateMalformed)?;
        if let Some(length) = constraints.and_then(|constraints| constraints.path_length) {
            self.path_length = self.path_length.min(length);
        }
        if let Some(extension) = certificate.extensions.find(&oid::NAME_CONSTRAINTS) {
            self.constraints.push(NameConstraints::parse(extension.value)?);
        }
        Ok(())
    }

    /// §6.1.5.
    fn conclude(self, end: &Certificate<'a>) -> Result<(), Reason> {
        match (self.policies, self.demand) {
            (Some(policies), Some(demand)) => policies.conclude(end, &demand),
            _ => Ok(()),
        }
    }
}
