use super::*;
use std::io::{Cursor, Write};
use std::sync::LazyLock;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::demo::authority::{
    CardHolder, CardKey, CrlFault, CrlOrder, Fault, Municipality, Revocation as Revoked, TestAuthority, TestCard,
    TimestampFault,
};
use crate::jpki::{
    Anchor, CrlSet, Outcome, Policies, Reason, RevocationGap, RevocationReason, RevocationStatus, SignedAttributes,
    Trust, Verdict, timestamp_request, verify_cms,
};
use crate::sha256::sha256;

const RECEIVED: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);
const PAPER: &[u8] = "%PDF 貸出券の申込み".as_bytes();

static AUTHORITY: LazyLock<TestAuthority> = LazyLock::new(|| TestAuthority::generate(RECEIVED).unwrap());
static CARD: LazyLock<TestCard> = LazyLock::new(|| {
    let holder = CardHolder::new("試験　花子", "420000229", "兵庫県姫路市試験町１－１");
    AUTHORITY.issue(&holder, Fault::None, &CardKey::generate().unwrap(), RECEIVED).unwrap()
});

fn anchors() -> Vec<Anchor> {
    vec![Anchor::from_der(AUTHORITY.anchor_der()).unwrap()]
}

fn trust() -> Trust {
    Trust::signing(anchors(), Policies::demo())
}

fn list(made: OffsetDateTime, revoked: &[Revoked]) -> Vec<u8> {
    let municipality = Municipality::default();
    let order = CrlOrder {
        municipality: &municipality,
        revoked,
        this_update: made,
        next_update: made + Duration::days(7),
        number: 5,
        fault: CrlFault::None,
    };
    AUTHORITY.crl(&order).unwrap()
}

/// The parts of an archive, to be spoiled one by one.
struct Parts {
    manifest: Manifest,
    files: Vec<(String, Vec<u8>)>,
}

fn parts(list: &[u8], asked_at: OffsetDateTime) -> Parts {
    let attributes = SignedAttributes::new(sha256(PAPER), RECEIVED);
    let cms = attributes.to_cms(&CARD.sign(&attributes.digest_info()).unwrap(), CARD.certificate_der()).unwrap();
    let verdict = verify_cms(&cms, Some(PAPER), &trust(), &CrlSet::new(), RECEIVED);
    let file = "META-INF/evidence/revocation-1.crl";
    let files = vec![
        (DOCUMENT, Role::Document, PAPER.to_vec()),
        (SIGNATURE, Role::Signature, cms),
        (CERTIFICATE, Role::Certificate, CARD.certificate_der().to_vec()),
        (ANCHOR, Role::Anchor, AUTHORITY.anchor_der().to_vec()),
        (VERDICT, Role::Verdict, serde_json::to_vec(&verdict).unwrap()),
        (file, Role::List, list.to_vec()),
    ];
    let entries = files.iter().map(|(name, role, contents)| Entry::of(name, *role, contents)).collect();
    let subject = Subject { library: "試験図書館".to_owned(), reference: "LC-7K3M-92QP".to_owned(), version: 1 };
    let answer = RevocationStatus::Unknown { why: RevocationGap::NotAsked };
    let revocation = vec![Revocation::List { asked_at, file: file.to_owned(), answer }];
    let manifest = Manifest::new(subject, Form::Detached, RECEIVED, revocation, entries);
    Parts { manifest, files: files.into_iter().map(|(name, _, contents)| (name.to_owned(), contents)).collect() }
}

impl Parts {
    fn archive(self) -> Result<Archive, ArchiveError> {
        Archive::new(self.manifest.to_json().unwrap(), self.files, Vec::new())
    }

    fn replace(&mut self, name: &str, contents: &[u8]) {
        for (file, entry) in self.files.iter_mut().zip(&mut self.manifest.files) {
            if file.0 == name {
                *entry = Entry::of(name, entry.role, contents);
                file.1 = contents.to_vec();
            }
        }
    }

    /// The archive with a time-stamp that was made at `made` over `over`.
    fn stamped(self, made: OffsetDateTime, over: Option<&[u8]>) -> EvidenceVerdict {
        let manifest = self.manifest.to_json().unwrap();
        let request = timestamp_request(&sha256(over.unwrap_or(&manifest)), None, None);
        let response = AUTHORITY.stamp(&request, TimestampFault::Bare, made).unwrap();
        let archive = Archive::new(manifest, self.files, vec![response]).unwrap();
        let archive = Archive::from_zip(&archive.to_zip().unwrap()).unwrap();
        verify_evidence(&archive, &trust(), &Trust::timestamping(anchors()))
    }

    fn check(self) -> EvidenceVerdict {
        let archive = Archive::from_zip(&self.archive().unwrap().to_zip().unwrap()).unwrap();
        verify_evidence(&archive, &trust(), &Trust::timestamping(anchors()))
    }
}

#[test]
fn an_archive_comes_back_as_it_was_and_holds_in_ten_years() {
    let archive = parts(&list(RECEIVED, &[]), RECEIVED).archive().unwrap();
    let zip = archive.to_zip().unwrap();
    assert_eq!(zip, archive.to_zip().unwrap(), "the same bytes");
    assert_eq!(Archive::from_zip(&zip).unwrap(), archive);
    assert_eq!(&zip[30..38], b"mimetype", "first, for whoever looks at the first bytes only");
    let found = parts(&list(RECEIVED, &[]), RECEIVED).check();
    assert_eq!((found.reason(), found.recorded), (None, Recorded::Same));
    assert!(matches!(found.verdict.revocation, RevocationStatus::Good { .. }), "{:?}", found.verdict.revocation);
}

#[test]
fn a_list_of_a_later_day_speaks_of_the_receipt() {
    let later = RECEIVED + Duration::days(3);
    let found = parts(&list(later, &[]), later).check();
    assert!(matches!(found.verdict.revocation, RevocationStatus::Good { .. }));
    let revoked = |at| [CARD.revocation(at, RevocationReason::AffiliationChanged)];
    let before = parts(&list(later, &revoked(RECEIVED)), later).check();
    assert_eq!(before.reason(), Some(Reason::Revoked));
    let after = parts(&list(later, &revoked(RECEIVED + Duration::DAY)), later).check();
    assert_eq!(after.reason(), None, "revoked only after the receipt");
}

#[test]
fn a_time_stamp_vouches_for_everything_from_its_own_moment_on() {
    let good = || parts(&list(RECEIVED, &[]), RECEIVED);
    let made = RECEIVED + Duration::minutes(10);
    let found = good().stamped(made, None);
    assert_eq!(found.reason(), None);
    assert!(matches!(&found.vouched[..], [Vouched::At { time, .. }] if *time == made), "{:?}", found.vouched);
    assert_eq!(good().stamped(made, Some(b"another manifest")).reason(), Some(Reason::TimestampImprint));
    assert_eq!(good().stamped(RECEIVED - Duration::HOUR, None).reason(), Some(Reason::TimestampTime));
}

#[test]
fn a_root_that_the_caller_does_not_trust_proves_nothing() {
    let archive = parts(&list(RECEIVED, &[]), RECEIVED).archive().unwrap();
    let stranger = TestAuthority::generate(RECEIVED).unwrap();
    let trust = Trust::signing(vec![Anchor::from_der(stranger.anchor_der()).unwrap()], Policies::demo());
    let found = verify_evidence(&archive, &trust, &Trust::timestamping(Vec::new()));
    assert_eq!(found.reason(), Some(Reason::IssuerUnknown));
}

#[test]
fn what_was_exchanged_is_found_out_even_if_the_manifest_says_so() {
    let good = || parts(&list(RECEIVED, &[]), RECEIVED);
    let with = |name, contents: Vec<u8>| {
        let mut parts = good();
        parts.replace(name, &contents);
        parts.check().reason()
    };
    assert_eq!(with(DOCUMENT, b"another document".to_vec()), Some(Reason::MessageDigestMismatch));
    assert_eq!(with(CERTIFICATE, AUTHORITY.anchor_der().to_vec()), Some(Reason::EvidenceFile));
    assert_eq!(with(ANCHOR, CARD.certificate_der().to_vec()), Some(Reason::EvidenceFile));
    assert_eq!(with(VERDICT, b"{}".to_vec()), Some(Reason::EvidenceVerdict));
    let mut other: Verdict = serde_json::from_slice(&good().files[4].1).unwrap();
    other.outcome = Outcome::Refused(Reason::Expired);
    assert_eq!(with(VERDICT, serde_json::to_vec(&other).unwrap()), Some(Reason::EvidenceVerdict));
    let mut later = good();
    later.manifest.received_at += Duration::days(4000);
    assert_eq!(later.check().reason(), Some(Reason::Expired));
}

#[test]
fn nothing_may_be_missing_changed_or_added() {
    let good = || parts(&list(RECEIVED, &[]), RECEIVED);
    let mut changed = good();
    changed.files[0].1.push(0);
    assert_eq!(changed.archive(), Err(ArchiveError::File));
    let mut missing = good();
    missing.files.pop();
    assert_eq!(missing.archive(), Err(ArchiveError::Unlisted));
    let mut later = good();
    later.manifest.format_version = 3;
    assert_eq!(later.archive(), Err(ArchiveError::Version));
    let mut without = good();
    without.manifest.format_version = 2;
    assert_eq!(without.archive(), Err(ArchiveError::Manifest), "that version has attachments");

    let zip = good().archive().unwrap().to_zip().unwrap();
    let mut writer = zip::ZipWriter::new_append(Cursor::new(zip)).unwrap();
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file("extra.txt", stored).unwrap();
    writer.write_all(b"not listed").unwrap();
    let zip = writer.finish().unwrap().into_inner();
    assert_eq!(Archive::from_zip(&zip), Err(ArchiveError::Unlisted));
}

#[test]
fn what_is_no_archive_is_refused() {
    let zip = parts(&list(RECEIVED, &[]), RECEIVED).archive().unwrap().to_zip().unwrap();
    for end in (0..zip.len()).step_by(97) {
        assert!(Archive::from_zip(&zip[..end]).is_err(), "cut at {end}");
    }
    for (position, value) in [(10, 65), (14, 2), (20, 1)] {
        let mut zip = zip.clone();
        let end = zip.len() - 22;
        zip[end + position] = value;
        assert_eq!(Archive::from_zip(&zip).err(), Some(ArchiveError::Container), "octet {position} of the end");
    }
    assert_eq!(Archive::from_zip(b"PK\x03\x04"), Err(ArchiveError::Container));
    assert_eq!(Archive::from_zip(b""), Err(ArchiveError::Container));
}

#[test]
fn attachments_are_proved_while_they_are_kept_and_named_for_ever() {
    let pictures = [b"front".to_vec(), b"back".to_vec()];
    let name = |number: usize| format!("META-INF/attachments/{number}.jpg");
    let mut parts = parts(&list(RECEIVED, &[]), RECEIVED);
    let entries = pictures.iter().enumerate().map(|(at, picture)| Entry::of(&name(at), Role::Attachment, picture));
    parts.manifest = parts.manifest.with_attachments(entries.collect());
    let archive = parts.archive().unwrap();
    let zipped =
        |kept: Vec<(String, Vec<u8>)>| archive.clone().with_attachments(kept).map(|whole| whole.to_zip().unwrap());
    let whole = zipped(vec![(name(0), pictures[0].clone()), (name(1), pictures[1].clone())]).unwrap();
    let found = verify_evidence(&Archive::from_zip(&whole).unwrap(), &trust(), &Trust::timestamping(anchors()));
    assert_eq!((found.reason(), found.attachments.iter().all(|one| one.is_kept)), (None, true));
    let later = Archive::from_zip(&zipped(vec![(name(1), pictures[1].clone())]).unwrap()).unwrap();
    let found = verify_evidence(&later, &trust(), &Trust::timestamping(anchors()));
    assert_eq!(found.reason(), None, "what was destroyed in time is no fault");
    assert_eq!(found.attachments.iter().map(|one| one.is_kept).collect::<Vec<_>>(), [false, true]);
    assert!(matches!(zipped(vec![(name(0), b"other".to_vec())]), Err(ArchiveError::File)));
    assert!(matches!(zipped(vec![(name(2), pictures[0].clone())]), Err(ArchiveError::Unlisted)));
    assert!(matches!(
        zipped(vec![(name(0), pictures[0].clone()), (name(0), pictures[0].clone())]),
        Err(ArchiveError::Unlisted)
    ));
}

#[test]
fn the_version_says_whether_there_are_attachments() {
    let entry = Entry::of("META-INF/attachments/1.jpg", Role::Attachment, b"front");
    let mut old = parts(&list(RECEIVED, &[]), RECEIVED);
    assert_eq!(old.manifest.format_version, 1);
    old.manifest.attachments = vec![entry];
    assert!(matches!(old.archive(), Err(ArchiveError::Manifest)), "nobody who knows none overlooks them");
}
