use super::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use clap::Parser;
use time::macros::datetime;
use uuid::Uuid;

use super::check::check;
use super::inputs::Unusable;
use super::report::Report;
use crate::demo::authority::{CardHolder, CardKey, CrlFault, CrlOrder, Fault, Municipality, TestAuthority, TestCard};
use crate::jpki::SignedAttributes;
use crate::sha256::sha256;

const NOW: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);
const DOCUMENT: &[u8] = "貸出券の申込み".as_bytes();

static AUTHORITY: LazyLock<TestAuthority> = LazyLock::new(|| TestAuthority::generate(NOW).unwrap());
static CARD: LazyLock<TestCard> = LazyLock::new(|| {
    let holder = CardHolder::new("試験　花子", "420000229", "兵庫県姫路市試験町１－１");
    AUTHORITY.issue(&holder, Fault::None, &CardKey::generate().unwrap(), NOW).unwrap()
});

/// Files to name on a command line, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("todoke-verify-{}", Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        let folder = Self(path);
        folder.put("root.der", AUTHORITY.anchor_der());
        folder.put("card.der", CARD.certificate_der());
        folder.put("document", DOCUMENT);
        folder
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }

    fn check(&self, line: &str) -> Result<Report, Unusable> {
        check(&arguments(&format!("--anchor root.der {line}"), &self.0), NOW)
    }

    fn reason(&self, line: &str) -> Option<String> {
        self.check(line).unwrap().reason
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    verify: VerifyArgs,
}

/// The arguments of a line in which every file lies in `folder`.
fn arguments(line: &str, folder: &Path) -> VerifyArgs {
    let mut verify = Line::try_parse_from(std::iter::once("verify").chain(line.split(' '))).unwrap().verify;
    let paths = verify.anchors.iter_mut().chain(&mut verify.intermediates).chain(&mut verify.crls);
    for path in
        paths.chain([&mut verify.file]).chain(&mut verify.content).chain(&mut verify.issuer).chain(&mut verify.ocsp)
    {
        *path = folder.join(&*path);
    }
    verify
}

fn signature() -> Vec<u8> {
    let attributes = SignedAttributes::new(sha256(DOCUMENT), NOW);
    attributes.to_cms(&CARD.sign(&attributes.digest_info()).unwrap(), CARD.certificate_der()).unwrap()
}

fn list() -> Vec<u8> {
    let municipality = Municipality::default();
    let order = CrlOrder {
        municipality: &municipality,
        revoked: &[],
        this_update: NOW,
        next_update: NOW + time::Duration::days(7),
        number: 5,
        fault: CrlFault::None,
    };
    AUTHORITY.crl(&order).unwrap()
}

#[test]
fn a_signature_is_checked_step_by_step() {
    let folder = Folder::new();
    folder.put("document.p7s", &signature());
    folder.put("list.crl", &list());
    let report = folder.check("--content document --crl list.crl document.p7s").unwrap();
    assert!(report.valid, "{:?}", report.reason);
    let text = report.to_text();
    for part in ["container    passed", "signature    passed", "revocation   passed", "試験　花子", "\nvalid\n"] {
        assert!(text.contains(part), "{part} not in {text}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!((json["valid"].as_bool(), json["kind"].as_str()), (Some(true), Some("cms")));
    assert_eq!(json["verdict"]["steps"][0]["check"], "container");
    assert_eq!(folder.reason("document.p7s").as_deref(), Some("content-missing"));
    folder.put("other", b"another document");
    assert_eq!(folder.reason("--content other document.p7s").as_deref(), Some("message-digest-mismatch"));
}

#[test]
fn the_time_asked_for_decides() {
    let folder = Folder::new();
    assert_eq!(folder.reason("card.der"), None);
    assert_eq!(folder.reason("--time 2046-01-01T00:00:00Z card.der").as_deref(), Some("expired"));
    assert!(Line::try_parse_from("verify --anchor a --time yesterday b".split(' ')).is_err());
}

#[test]
fn a_list_that_cannot_be_used_is_no_answer() {
    let folder = Folder::new();
    let report = folder.check("--crl card.der card.der").unwrap();
    assert!(!report.valid && report.unused.len() == 1);
    folder.put("list.crl", &list());
    assert_eq!(
        folder.reason("--crl list.crl --time 2026-06-30T00:00:00Z card.der").as_deref(),
        Some("revocation-unknown")
    );
}

#[test]
fn lists_are_checked_by_themselves() {
    let folder = Folder::new();
    folder.put("list.crl", &list());
    assert_eq!(folder.check("list.crl").unwrap().kind, "crl");
    assert_eq!(folder.reason("list.crl"), None);
    assert_eq!(folder.reason("--time 2026-06-30T00:00:00Z list.crl").as_deref(), Some("crl-stale"));
    let mut broken = list();
    *broken.last_mut().unwrap() ^= 1;
    folder.put("list.crl", &broken);
    assert_eq!(folder.reason("--issuer root.der list.crl").as_deref(), Some("crl-signature"));
}

#[test]
fn bare_signatures_need_their_document_and_their_signer() {
    let folder = Folder::new();
    let mut digest_info = crate::jpki::SHA256_DIGEST_INFO_PREFIX.to_vec();
    digest_info.extend(sha256(DOCUMENT));
    folder.put("raw", &CARD.sign(&digest_info).unwrap());
    assert_eq!(folder.reason("--kind raw --content document --issuer card.der raw"), None);
    assert_eq!(
        folder.reason("--kind raw --content root.der --issuer card.der raw").as_deref(),
        Some("signature-mismatch")
    );
    assert!(matches!(folder.check("--kind raw --issuer card.der raw"), Err(Unusable::Missing { .. })));
    assert!(matches!(folder.check("--kind raw --content document raw"), Err(Unusable::Missing { .. })));
}

#[test]
fn the_laboratory_loosens_what_it_names_and_only_there() {
    let folder = Folder::new();
    let user = AUTHORITY
        .issue(&CardHolder::new("試験　花子", "420000229", "兵庫県"), Fault::UserAuthentication, CARD.key(), NOW)
        .unwrap();
    folder.put("user.der", user.certificate_der());
    assert_eq!(folder.reason("user.der").as_deref(), Some("user-authentication-certificate"));
    assert_eq!(folder.reason("--profile lab --lab policy=any,ku=any,eku=any user.der"), None);
    assert!(folder.reason("--profile lab user.der").is_some());
    assert!(matches!(folder.check("--lab policy=any user.der"), Err(Unusable::LabOutside)));
    assert!(Line::try_parse_from("verify --anchor a --profile lab --lab everything b".split(' ')).is_err());
}

#[test]
fn the_laboratory_asks_lists_by_the_book() {
    let folder = Folder::new();
    folder.put("list.crl", &list());
    let laboratory = "--profile lab --lab policy=any,ku=any,eku=any,depth=9";
    assert_eq!(folder.reason(&format!("{laboratory} --crl list.crl card.der")), None);
    let late = folder.reason(&format!("{laboratory} --crl list.crl --time 2026-06-30T00:00:00Z card.der"));
    assert_eq!(late.as_deref(), Some("revocation-unknown"));
    let block = |der: &[u8]| {
        format!("-----BEGIN X509 CRL-----\n{}\n-----END X509 CRL-----\n", data_encoding::BASE64.encode(der))
    };
    folder.put("both.pem", [block(b"another"), block(&list())].concat().as_bytes());
    let report = folder.check(&format!("{laboratory} --crl both.pem card.der")).unwrap();
    assert!(report.valid && report.unused.len() == 1);
}

#[test]
fn what_cannot_be_read_is_told_apart_from_what_does_not_count() {
    let folder = Folder::new();
    folder.put("neither", b"neither");
    assert!(matches!(folder.check("no-such-file"), Err(Unusable::Unreadable { .. })));
    assert!(matches!(folder.check("neither"), Err(Unusable::Unknown { .. })));
    assert_eq!(folder.reason("--kind cert neither").as_deref(), Some("certificate-malformed"));
    assert_eq!(folder.reason("--kind evidence neither").as_deref(), Some("evidence-container"));
    assert!(matches!(folder.check("--content document card.der"), Err(Unusable::Superfluous { .. })));
    assert!(matches!(folder.check("--anchor card.der card.der"), Err(Unusable::Root { .. })));
    folder.put("broken.pem", b"-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n");
    assert!(matches!(folder.check("broken.pem"), Err(Unusable::Pem { .. })));
    assert_eq!(folder.reason("--kind cert broken.pem").as_deref(), Some("certificate-malformed"));
}
