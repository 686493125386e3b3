//! Certificate policies along a path (RFC 5280 §6.1) as the graph of RFC 9618, which grows with
//! the number of policies and never with the number of ways through their mappings.

use std::collections::{BTreeMap, BTreeSet};

use super::super::certificate::Certificate;
use super::super::oid;
use super::super::reason::Reason;
use super::super::rules::PolicyDemand;

impl PolicyDemand {
    /// Leaves out what a root does not vouch for.
    pub(super) fn accept_only(&mut self, policies: &[&[u8]]) {
        if policies.contains(&ANY) {
            return;
        }
        match &mut self.accepted {
            Some(accepted) => accepted.retain(|policy| policies.contains(&policy.as_slice())),
            None => self.accepted = Some(policies.iter().map(|policy| policy.to_vec()).collect()),
        }
    }
}

/// One policy at one certificate.
#[derive(Debug, Clone, Default)]
struct Node<'a> {
    /// What it may be called in the next certificate.
    expected: Vec<&'a [u8]>,
    /// The policies of the certificate before that it comes from.
    parents: Vec<&'a [u8]>,
}

type Level<'a> = BTreeMap<&'a [u8], Node<'a>>;

/// The policy part of the state of a validation.
#[derive(Debug, Clone)]
pub(super) struct Policies<'a> {
    /// One level for each certificate, the first for the root; empty once no policy is left.
    levels: Vec<Level<'a>>,
    /// How many certificates may still come before a policy is needed, and so on.
    explicit: u32,
    mapping: u32,
    any: u32,
}

const ANY: &[u8] = oid::ANY_POLICY.as_bytes();

impl<'a> Policies<'a> {
    /// The state before the first of `length` certificates.
    pub(super) fn new(demand: &PolicyDemand, length: u32) -> Self {
        let unless = |inhibited: bool| if inhibited { 0 } else { length.saturating_add(1) };
        let root = Node { expected: vec![ANY], parents: Vec::new() };
        Self {
            levels: vec![Level::from([(ANY, root)])],
            explicit: unless(demand.explicit),
            mapping: unless(demand.inhibit_mapping),
            any: unless(demand.inhibit_any),
        }
    }

    /// What the root's own certificate says (RFC 5937 §3): as if it stood first on the path.
    pub(super) fn begin_below(&mut self, root: &Certificate<'a>) -> Result<(), Reason> {
        self.limit(root)
    }

    /// §6.1.3 (d) to (f): takes up the policies of the next certificate.
    pub(super) fn process(&mut self, certificate: &Certificate<'a>, is_last: bool) -> Result<(), Reason> {
        let policies = certificate.extensions.policies().map_err(|_| Reason::CertificateMalformed)?;
        match (policies, self.levels.last()) {
            (Some((policies, _)), Some(above)) if !above.is_empty() => {
                let any_counts = self.any > 0 || (!is_last && certificate.is_self_issued());
                let level = next_level(above, &policies, any_counts);
                self.levels.push(level);
            }
            _ => self.levels.clear(),
        }
        if self.explicit > 0 || self.has_policy() { Ok(()) } else { Err(Reason::PolicyRequired) }
    }

    /// §6.1.4 (a), (b), (h), (i), (j): prepares for the certificate after this one.
    pub(super) fn prepare_next(&mut self, certificate: &Certificate<'a>) -> Result<(), Reason> {
        let mappings = certificate.extensions.policy_mappings().map_err(|_| Reason::CertificateMalformed)?;
        if !mappings.is_empty() {
            self.map(&mappings);
        }
        if !certificate.is_self_issued() {
            self.explicit = self.explicit.saturating_sub(1);
            self.mapping = self.mapping.saturating_sub(1);
            self.any = self.any.saturating_sub(1);
        }
        self.limit(certificate)
    }

    /// §6.1.5 (a), (b), (g): whether the path is valid for a policy that is asked for.
    pub(super) fn conclude(mut self, last: &Certificate<'a>, demand: &PolicyDemand) -> Result<(), Reason> {
        self.explicit = self.explicit.saturating_sub(1);
        let (explicit, _) = last.extensions.policy_constraints().map_err(|_| Reason::CertificateMalformed)?;
        if explicit == Some(0) {
            self.explicit = 0;
        }
        if self.explicit > 0 || self.is_acceptable(demand) { Ok(()) } else { Err(Reason::PolicyRequired) }
    }

    fn limit(&mut self, certificate: &Certificate<'_>) -> Result<(), Reason> {
        let malformed = |_| Reason::CertificateMalformed;
        let (explicit, mapping) = certificate.extensions.policy_constraints().map_err(malformed)?;
        let any = certificate.extensions.inhibit_any_policy().map_err(malformed)?;
        self.explicit = self.explicit.min(explicit.unwrap_or(u32::MAX));
        self.mapping = self.mapping.min(mapping.unwrap_or(u32::MAX));
        self.any = self.any.min(any.unwrap_or(u32::MAX));
        Ok(())
    }

    fn has_policy(&self) -> bool {
        self.levels.last().is_some_and(|level| !level.is_empty())
    }

    /// RFC 9618 §5.2: mapping renames what is expected next, or takes the policy away.
    fn map(&mut self, mappings: &[(&'a [u8], &'a [u8])]) {
        let Some(level) = self.levels.last_mut() else { return };
        let mut by_issuer: BTreeMap<&'a [u8], Vec<&'a [u8]>> = BTreeMap::new();
        for &(of_issuer, of_subject) in mappings {
            by_issuer.entry(of_issuer).or_default().push(of_subject);
        }
        let has_any = level.contains_key(ANY);
        for (policy, expected) in by_issuer {
            if self.mapping == 0 {
                level.remove(policy);
            } else if let Some(node) = level.get_mut(policy) {
                node.expected = expected;
            } else if has_any {
                // The anyPolicy of this level comes from that of the level before.
                level.insert(policy, Node { expected, parents: vec![ANY] });
            }
        }
    }

    /// RFC 9618 §5.3: the policies that authorities vouch for, by the names that the first of them
    /// gave, and whether one of them is asked for.
    fn is_acceptable(&self, demand: &PolicyDemand) -> bool {
        let Some(last) = self.levels.last().filter(|level| !level.is_empty()) else { return false };
        let Some(accepted) = &demand.accepted else { return true };
        if last.contains_key(ANY) {
            return !accepted.is_empty();
        }
        let mut reached: BTreeSet<&[u8]> = last.keys().copied().collect();
        for level in self.levels.iter().rev() {
            let mut parents = BTreeSet::new();
            for policy in &reached {
                let Some(node) = level.get(policy) else { continue };
                // A child of anyPolicy is where the policy of a user comes in.
                if node.parents.contains(&ANY) && accepted.iter().any(|wanted| wanted == policy) {
                    return true;
                }
                parents.extend(node.parents.iter().copied());
            }
            reached = parents;
        }
        false
    }
}

/// RFC 9618 §5.1.
fn next_level<'a>(above: &Level<'a>, policies: &[&'a [u8]], any_counts: bool) -> Level<'a> {
    let mut expecting: BTreeMap<&'a [u8], Vec<&'a [u8]>> = BTreeMap::new();
    for (policy, node) in above {
        for expected in &node.expected {
            expecting.entry(expected).or_default().push(policy);
        }
    }
    let mut level = Level::new();
    let mut add = |policy: &'a [u8], parents: Vec<&'a [u8]>| {
        level.entry(policy).or_insert_with(|| Node { expected: vec![policy], parents });
    };
    for policy in policies.iter().copied().filter(|policy| *policy != ANY) {
        match expecting.get(policy) {
            Some(parents) => add(policy, parents.clone()),
            None if above.contains_key(ANY) => add(policy, vec![ANY]),
            None => {}
        }
    }
    if any_counts && policies.contains(&ANY) {
        for (policy, parents) in expecting {
            add(policy, parents);
        }
    }
    level
}
