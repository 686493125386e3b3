//! The corpus of the fuzz targets, through every entry point: whatever a file holds and wherever it is cut off,
//! what must hold does, and nothing panics. `deploy/VERIFYING.md` says how the fuzzer itself is run.

use std::fs;
use std::path::{Path, PathBuf};

use todoke::{evidence, jpki, sha256};

#[path = "../fuzz/src/entry.rs"]
#[expect(unreachable_pub, dead_code, reason = "the targets are a crate of their own and call it from there")]
mod entry;

use entry::TARGETS;

fn folder(target: &str) -> PathBuf {
    Path::new("tests/fuzz/corpus").join(target)
}

/// Names and contents, in order.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<(String, Vec<u8>)> = fs::read_dir(folder(target))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    seeds.sort();
    seeds
}

#[test]
fn every_target_has_a_small_corpus() {
    let mut octets = 0;
    for (target, _) in TARGETS {
        let seeds = seeds(target);
        assert!((8..=12).contains(&seeds.len()), "{target} has {}", seeds.len());
        octets += seeds.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    }
    assert!(octets < 600_000, "{octets} octets");
}

#[test]
fn the_good_ones_of_the_corpus_count() {
    let read = |target: &str, name: &str| fs::read(folder(target).join(name)).unwrap();
    let root = |name: &str| jpki::Anchor::from_der(&read("", name)).unwrap();
    let anchors = vec![root("root.der"), root("next-root.der")];
    let trust = jpki::Trust::signing(anchors.clone(), jpki::Policies::demo());
    let timestamping = jpki::Trust::timestamping(anchors);
    let lists = jpki::CrlSet::new();
    let verifier = jpki::Verifier::new(&trust, &lists, entry::NOW);
    for name in ["good", "good-p384", "good-below-p384", "good-substitutes"] {
        assert_eq!(verifier.certificate(&read("certificate", name)).reason(), None, "{name}");
    }
    for name in ["detached", "detached-by-key", "detached-p384", "with-timestamp", "with-other-certificates"] {
        assert_eq!(verifier.cms(&read("cms", name), Some(entry::DOCUMENT)).reason(), None, "{name}");
    }
    for name in ["attached", "attached-ber", "attached-p384-ber"] {
        assert_eq!(verifier.cms(&read("cms", name), None).reason(), None, "{name}");
    }
    for name in ["pkcs7", "cades", "cades-p384", "by-the-signing-software"] {
        let verdict = verifier.pdf(&read("pdf", name), Some(&read("", "unsigned.pdf")));
        assert_eq!(verdict.reason(), None, "{name}");
    }
    for name in ["stamped", "with-list", "with-answer", "in-pdf"] {
        let archive = evidence::Archive::from_zip(&read("evidence", name)).unwrap();
        assert_eq!(evidence::verify_evidence(&archive, &trust, &timestamping).reason(), None, "{name}");
    }
    assert!(jpki::Crl::parse(&read("crl", "good"), &trust).is_ok());
    let answer = jpki::verify_ocsp(&read("ocsp", "good"), &read("", "card.der"), None, &trust, entry::NOW);
    assert!(matches!(answer, Ok(jpki::RevocationStatus::Good { .. })), "{answer:?}");
    let digest = sha256::sha256(entry::DOCUMENT);
    let imprint = jpki::Imprint::Sha256(&digest);
    let timestamp = jpki::verify_timestamp(&read("timestamp", "bare"), imprint, None, &timestamping, entry::NOW);
    assert_eq!(timestamp.map(|timestamp| timestamp.at), Ok(entry::STAMPED));
}

#[test]
fn every_file_of_the_corpus_ends_in_a_verdict_at_every_entry_point() {
    let files: Vec<_> = TARGETS.into_iter().flat_map(|(target, _)| seeds(target)).collect();
    for (_, check) in TARGETS {
        for (_, bytes) in &files {
            check(bytes);
        }
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_ends_in_a_verdict() {
    for (target, check) in TARGETS {
        for (_, bytes) in seeds(target) {
            // Where headers stand every octet matters; behind them one in so many does.
            let stride = 1 + bytes.len() / 100;
            for end in (0..bytes.len().min(40)).chain((40..bytes.len()).step_by(stride)) {
                check(&bytes[..end]);
            }
        }
    }
}
