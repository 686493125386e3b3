//! The second opinion on PDF signatures: files that pyHanko signed (see their SOURCE.md).

use super::*;
use crate::jpki::{Reason, verify_pdf};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pdf/", $name)).as_slice()
    };
}

const DOCUMENT: &[u8] = fixture!("document.pdf");

fn check(pdf: &[u8], original: Option<&[u8]>) -> Option<Reason> {
    let anchor = Anchor::from_der(fixture!("anchor.der")).unwrap();
    let trust = Trust::signing(vec![anchor], Policies::demo());
    verify_pdf(pdf, original, &trust, &CrlSet::new(), NOW).reason()
}

#[test]
fn what_pyhanko_signs_counts() {
    let files = [
        fixture!("pyhanko-pkcs7.pdf"),
        fixture!("pyhanko-cades.pdf"),
        fixture!("pyhanko-docmdp.pdf"),
        fixture!("pyhanko-visible.pdf"),
        fixture!("pyhanko-xref-stream.pdf"),
    ];
    for (number, file) in files.iter().enumerate() {
        assert_eq!(check(file, None), None, "file {number}");
    }
    assert_eq!(check(fixture!("pyhanko-two.pdf"), None), Some(Reason::PdfSignatureMultiple));
}

#[test]
fn the_document_is_recognised_under_an_invisible_signature() {
    assert_eq!(check(fixture!("pyhanko-pkcs7.pdf"), Some(DOCUMENT)), None);
    assert_eq!(check(fixture!("pyhanko-cades.pdf"), Some(DOCUMENT)), None);
    assert_eq!(check(fixture!("pyhanko-docmdp.pdf"), Some(DOCUMENT)), None);
    assert_eq!(check(fixture!("pyhanko-visible.pdf"), Some(DOCUMENT)), Some(Reason::PdfSignatureVisible));
    assert_eq!(check(fixture!("pyhanko-xref-stream.pdf"), Some(DOCUMENT)), Some(Reason::PdfOriginalChanged));
}
