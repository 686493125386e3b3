//! Random paths, judged by OpenSSL as well: path lengths, self-issued certificates, policies,
//! mappings and name constraints.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::NOW;
use super::builder::*;

const POLICIES_KNOWN: [&str; 4] =
    ["1.3.6.1.4.1.32473.6.1", "1.3.6.1.4.1.32473.6.2", "1.3.6.1.4.1.32473.6.3", "2.5.29.32.0"];
const HOSTS: [&str; 4] = ["example.com", "www.example.com", "example.org", "mail.example.com"];
const DNS: u8 = 0x82;

/// xorshift, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end).unwrap()
    }

    fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    fn number(&mut self, end: u64) -> u8 {
        u8::try_from(self.below(end)).unwrap()
    }

    fn policies(&mut self) -> Vec<&'static str> {
        let chosen: Vec<_> = POLICIES_KNOWN.into_iter().filter(|_| self.one_in(2)).collect();
        if chosen.is_empty() { vec![POLICIES_KNOWN[0]] } else { chosen }
    }

    fn authority(&mut self, mut draft: Draft) -> Draft {
        if self.one_in(4) {
            draft = draft.path_length(self.number(3));
        }
        if !self.one_in(6) {
            let policies = self.policies();
            draft = draft.policies(&policies);
            if self.one_in(3) {
                draft = draft.mappings(&[(POLICIES_KNOWN[self.below(3)], POLICIES_KNOWN[self.below(3)])]);
            }
        }
        if self.one_in(4) {
            let explicit = self.one_in(2).then(|| self.number(3));
            draft = draft.policy_constraints(explicit, Some(self.number(3)));
        }
        if self.one_in(4) {
            draft = draft.inhibit_any(self.number(3));
        }
        if self.one_in(5) {
            let base = (DNS, HOSTS[self.below(4)].as_bytes());
            draft = if self.one_in(2) { draft.constraints(&[base], &[]) } else { draft.constraints(&[], &[base]) };
        }
        draft
    }
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn pem(entity: &Entity) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", {
        let text = data_encoding::BASE64.encode(&entity.der);
        text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\n")
    })
}

#[test]
fn openssl_judges_random_paths_alike() {
    let folder = Folder(std::env::temp_dir().join(format!("todoke-{}-differential", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut valid = 0;
    for round in 0..120 {
        let root = root("Root").issue();
        let mut line = vec![root.clone()];
        for position in 0..dice.below(4) {
            let above = line.last().unwrap().clone();
            let mut draft = above.authority(&format!("Authority {position}"));
            if dice.one_in(4) {
                draft = draft.but(|draft| draft.subject.clone_from(&above.name));
            }
            line.push(dice.authority(draft).issue());
        }
        let mut end = line.last().unwrap().person("End");
        if !dice.one_in(6) {
            let policies = dice.policies();
            end = end.policies(&policies);
        }
        if dice.one_in(2) {
            end = end.names(&[(DNS, HOSTS[dice.below(4)].as_bytes())]);
        }
        let end = end.issue();
        let offered: Vec<&Entity> = line.iter().skip(1).collect();
        let (ours, theirs) = match dice.below(3) {
            0 => ("policy=any".to_owned(), "-policy_check -policy 2.5.29.32.0".to_owned()),
            // OpenSSL takes no policy at all for "none" where all it has is anyPolicy.
            1 => ("explicit-policy".to_owned(), "-policy_check -explicit_policy -policy 2.5.29.32.0".to_owned()),
            _ => {
                let policy = POLICIES_KNOWN[dice.below(3)];
                (format!("policy={policy}"), format!("-policy_check -explicit_policy -policy {policy}"))
            }
        };
        let reason = outcome(&[&root], &offered, &end, &format!("{LOOSE},{ours}"));
        let between = offered.iter().fold(String::new(), |mut all, entity| {
            write!(all, "{}", pem(entity)).unwrap();
            all
        });
        for (name, text) in [("root.pem", pem(&root)), ("between.pem", between), ("end.pem", pem(&end))] {
            std::fs::write(folder.0.join(name), text).unwrap();
        }
        let untrusted = if offered.is_empty() { "" } else { "-untrusted between.pem" };
        let command = format!(
            "verify -x509_strict -attime {} {theirs} -CAfile root.pem {untrusted} end.pem",
            NOW.unix_timestamp()
        );
        let output = Command::new("openssl").args(command.split_whitespace()).current_dir(&folder.0).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(reason.is_none(), output.status.success(), "round {round} ({ours}): {reason:?}, OpenSSL: {text}");
        valid += usize::from(reason.is_none());
    }
    assert!((20..100).contains(&valid), "{valid} of them valid: the dice prove nothing");
}
