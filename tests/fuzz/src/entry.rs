//! Every way by which bytes from outside reach the engine, each with what must hold whatever they are.
//!
//! The fuzz targets call these functions, and so does the ordinary suite for every file of the corpus:
//! `super` brings `evidence`, `jpki` and `sha256`, either compiled from their sources or of the portal.
//! What the made-up authority signed is listed in `corpus/genuine.txt`; its keys are gone, so nothing
//! else may ever count.

use std::collections::HashSet;
use std::io::Read;
use std::sync::LazyLock;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::evidence::{self, Archive, Form as Place, verify_evidence};
use super::jpki::{
    self, Anchor, Certificate, Crl, CrlReadError, CrlSet, Form, Imprint, Laboratory, ListRules, Outcome, PdfSeal,
    Policies, Reason, RevocationStatus, StepOutcome, TimestampQuestion, Trust, Verdict, Verifier,
};
use super::sha256::sha256;

/// The moment for which the corpus was made, and as of which everything is checked.
pub const NOW: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);
/// When the timestamps of the corpus were made.
pub const STAMPED: OffsetDateTime = datetime!(2026-06-01 02:00 UTC);
/// What is signed beside a document.
pub const DOCUMENT: &[u8] = b"a document";
/// What nobody signed.
const OTHER_DOCUMENT: &[u8] = b"another document";
/// The number that questions of the corpus carry.
pub const NONCE: [u8; 32] = [0x4E; 32];
/// A number that no question carries.
const OTHER_NONCE: [u8; 32] = [0x4F; 32];
/// Everything loosened that a path may be about.
pub const LOOSE: &str = "policy=any,ku=any,eku=any,alg=any-sha2,depth=8";

const ROOT: &[u8] = include_bytes!("../corpus/root.der");
const NEXT_ROOT: &[u8] = include_bytes!("../corpus/next-root.der");
const CARD: &[u8] = include_bytes!("../corpus/card.der");
const NEXT_CARD: &[u8] = include_bytes!("../corpus/next-card.der");
const LIST: &[u8] = include_bytes!("../corpus/list.crl");
const UNSIGNED_PDF: &[u8] = include_bytes!("../corpus/unsigned.pdf");
/// The root of the pool, and then its certificates and lists, one after the other.
const POOL: &[u8] = include_bytes!("../corpus/pool.der");

static GENUINE: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("../corpus/genuine.txt").lines().collect());
static SIGNING: LazyLock<Trust> = LazyLock::new(|| Trust::signing(anchors(), Policies::demo()));
static SIGNING_IN: LazyLock<Trust> = LazyLock::new(|| Trust::user_authentication(anchors(), Policies::demo()));
static TIMESTAMPING: LazyLock<Trust> = LazyLock::new(|| Trust::timestamping(anchors()));
static LABORATORY: LazyLock<Trust> =
    LazyLock::new(|| Trust::laboratory(&[ROOT.to_vec(), NEXT_ROOT.to_vec()], Vec::new(), &loose()));
static LISTS: LazyLock<CrlSet> = LazyLock::new(|| {
    let mut lists = CrlSet::new();
    assert!(lists.insert(Crl::parse(LIST, &SIGNING).expect("the corpus has a list")));
    lists
});
static PIECES: LazyLock<Vec<&[u8]>> = LazyLock::new(|| elements(POOL));

fn anchors() -> Vec<Anchor> {
    [ROOT, NEXT_ROOT].map(|root| Anchor::from_der(root).expect("the corpus has roots")).to_vec()
}

fn loose() -> Laboratory {
    LOOSE.parse().expect("these can be loosened")
}

/// Whether the authority signed exactly this.
fn is_genuine(bytes: &[u8]) -> bool {
    GENUINE.contains(data_encoding::HEXLOWER.encode(&sha256(bytes)).as_str())
}

/// The file without what stands in the hole of its signature.
#[must_use]
pub fn without_signature(pdf: &[u8]) -> Option<Vec<u8>> {
    let key = b"/Contents<";
    let start = pdf.windows(key.len()).rposition(|window| window == key)? + key.len();
    let length = pdf.get(start..)?.iter().position(|byte| *byte == b'>')?;
    Some([pdf.get(..start)?, pdf.get(start + length..)?].concat())
}

/// What holds for every verdict: it can be stored, and its outcome is that of its last step.
fn judge(verdict: &Verdict) {
    let stored = serde_json::to_vec(verdict).expect("a verdict can be stored");
    assert_eq!(serde_json::from_slice::<Verdict>(&stored).ok().as_ref(), Some(verdict), "it comes back as it was");
    let failed = verdict.steps.iter().filter_map(|step| match step.outcome {
        StepOutcome::Failed(reason) => Some(reason),
        StepOutcome::Passed | StepOutcome::Unknown => None,
    });
    assert_eq!(failed.collect::<Vec<Reason>>(), verdict.reason().into_iter().collect::<Vec<Reason>>());
    assert!(!verdict.is_valid() || verdict.signer.is_some());
}

/// Whose certificate it is must have been told right, even in most refusals.
fn judge_signature(verdict: &Verdict) {
    judge(verdict);
    if let Some(signer) = &verdict.signer {
        assert!(is_genuine(&signer.certificate), "nobody issued this certificate");
    }
}

/// A certificate of a person or a root.
pub fn certificate(bytes: &[u8]) {
    for trust in [&SIGNING, &SIGNING_IN, &LABORATORY] {
        let verdict = Verifier::new(trust, &LISTS, NOW).certificate(bytes);
        judge_signature(&verdict);
        if let Some(signer) = &verdict.signer {
            assert_eq!(signer.certificate, bytes);
            assert_eq!(jpki::to_der(bytes).as_deref(), Ok(bytes), "what is told of is DER");
        }
    }
    if let Ok(anchor) = Anchor::from_der(bytes) {
        assert_eq!(anchor.der(), bytes);
        let _ = (anchor.subject(), anchor.environment());
    }
    let _ = Anchor::laboratory(bytes, &loose());
    if jpki::ocsp_request(bytes, &SIGNING, Some(&NONCE)).is_ok() {
        assert!(is_genuine(bytes), "asked about a certificate that nobody issued");
    }
    if let Ok(certificate) = Certificate::parse(bytes) {
        let _ = certificate.serial_number();
    }
}

/// Certificates and revocation lists one after the other, of which the first is to be checked and the
/// others are at hand. An octet below 0x30 stands for a piece of the pool, in which authorities certify
/// each other in every direction.
pub fn path(bytes: &[u8]) {
    let pieces = pieces(bytes);
    let Some((end, others)) = pieces.split_first() else { return };
    let mut lists = CrlSet::new();
    let mut offered = Vec::new();
    for piece in others {
        if Form::of(piece) == Some(Form::List) {
            let _ = lists.insert_for_laboratory(piece);
        } else {
            offered.push(piece.to_vec());
        }
    }
    let roots = [PIECES.first().copied().unwrap_or_default().to_vec()];
    let trust = Trust::laboratory(&roots, offered.clone(), &loose());
    let verdict = Verifier::new(&trust, &lists, NOW).certificate(end);
    judge(&verdict);
    if let Some(signer) = &verdict.signer {
        assert_eq!(signer.certificate, *end);
        assert!(is_genuine(end), "nobody below the root issued this certificate");
        assert_eq!(signer.anchor_sha256, data_encoding::HEXLOWER.encode(&sha256(&roots[0])));
    }
    // The strict profile reads no intermediates, whatever comes along.
    let strict = Trust::signing(anchors(), Policies::demo());
    judge_signature(&Verifier::new(&strict, &lists, NOW).certificate(end));
    if let Some(list) = others.iter().find(|piece| Form::of(piece) == Some(Form::List)) {
        let report = jpki::verify_crl(list, offered.first().map(Vec::as_slice), &trust, ListRules::Standard, NOW);
        assert!(report.reason.is_some() || is_genuine(list));
    }
}

fn pieces(bytes: &[u8]) -> Vec<&[u8]> {
    fn piece(element: &[u8]) -> Option<&[u8]> {
        match element {
            [number] => PIECES.get(1 + usize::from(*number)).copied(),
            der => Some(der),
        }
    }
    elements(bytes).into_iter().filter_map(piece).collect()
}

/// How many octets a target gets to see: one octet may stand for a whole certificate.
#[must_use]
pub fn reach(target: fn(&[u8]), bytes: &[u8]) -> usize {
    if std::ptr::fn_addr_eq(target, path as fn(&[u8])) { pieces(bytes).concat().len() } else { bytes.len() }
}

/// A message, attached or detached.
pub fn cms(bytes: &[u8]) {
    let verifier = Verifier::new(&SIGNING, &LISTS, NOW).with_timestamping(&TIMESTAMPING);
    let attached = verifier.cms(bytes, None);
    judge_signature(&attached);
    let detached = verifier.cms(bytes, Some(DOCUMENT));
    judge_signature(&detached);
    assert!(!(attached.is_valid() && detached.is_valid()), "the document is inside or beside");
    if attached.is_valid() {
        let der = jpki::to_der(bytes).expect("what counts can be read");
        assert!(der.windows(DOCUMENT.len()).any(|window| window == DOCUMENT), "another document is inside");
    }
    let other = verifier.cms(bytes, Some(OTHER_DOCUMENT));
    judge_signature(&other);
    assert!(!other.is_valid(), "nobody signed the other document");
    let laboratory = Verifier::new(&LABORATORY, &LISTS, NOW).with_timestamping(&TIMESTAMPING);
    let loosened = laboratory.cms(bytes, Some(DOCUMENT));
    judge_signature(&loosened);
    assert!(loosened.is_valid() || !detached.is_valid(), "the laboratory only loosens");
}

/// What is rewritten as DER or taken out of PEM.
pub fn ber(bytes: &[u8]) {
    if let Ok(der) = jpki::to_der(bytes) {
        assert!(der.len() <= bytes.len() * 2 + 8);
        assert_eq!(jpki::to_der(&der).as_deref(), Ok(der.as_slice()), "DER comes back unchanged");
        assert_eq!(Form::of(&der).is_some(), Form::of(bytes).is_some());
    }
    if let Some(der) = jpki::pem_or_der(bytes) {
        assert!(der.len() <= bytes.len());
        let _ = Form::of(&der);
    }
    let blocks = jpki::pem_blocks(bytes).unwrap_or_default();
    assert!(blocks.iter().flatten().map(Vec::len).sum::<usize>() <= bytes.len());
}

/// Hands out a few octets at a time, as a download does.
struct Dripping<'a>(&'a [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.0.len().min(buffer.len()).min(7);
        let (now, later) = self.0.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.0 = later;
        Ok(length)
    }
}

/// A revocation list.
pub fn crl(bytes: &[u8]) {
    let list = Crl::parse(bytes, &SIGNING);
    let dripped = Crl::read_from(Dripping(bytes), &SIGNING).map_err(|error| match error {
        CrlReadError::Refused(reason) => reason,
        CrlReadError::Unreadable(_) => Reason::CrlMalformed,
    });
    let compared = |list: &Result<Crl, Reason>| list.as_ref().map(Crl::facts).map_err(|reason| *reason);
    assert_eq!(compared(&list), compared(&dripped), "however it comes in");
    if let Ok(list) = list {
        assert!(is_genuine(bytes), "nobody made this list");
        assert_eq!(list.sha256(), sha256(bytes));
        for serial in [&[][..], &[0], &[7], &[0x80; 20], &[1; 40]] {
            let _ = list.lookup(serial);
        }
        let mut set = CrlSet::new();
        assert!(set.insert(list.clone()) && !set.insert(list), "numbers do not stand still");
        judge_signature(&Verifier::new(&SIGNING, &set, NOW).certificate(CARD));
    }
    for (trust, rules) in [(&SIGNING, ListRules::Jpki), (&LABORATORY, ListRules::Standard)] {
        for issuer in [None, Some(ROOT)] {
            let report = jpki::verify_crl(bytes, issuer, trust, rules, NOW);
            assert!(report.reason.is_some() || is_genuine(bytes), "nobody made this list");
            serde_json::to_vec(&report).expect("a report can be told");
        }
    }
    let mut lists = CrlSet::new();
    let _ = lists.insert_for_laboratory(LIST);
    if lists.insert_for_laboratory(bytes).is_ok() {
        for card in [CARD, NEXT_CARD] {
            judge_signature(&Verifier::new(&LABORATORY, &lists, NOW).certificate(card));
        }
        let mut alone = CrlSet::new();
        let _ = alone.insert_for_laboratory(bytes);
        let verdict = Verifier::new(&LABORATORY, &alone, NOW).certificate(CARD);
        let unknown = matches!(verdict.revocation, RevocationStatus::Unknown { .. });
        assert!(unknown || is_genuine(bytes), "nobody made this list");
    }
}

/// The answer of a responder.
pub fn ocsp(bytes: &[u8]) {
    let status = jpki::verify_ocsp(bytes, CARD, None, &SIGNING, NOW);
    let report = jpki::verify_ocsp_response(bytes, None, &SIGNING, &LISTS, NOW);
    serde_json::to_vec(&report).expect("a report can be told");
    let said = match status {
        Ok(RevocationStatus::Good { .. }) => Some("good"),
        Ok(RevocationStatus::Revoked { .. }) => Some("revoked"),
        Ok(RevocationStatus::Unknown { .. }) | Err(_) => None,
    };
    assert!(said.is_none_or(|said| report.answers.iter().any(|answer| answer.status == said)));
    let with_nonce = jpki::verify_ocsp(bytes, CARD, Some(&NONCE), &SIGNING, NOW);
    assert!(with_nonce.is_err() || with_nonce == status, "the number only says that it is an answer to us");
    assert!(jpki::verify_ocsp(bytes, CARD, Some(&OTHER_NONCE), &SIGNING, NOW).is_err(), "nobody asked with this");
    assert!(jpki::verify_ocsp(bytes, NEXT_CARD, None, &SIGNING, NOW).is_err(), "nobody answered about this card");
    let listed = jpki::verify_ocsp_with_lists(bytes, CARD, None, &SIGNING, &LISTS, NOW);
    assert!(listed.is_err() || status.is_ok(), "lists only take away");
    for trust in [&SIGNING, &LABORATORY] {
        let _ = jpki::verify_ocsp_response(bytes, Some(ROOT), trust, &LISTS, NOW);
    }
}

/// The answer of a timestamping authority, or a question to one.
pub fn timestamp(bytes: &[u8]) {
    for nonce in [None, Some(NONCE.as_slice())] {
        if let Ok(timestamp) = jpki::verify_timestamp(bytes, Imprint::Of(DOCUMENT), nonce, &TIMESTAMPING, NOW) {
            assert!([STAMPED, NOW].contains(&timestamp.at));
            assert!(timestamp.accuracy <= Duration::SECOND);
            let again = jpki::verify_timestamp(&timestamp.token, Imprint::Of(DOCUMENT), nonce, &TIMESTAMPING, NOW);
            assert_eq!(again, Ok(timestamp), "the token holds by itself");
        }
    }
    let other = Imprint::Of(OTHER_DOCUMENT);
    assert!(jpki::verify_timestamp(bytes, other, None, &TIMESTAMPING, NOW).is_err(), "nobody stamped this");
    let right = Imprint::Sha256(&sha256(DOCUMENT));
    let with_other_nonce = jpki::verify_timestamp(bytes, right, Some(&OTHER_NONCE), &TIMESTAMPING, NOW);
    assert!(with_other_nonce.is_err(), "nobody asked with this number");
    if let Ok(question) = TimestampQuestion::parse(bytes) {
        assert!(question.nonce.is_none_or(|nonce| nonce.len() <= bytes.len()));
    }
}

/// A PDF, signed or to be signed.
pub fn pdf(bytes: &[u8]) {
    let verifier = Verifier::new(&SIGNING, &LISTS, NOW).with_timestamping(&TIMESTAMPING);
    let alone = verifier.pdf(bytes, None);
    judge_signature(&alone);
    if alone.is_valid() {
        let rest = without_signature(bytes).expect("there is a signature");
        assert!(is_genuine(&rest), "nobody signed this file");
        assert!(jpki::pdf_signature(bytes).is_ok());
    }
    // A signed file begins with the original: any half of the bytes will do for one.
    for original in [Some(UNSIGNED_PDF), bytes.get(..bytes.len() / 2)] {
        let verdict = verifier.pdf(bytes, original);
        judge_signature(&verdict);
        assert!(!verdict.is_valid() || alone.is_valid(), "an original only takes away");
        assert!(!verdict.is_valid() || original.is_some_and(|original| bytes.starts_with(original)));
    }
    if let Ok(seal) = PdfSeal::prepare(bytes, NOW) {
        let sealed = seal.seal(&[0x30, 0]).expect("there is room");
        assert!(sealed.starts_with(bytes));
        judge_signature(&verifier.pdf(&sealed, Some(bytes)));
    }
}

/// A bare signature behind its length, and what it is said to be over; or a public key.
pub fn raw(bytes: &[u8]) {
    let (length, rest) = bytes.split_at(bytes.len().min(2));
    let length = length.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    let (signature, content) = rest.split_at(length.min(rest.len()));
    for card in [CARD, NEXT_CARD] {
        let verdict = jpki::verify_raw(signature, content, card, &SIGNING, &LISTS, NOW);
        judge_signature(&verdict);
        assert!(!verdict.is_valid() || content == DOCUMENT, "nobody signed this");
    }
    let verdict = Verifier::new(&LABORATORY, &LISTS, NOW).raw_by_key(&[0x55; 256], DOCUMENT, bytes);
    assert!(!verdict.is_valid(), "nobody made this signature");
}

/// An archive of evidence.
pub fn evidence(bytes: &[u8]) {
    let Ok(archive) = Archive::from_zip(bytes) else { return };
    let written = archive.to_zip().expect("what was read can be written");
    assert_eq!(Archive::from_zip(&written).as_ref(), Ok(&archive), "it comes back as it was");
    let found = verify_evidence(&archive, &SIGNING, &TIMESTAMPING);
    serde_json::to_vec(&found).expect("what was found can be told");
    if found.verdict.is_valid() {
        assert_eq!(found.verdict.outcome, Outcome::Valid);
        let document = archive.file(evidence::DOCUMENT).unwrap_or_default();
        match archive.manifest().form {
            Place::Detached => assert_eq!(document, DOCUMENT, "nobody signed this"),
            Place::Pdf => assert!(without_signature(document).is_some_and(|rest| is_genuine(&rest))),
        }
    }
}

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 10] = [
    ("ber", ber),
    ("certificate", certificate),
    ("cms", cms),
    ("crl", crl),
    ("evidence", evidence),
    ("ocsp", ocsp),
    ("path", path),
    ("pdf", pdf),
    ("raw", raw),
    ("timestamp", timestamp),
];

/// The DER elements, one after the other; octets that begin none stand alone.
fn elements(bytes: &[u8]) -> Vec<&[u8]> {
    let mut elements = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = match rest {
            [0x30, short @ 0..=0x7F, ..] => 2 + usize::from(*short),
            [0x30, 0x81, length, ..] => 3 + usize::from(*length),
            [0x30, 0x82, high, low, ..] => 4 + (usize::from(*high) << 8 | usize::from(*low)),
            _ => 1,
        };
        let (element, behind) = rest.split_at(length.min(rest.len()));
        elements.push(element);
        rest = behind;
    }
    elements
}
