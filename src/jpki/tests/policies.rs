//! Policies along a path: RFC 5280 §6.1 with the graph of RFC 9618, in the scenarios that
//! verifiers are usually measured by.

use super::builder::*;
use crate::jpki::Reason;

const P1: &str = "2.16.840.1.101.3.2.1.48.1";
const P2: &str = "2.16.840.1.101.3.2.1.48.2";
const P3: &str = "2.16.840.1.101.3.2.1.48.3";
const P4: &str = "2.16.840.1.101.3.2.1.48.4";
const ANY: &str = "2.5.29.32.0";
const REFUSED: Option<Reason> = Some(Reason::PolicyRequired);

/// What of a path of authorities below a root and an end, each made from its draft.
struct Line {
    root: Entity,
    authorities: Vec<Entity>,
}

impl Line {
    fn new() -> Self {
        Self::below(root("Root"))
    }

    fn below(root: Draft) -> Self {
        Self { root: root.issue(), authorities: Vec::new() }
    }

    fn last(&self) -> &Entity {
        self.authorities.last().unwrap_or(&self.root)
    }

    fn then(mut self, change: impl FnOnce(Draft) -> Draft) -> Self {
        let name = format!("Authority {}", self.authorities.len());
        let next = change(self.last().authority(&name)).issue();
        self.authorities.push(next);
        self
    }

    /// A self-issued certificate of the last authority.
    fn again(mut self, change: impl FnOnce(Draft) -> Draft) -> Self {
        let last = self.last().clone();
        let next = change(last.authority("").but(|draft| draft.subject.clone_from(&last.name))).issue();
        self.authorities.push(next);
        self
    }

    fn end(&self, policies: &[&str], demand: &str) -> Option<Reason> {
        let end = self.last().person("End");
        let end = if policies.is_empty() { end } else { end.policies(policies) };
        self.check(&end.issue(), demand)
    }

    fn check(&self, end: &Entity, demand: &str) -> Option<Reason> {
        let offered: Vec<&Entity> = self.authorities.iter().collect();
        outcome(&[&self.root], &offered, end, &format!("{LOOSE},{demand}"))
    }
}

fn policy(policy: &str) -> String {
    format!("policy={policy}")
}

#[test]
fn all_certificates_with_one_policy_are_valid_for_it() {
    let line = Line::new().then(|draft| draft.policies(&[P1])).then(|draft| draft.policies(&[P1]));
    assert_eq!(line.end(&[P1], "explicit-policy"), None);
    assert_eq!(line.end(&[P1], &policy(P1)), None);
    assert_eq!(line.end(&[P1], &policy(P2)), REFUSED);
    assert_eq!(line.end(&[P1], &policy(&format!("{P1}+{P2}"))), None);
}

#[test]
fn without_policies_a_path_is_valid_for_none() {
    let line = Line::new().then(|draft| draft);
    assert_eq!(line.end(&[], "policy=any"), None);
    assert_eq!(line.end(&[], "explicit-policy"), REFUSED);
    let broken = Line::new().then(|draft| draft.policies(&[P1])).then(|draft| draft);
    assert_eq!(broken.end(&[P1], "policy=any"), None);
    assert_eq!(broken.end(&[P1], "explicit-policy"), REFUSED);
}

#[test]
fn different_policies_have_nothing_in_common() {
    let line = Line::new().then(|draft| draft.policies(&[P1, P3])).then(|draft| draft.policies(&[P2, P3]));
    assert_eq!(line.end(&[P1], "explicit-policy"), REFUSED);
    assert_eq!(line.end(&[P3], "explicit-policy"), None);
    assert_eq!(line.end(&[P3], &policy(P1)), REFUSED);
    assert_eq!(line.end(&[P1], "policy=any"), None, "nobody asks for a policy");
}

#[test]
fn any_policy_stands_for_every_policy() {
    let line = Line::new().then(|draft| draft.policies(&[ANY]));
    assert_eq!(line.end(&[P1], &policy(P1)), None);
    assert_eq!(line.end(&[P1], &policy(P2)), REFUSED);
    assert_eq!(line.end(&[ANY], &policy(P2)), None);
    let named = Line::new().then(|draft| draft.policies(&[P1]));
    assert_eq!(named.end(&[ANY], &policy(P1)), None);
    assert_eq!(named.end(&[ANY], &policy(P2)), REFUSED);
}

#[test]
fn an_authority_may_ask_for_a_policy_of_those_below_it() {
    // From how many certificates on, and whether the path has a policy in the end.
    for (skip, has_policy, expected) in [
        (10, false, None),
        (5, false, None),
        (4, true, None),
        (2, false, REFUSED),
        (0, false, REFUSED),
        (0, true, None),
    ] {
        let end: &[&str] = if has_policy { &[P1] } else { &[] };
        let line = Line::new()
            .then(|draft| draft.policies(&[P1]).policy_constraints(Some(skip), None))
            .then(|draft| draft.policies(&[P1]))
            .then(|draft| draft.policies(&[P1]));
        assert_eq!(line.end(end, "policy=any"), expected, "{skip} {has_policy}");
    }
}

#[test]
fn self_issued_certificates_do_not_use_up_what_is_skipped() {
    let with = |skip| {
        Line::new()
            .then(|draft| draft.policies(&[P1]).policy_constraints(Some(skip), None))
            .again(|draft| draft.policies(&[P1]))
    };
    assert_eq!(with(2).end(&[], "policy=any"), None);
    assert_eq!(with(1).end(&[], "policy=any"), REFUSED, "the end itself is counted");
    assert_eq!(with(2).then(|draft| draft).end(&[], "policy=any"), REFUSED);
    assert_eq!(with(3).then(|draft| draft).end(&[], "policy=any"), None);
}

#[test]
fn the_end_may_ask_for_a_policy_itself() {
    let line = Line::new().then(|draft| draft);
    let end = line.last().person("End").policy_constraints(Some(0), None).issue();
    assert_eq!(line.check(&end, "policy=any"), REFUSED);
    let end = line.last().person("End").policy_constraints(Some(1), None).issue();
    assert_eq!(line.check(&end, "policy=any"), None);
}

#[test]
fn a_root_may_ask_for_a_policy_and_vouch_for_some_only() {
    let asking = Line::below(root("Root").policy_constraints(Some(0), None)).then(|draft| draft.policies(&[P1]));
    assert_eq!(asking.end(&[], "policy=any"), REFUSED);
    assert_eq!(asking.end(&[P1], "policy=any"), None);
    let vouching = Line::below(root("Root").policies(&[P1, P2])).then(|draft| draft.policies(&[P1, P3]));
    assert_eq!(vouching.end(&[P1], "explicit-policy"), None);
    assert_eq!(vouching.end(&[P3], "explicit-policy"), REFUSED);
    assert_eq!(vouching.end(&[P3], &policy(P3)), REFUSED);
    assert_eq!(vouching.end(&[P3], "policy=any"), None);
}

#[test]
fn a_mapped_policy_goes_by_the_name_of_the_first_authority() {
    let line = Line::new().then(|draft| draft.policies(&[P1]).mappings(&[(P1, P2)]));
    assert_eq!(line.end(&[P2], &policy(P1)), None);
    assert_eq!(line.end(&[P2], &policy(P2)), REFUSED);
    assert_eq!(line.end(&[P1], "explicit-policy"), REFUSED, "P1 is called P2 from here on");
    assert_eq!(line.end(&[P2], "explicit-policy"), None);
    assert_eq!(line.end(&[P2], "explicit-policy,inhibit-mapping"), REFUSED);
}

#[test]
fn mappings_follow_one_another_and_branch() {
    let line = Line::new()
        .then(|draft| draft.policies(&[P1]).mappings(&[(P1, P2), (P1, P3)]))
        .then(|draft| draft.policies(&[P2, P3]).mappings(&[(P2, P4)]));
    assert_eq!(line.end(&[P4], &policy(P1)), None);
    assert_eq!(line.end(&[P3], &policy(P1)), None);
    assert_eq!(line.end(&[P2], &policy(P1)), REFUSED);
    // Two policies that become one stand for both.
    let joined = Line::new().then(|draft| draft.policies(&[P1, P2]).mappings(&[(P1, P3), (P2, P3)]));
    assert_eq!(joined.end(&[P3], &policy(P1)), None);
    assert_eq!(joined.end(&[P3], &policy(P2)), None);
    assert_eq!(joined.end(&[P3], &policy(P3)), REFUSED);
}

#[test]
fn any_policy_may_be_what_is_mapped_from() {
    let line = Line::new().then(|draft| draft.policies(&[ANY]).mappings(&[(P1, P2)]));
    assert_eq!(line.end(&[P2], &policy(P1)), None);
    assert_eq!(line.end(&[P3], &policy(P3)), None);
    let without = Line::new().then(|draft| draft.policies(&[P3]).mappings(&[(P1, P2)]));
    assert_eq!(without.end(&[P2], "explicit-policy"), REFUSED);
}

#[test]
fn any_policy_is_never_mapped() {
    for mapping in [(ANY, P1), (P1, ANY)] {
        let line = Line::new().then(|draft| draft.policies(&[P1]).mappings(&[mapping]));
        assert_eq!(line.end(&[P1], "policy=any"), Some(Reason::PolicyMappingAny));
    }
}

#[test]
fn an_authority_may_forbid_mapping_below_it() {
    let with = |skip| {
        Line::new()
            .then(|draft| draft.policies(&[P1, P2]).policy_constraints(Some(0), Some(skip)))
            .then(|draft| draft.policies(&[P1]).mappings(&[(P1, P3)]))
    };
    assert_eq!(with(0).end(&[P3], "policy=any"), REFUSED);
    assert_eq!(with(1).end(&[P3], "policy=any"), None);
    let deeper = with(1).then(|draft| draft.policies(&[P3]).mappings(&[(P3, P4)]));
    assert_eq!(deeper.end(&[P4], "policy=any"), REFUSED);
    assert_eq!(deeper.end(&[P3], "policy=any"), REFUSED, "a policy that must not be mapped is taken away");
    let at_root = Line::below(root("Root").policy_constraints(None, Some(0)))
        .then(|draft| draft.policies(&[P1]).mappings(&[(P1, P2)]));
    assert_eq!(at_root.end(&[P2], "explicit-policy"), REFUSED);
}

#[test]
fn an_authority_may_take_the_meaning_from_any_policy() {
    let with = |skip| Line::new().then(|draft| draft.policies(&[ANY]).inhibit_any(skip));
    assert_eq!(with(0).end(&[ANY], "explicit-policy"), REFUSED);
    assert_eq!(with(0).end(&[P1], "explicit-policy"), None);
    assert_eq!(with(1).end(&[ANY], "explicit-policy"), None);
    assert_eq!(with(1).then(|draft| draft.policies(&[ANY])).end(&[ANY], "explicit-policy"), REFUSED);
    assert_eq!(with(1).then(|draft| draft.policies(&[ANY])).end(&[P1], "explicit-policy"), None);
    // A smaller number below narrows; a larger does not widen.
    let narrowed = with(5).then(|draft| draft.policies(&[ANY]).inhibit_any(0));
    assert_eq!(narrowed.end(&[ANY], "explicit-policy"), REFUSED);
    let not_widened = with(0).then(|draft| draft.policies(&[P1]).inhibit_any(5));
    assert_eq!(not_widened.end(&[ANY], "explicit-policy"), REFUSED);
    assert_eq!(Line::new().then(|draft| draft.policies(&[ANY])).end(&[P1], "explicit-policy,inhibit-any"), REFUSED);
}

#[test]
fn any_policy_keeps_its_meaning_in_self_issued_certificates() {
    let line = Line::new().then(|draft| draft.policies(&[P1]).inhibit_any(0)).again(|draft| draft.policies(&[ANY]));
    assert_eq!(line.end(&[P1], "explicit-policy"), None);
    let not_at_the_end = line.last().clone();
    let end = not_at_the_end.person("End").but(|draft| draft.subject.clone_from(&not_at_the_end.name));
    assert_eq!(line.check(&end.policies(&[ANY]).issue(), "explicit-policy"), REFUSED);
}

#[test]
fn policies_that_multiply_do_not_take_the_machine() {
    // Each authority maps every policy to every policy: ways double at each step, nodes do not.
    let names: Vec<String> = (1..40).map(|number| format!("1.3.6.1.4.1.32473.7.{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let every = names.iter().flat_map(|one| names.iter().map(move |other| (*one, *other))).collect::<Vec<_>>();
    let mut line = Line::new();
    for _ in 0..7 {
        line = line.then(|draft| draft.policies(&names).mappings(&every));
    }
    assert_eq!(line.end(&[names[3]], &policy(names[38])), None);
    assert_eq!(line.end(&[P1], "explicit-policy"), REFUSED);
}
