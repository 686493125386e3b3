//! Archives of evidence.

use std::io::{Cursor, Write};

use todoke_fuzz::demo::authority::{CrlFault, OcspFault, OcspOrder, OcspStatus, TimestampFault};
use todoke_fuzz::entry::{DOCUMENT, NOW, STAMPED, without_signature};
use todoke_fuzz::evidence::{self, Archive, Entry, Form, Manifest, Revocation, Role, Subject};
use todoke_fuzz::jpki::{RevocationGap, RevocationStatus, timestamp_request, verify_cms, verify_pdf};
use todoke_fuzz::sha256::sha256;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::lists::list;
use super::messages::Draft;
use super::{Corpus, People, in_days, pdf};

const LIST: &str = "META-INF/evidence/revocation-1.crl";
const ANSWER: &str = "META-INF/evidence/revocation-1.ocsp";

/// An archive in the making.
struct Parts {
    form: Form,
    files: Vec<(&'static str, Role, Vec<u8>)>,
    revocation: Vec<Revocation>,
    received_days: i64,
}

impl Parts {
    fn new(people: &People, form: Form, corpus: &Corpus) -> Self {
        let lists = todoke_fuzz::jpki::CrlSet::new();
        let (document, verdict, cms) = match form {
            Form::Detached => {
                let cms = Draft::new(&people.card, DOCUMENT).to_der();
                let verdict = verify_cms(&cms, Some(DOCUMENT), &corpus.trust, &lists, STAMPED);
                (DOCUMENT.to_vec(), verdict, Some(cms))
            }
            Form::Pdf => {
                let pdf = pdf::signed(people);
                let verdict = verify_pdf(&pdf, None, &corpus.trust, &lists, STAMPED);
                (pdf, verdict, None)
            }
        };
        let mut files = vec![
            (evidence::DOCUMENT, Role::Document, document),
            (evidence::CERTIFICATE, Role::Certificate, people.card.certificate_der().to_vec()),
            (evidence::ANCHOR, Role::Anchor, people.authority.anchor_der().to_vec()),
            (evidence::VERDICT, Role::Verdict, serde_json::to_vec(&verdict).expect("a verdict")),
        ];
        files.extend(cms.map(|cms| (evidence::SIGNATURE, Role::Signature, cms)));
        Self { form, files, revocation: Vec::new(), received_days: 0 }
    }

    fn with(mut self, name: &'static str, role: Role, bytes: Vec<u8>) -> Self {
        let (asked_at, file) = (STAMPED, name.to_owned());
        let answer = RevocationStatus::Unknown { why: RevocationGap::NotAsked };
        self.files.push((name, role, bytes));
        self.revocation.push(match role {
            Role::Ocsp => Revocation::Ocsp { asked_at, file, answer },
            _ => Revocation::List { asked_at, file, answer },
        });
        self
    }

    fn manifest(&self) -> Vec<u8> {
        let subject = Subject { library: "Himeji".to_owned(), reference: "LC-7K3M-92QP".to_owned(), version: 1 };
        let entries = self.files.iter().map(|(name, role, bytes)| Entry::of(name, *role, bytes)).collect();
        let received = STAMPED + time::Duration::days(self.received_days);
        Manifest::new(subject, self.form, received, self.revocation.clone(), entries).to_json().expect("a manifest")
    }

    fn to_zip(&self, timestamps: Vec<Vec<u8>>) -> Vec<u8> {
        let files = self.files.iter().map(|(name, _, bytes)| ((*name).to_owned(), bytes.clone())).collect();
        Archive::new(self.manifest(), files, timestamps).and_then(|archive| archive.to_zip()).expect("an archive")
    }
}

pub fn plant(corpus: &mut Corpus, people: &People) {
    let detached = |corpus: &Corpus| Parts::new(people, Form::Detached, corpus);
    let stamp = |parts: &Parts, fault| {
        let request = timestamp_request(&sha256(&parts.manifest()), None, None);
        people.authority.stamp(&request, fault, STAMPED).expect("a timestamp")
    };
    let answer = OcspOrder {
        card: &people.card,
        status: OcspStatus::Good,
        nonce: None,
        produced_at: STAMPED,
        this_update: STAMPED,
        next_update: Some(in_days(1)),
        fault: OcspFault::None,
    };
    let answer = people.authority.ocsp(&answer).expect("an answer");
    let stamped = detached(corpus);
    let token = stamp(&stamped, TimestampFault::Bare);
    let wrong = stamp(&stamped, TimestampFault::OtherImprint);
    let changed = Parts { received_days: 4000, ..detached(corpus) };
    let in_pdf = Parts::new(people, Form::Pdf, corpus);
    if let Some(rest) = in_pdf.files.first().and_then(|(_, _, pdf)| without_signature(pdf)) {
        corpus.note(&rest);
    }
    let mut unreadable = detached(corpus);
    unreadable.files.retain(|(name, ..)| *name != evidence::VERDICT);
    let seeds = [
        ("stamped", stamped.to_zip(vec![token])),
        ("with-list", detached(corpus).with(LIST, Role::List, list(&people.authority, CrlFault::None)).to_zip(vec![])),
        ("with-answer", detached(corpus).with(ANSWER, Role::Ocsp, answer).to_zip(vec![])),
        ("in-pdf", in_pdf.to_zip(vec![])),
        ("stamped-wrongly", stamped.to_zip(vec![wrong])),
        ("expired", changed.to_zip(vec![])),
        ("without-verdict", unreadable.to_zip(vec![])),
        ("compressed", zipped(true)),
        ("only-manifest", zipped(false)),
    ];
    assert!(NOW > STAMPED);
    corpus.plant("evidence", &seeds.map(|(name, bytes)| (name.to_owned(), bytes)));
}

fn zipped(says_compressed: bool) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let manifest = br#"{"format":"todoke-evidence","format_version":1,"files":[]}"#;
    // Nothing here can inflate, so what says that it is compressed is made so by hand.
    zip.start_file(evidence::MANIFEST, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))
        .expect("an entry");
    zip.write_all(manifest).expect("an entry");
    let mut bytes = zip.finish().expect("an archive").into_inner();
    if says_compressed {
        bytes[8] = 8;
        let directory = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").expect("a directory");
        bytes[directory + 10] = 8;
    }
    bytes
}
