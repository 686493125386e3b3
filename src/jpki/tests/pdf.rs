//! PDF signatures: the ordinary one, and the attacks that are known on others.

use super::*;
use crate::jpki::{Check, Reason, verify_pdf};

/// A document of one page with an ordinary cross-reference table.
fn document() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/Lang(ja-JP)/Metadata 5 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.276 841.89]/Contents 4 0 R/Resources<<>>>>",
        "<</Length 33>>\nstream\n0 0 m 100 100 l S % /ByteRange <<\nendstream",
        "<</Type/Metadata/Subtype/XML/Length 66>>\nstream\n\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>\nendstream",
        "<</Producer(todoke)/CreationDate(D:20260601120000+09'00')>>",
    ];
    let mut pdf = b"%PDF-1.7\n%\x80\x80\x80\x80\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", number + 1).as_bytes());
    }
    let start = pdf.len();
    let end = format!("trailer\n<</Size {}/Root 1 0 R/Info 6 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    [pdf, table.into_bytes(), end.into_bytes()].concat()
}

fn signed() -> Vec<u8> {
    GOOD_CARD.sign_pdf(&document(), NOW).unwrap()
}

fn check(pdf: &[u8], original: Option<&[u8]>) -> Verdict {
    verify_pdf(pdf, original, &trust(), &CrlSet::new(), NOW)
}

fn reason(pdf: &[u8]) -> Option<Reason> {
    check(pdf, None).reason()
}

/// Where a text first stands.
fn find(pdf: &[u8], text: &str) -> usize {
    pdf.windows(text.len()).position(|window| window == text.as_bytes()).unwrap()
}

/// Replaces the first occurrence by a text of the same length.
fn replace(pdf: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut changed = pdf.to_vec();
    let at = find(pdf, from);
    changed[at..at + to.len()].copy_from_slice(to.as_bytes());
    changed
}

/// The numbers of the byte range after its zero.
fn byte_range(pdf: &[u8]) -> (usize, usize, usize) {
    let text = String::from_utf8_lossy(&pdf[find(pdf, "/ByteRange[")..][11..46]).into_owned();
    let numbers: Vec<usize> = text.trim_end_matches(']').split_whitespace().map(|word| word.parse().unwrap()).collect();
    (numbers[1], numbers[2], numbers[3])
}

fn with_byte_range(pdf: &[u8], range: &str) -> Vec<u8> {
    let mut changed = pdf.to_vec();
    let at = find(pdf, "/ByteRange[") + 10;
    changed[at..at + 36].copy_from_slice(format!("{range:<36}").as_bytes());
    changed
}

#[test]
fn a_signature_over_the_whole_file_counts() {
    let verdict = check(&signed(), Some(&document()));
    assert_eq!(verdict.reason(), None, "{verdict:?}");
    let checks: Vec<_> = verdict.steps.iter().map(|step| step.check).collect();
    assert_eq!(checks[..4], [Check::Coverage, Check::Original, Check::Container, Check::Document]);
    assert_eq!(verdict.signer.unwrap().holder.unwrap().name, "試験　花子");
}

#[test]
fn a_document_without_one_signature_is_told_so() {
    assert_eq!(reason(&document()), Some(Reason::PdfSignatureMissing));
    assert_eq!(reason(b"%PDF-1.7\n%%EOF"), Some(Reason::PdfSignatureMissing));
    assert_eq!(reason(b"no PDF"), Some(Reason::PdfMalformed));
    let twice = GOOD_CARD.sign_pdf(&document(), NOW).unwrap();
    let second = "9 0 obj\n<</Type/Sig/Byte#52ange[0 1 2 3]>>\nendobj\n%%EOF\n";
    assert_eq!(reason(&[twice, second.as_bytes().to_vec()].concat()), Some(Reason::PdfSignatureMultiple));
    // What stands in a string, a comment or a stream is no dictionary.
    let quoted = "9 0 obj\n(<</ByteRange[0 1 2 3]>>)\nendobj\n% <</ByteRange[]>>\n%%EOF\n";
    assert_eq!(reason(&[signed(), quoted.as_bytes().to_vec()].concat()), Some(Reason::PdfNotCovered));
}

#[test]
fn every_byte_must_be_covered() {
    let good = signed();
    assert_eq!(reason(&[good.as_slice(), b"\n"].concat()), Some(Reason::PdfNotCovered));
    // Incremental saving attack: the page is replaced after signing.
    let page = "3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 9 0 R>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n";
    assert_eq!(reason(&[good.as_slice(), page.as_bytes()].concat()), Some(Reason::PdfNotCovered));
    let (start, end, rest) = byte_range(&good);
    for range in [format!("[0 {start} {end} {}]", rest - 1), format!("[0 {start} {end} {}]", rest - 7)] {
        assert_eq!(reason(&with_byte_range(&good, &range)), Some(Reason::PdfNotCovered), "{range}");
    }
}

#[test]
fn the_byte_range_leaves_out_exactly_the_signature() {
    let good = signed();
    let (start, end, rest) = byte_range(&good);
    for range in [
        format!("[1 {start} {end} {rest}]"),
        format!("[0 -{start} {end} {rest}]"),
        format!("[0 {start} {end} {}]", rest + 1),
        format!("[0 {end} {start} {rest}]"),
        format!("[0 {start} {end}]"),
        format!("[0 {start} {end} {rest} 0 0]"),
        "[0 9 9 9223372036854775807]".to_owned(),
        "[0 9 9 99999999999999999999]".to_owned(),
        "[]".to_owned(),
        " 9 0 R".to_owned(),
        " null".to_owned(),
    ] {
        assert_eq!(reason(&with_byte_range(&good, &range)), Some(Reason::PdfByteRange), "{range}");
    }
    // Signature wrapping: the gap is moved or widened to hold other content.
    for range in [
        format!("[0 {} {end} {rest}]", start - 1),
        format!("[0 {} {end} {rest}]", start + 1),
        format!("[0 {start} {} {}]", end + 1, rest - 1),
        format!("[0 {start} {} {}]", end - 2, rest + 2),
        format!("[0 0 1 {}]", good.len() - 1),
    ] {
        assert_eq!(reason(&with_byte_range(&good, &range)), Some(Reason::PdfContents), "{range}");
    }
}

#[test]
fn the_gap_holds_the_message_and_zeros() {
    let good = signed();
    let (start, end, _) = byte_range(&good);
    let with = |at: usize, byte: u8| {
        let mut changed = good.clone();
        changed[at] = byte;
        reason(&changed)
    };
    assert_eq!(with(end - 2, b'1'), Some(Reason::PdfContents), "padding is zeros");
    assert_eq!(with(end - 3, b' '), Some(Reason::PdfContents), "no blanks");
    assert_eq!(with(end - 3, b'g'), Some(Reason::PdfMalformed));
    assert_eq!(with(start, b'('), Some(Reason::PdfMalformed));
    let mut empty = good.clone();
    empty[start + 1..end - 1].fill(b'0');
    assert_eq!(reason(&empty), Some(Reason::PdfContents));
}

#[test]
fn only_detached_messages_count() {
    let good = signed();
    let with = |filter: &str| {
        let padded = format!("/SubFilter{filter:<20}");
        reason(&replace(&good, "/SubFilter/adbe.pkcs7.detached", &padded))
    };
    assert_eq!(with("/adbe.pkcs7.sha1"), Some(Reason::PdfSubfilter));
    assert_eq!(with("/adbe.x509.rsa_sha1"), Some(Reason::PdfSubfilter));
    assert_eq!(with("/ETSI.RFC3161"), Some(Reason::PdfDocumentTimestamp));
    assert_eq!(with("null"), Some(Reason::PdfSubfilter));
    assert_eq!(reason(&replace(&good, "/Type/Sig", "/Type/Foo")), Some(Reason::PdfSignatureMissing));
    assert_eq!(reason(&replace(&good, "/Prev ", "/Foo  ")), Some(Reason::MessageDigestMismatch));
    assert_eq!(reason(&replace(&good, "/Info 6 0 R", "/Encrypt 6 ")), Some(Reason::PdfEncrypted));
    // PAdES wants the certificate named in what is signed.
    let cades = replace(&good, "/SubFilter/adbe.pkcs7.detached", "/SubFilter/ETSI.CAdES.detached");
    assert_eq!(reason(&cades), Some(Reason::SigningCertificateMissing));
}

#[test]
fn the_file_is_the_document_that_was_handed_out() {
    let good = signed();
    let other = replace(&document(), "100 100 l", "100 900 l");
    assert_eq!(check(&good, Some(&other)).reason(), Some(Reason::PdfOriginalChanged));
    assert_eq!(check(&good, Some(&good)).reason(), Some(Reason::PdfOriginalChanged));
    assert_eq!(check(&good, Some(b"")).reason(), Some(Reason::PdfOriginalChanged));
}

/// The signer adds objects of their own before signing, as the one who signs can.
fn changed_before_signing(objects: &[(u32, &str)]) -> Option<Reason> {
    let original = document();
    let mut pdf = original.clone();
    let previous = find(&pdf, "xref\n0");
    let mut table = String::from("xref\n");
    for (number, object) in objects {
        table.push_str(&format!("{number} 1\n{:010} 00000 n \n", pdf.len()));
        pdf.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
    }
    let start = pdf.len();
    let end = format!("trailer\n<</Size 20/Root 1 0 R/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n");
    let pdf = [pdf, table.into_bytes(), end.into_bytes()].concat();
    let verdict = check(&GOOD_CARD.sign_pdf(&pdf, NOW).unwrap(), Some(&original));
    // The file as such is in order; only the document is another one.
    assert_eq!(check(&GOOD_CARD.sign_pdf(&pdf, NOW).unwrap(), None).reason(), None);
    verdict.reason()
}

#[test]
fn nothing_is_added_before_the_signature() {
    let contents = "<</Length 5>>\nstream\n0 g f\nendstream";
    assert_eq!(changed_before_signing(&[(4, contents)]), Some(Reason::PdfContentChanged));
    assert_eq!(changed_before_signing(&[(9, contents)]), Some(Reason::PdfContentChanged));
    assert_eq!(changed_before_signing(&[]), Some(Reason::PdfContentChanged));
}

/// The update of an honest signature, changed and signed again with the right digest.
fn resigned(change: impl FnOnce(String) -> String) -> Option<Reason> {
    let original = document();
    let good = signed();
    let (start, end, _) = byte_range(&good);
    let head = change(String::from_utf8(good[original.len()..start].to_vec()).unwrap());
    let tail = String::from_utf8(good[end..].to_vec()).unwrap();
    // Offsets move with the length of the head.
    let lines = format!("\n{head}");
    let moved = |object: &str| lines.find(&format!("\n{object}")).map(|at| original.len() + at);
    let mut table = String::from("\nendobj\nxref\n");
    for object in ["1 0 obj", "3 0 obj", "7 0 obj", "8 0 obj"] {
        let number = &object[..1];
        table.push_str(&format!("{number} 1\n{:010} 00000 n \n", moved(object).unwrap()));
    }
    if let Some(at) = moved("4 0 obj") {
        table.push_str(&format!("4 1\n{at:010} 00000 n \n"));
    }
    let hole = end - start;
    let tail = tail.split_once("trailer").unwrap().1;
    let (trailer, _) = tail.split_once("startxref").unwrap();
    let at = original.len() + head.len() + hole + ">>\nendobj\n".len();
    let tail = format!(">>{table}trailer{trailer}startxref\n{at}\n%%EOF\n");
    let start = original.len() + head.len();
    let (from, to) = head.split_once("/ByteRange").unwrap();
    let range = format!("[0 {start} {} {}", start + hole, tail.len());
    let head = format!("{from}/ByteRange{range:<35}]{}", &to[36..]);
    let mut digest = original.clone();
    digest.extend_from_slice(head.as_bytes());
    digest.extend_from_slice(tail.as_bytes());
    let attributes = SignedAttributes::new(sha256(&digest), NOW);
    let signature = GOOD_CARD.sign(&attributes.digest_info()).unwrap();
    let cms = attributes.to_cms(&signature, GOOD_CARD.certificate_der()).unwrap();
    let contents = format!("<{:0<width$}>", data_encoding::HEXLOWER.encode(&cms), width = hole - 2);
    let pdf = [&original, head.as_bytes(), contents.as_bytes(), tail.as_bytes()].concat();
    assert_eq!(check(&pdf, None).reason(), None, "{}", String::from_utf8_lossy(&pdf));
    check(&pdf, Some(&original)).reason()
}

#[test]
fn the_update_holds_what_a_signature_needs_and_nothing_else() {
    assert_eq!(resigned(|head| head), None);
    let with = |from: &str, to: &str| resigned(|head| head.replacen(from, to, 1));
    let changed = Some(Reason::PdfContentChanged);
    // Spelling and order do not matter.
    assert_eq!(with("/MediaBox[0 0 595.276 841.89]", "/MediaBox [ 0.0 0 595.27600 +841.89 ]"), None);
    assert_eq!(with("/Lang(ja-JP)", "/Lang<6A612D4A50>"), None);
    assert_eq!(with("/Fields[", "/DA(/Helv 0 Tf)/Fields["), None);
    // What shows on the page does.
    assert_eq!(with("/MediaBox[0 0 595.276", "/MediaBox[0 0 595.376"), changed);
    assert_eq!(with("/Contents 4 0 R", "/Contents 9 0 R"), changed);
    assert_eq!(with("/Rect[0 0 0 0]", "/Rect[0 0 200 200]"), Some(Reason::PdfSignatureVisible));
    assert_eq!(with("/Rect[0 0 0 0]", ""), changed);
    assert_eq!(with("/Annots[7 0 R]", "/Annots[7 0 R 2 0 R]"), changed);
    // What acts does.
    assert_eq!(with("/Lang(ja-JP)", "/Lang(ja-JP)/OpenAction 9 0 R"), changed);
    assert_eq!(with("/FT/Sig", "/FT/Sig/AA<<>>"), changed);
    assert_eq!(with("/FT/Sig", "/FT/Btn"), changed);
    assert_eq!(with("/Fields[7 0 R]", "/Fields[7 0 R 2 0 R]"), changed);
    assert_eq!(with("/Fields[7 0 R]", "/Fields[7 0 R]/XFA 9 0 R"), changed);
    assert_eq!(with("/V 8 0 R", "/V 9 0 R"), changed);
    assert_eq!(with("/Lang(ja-JP)", ""), changed);
    assert_eq!(with("/Lang(ja-JP)", "/Lang(ja-JP)/Lang(ja-JP)"), changed);
    // An old object of the page is written anew.
    let contents = "\n4 0 obj\n<</Length 5>>\nstream\n0 g f\nendstream\nendobj\n7 0 obj";
    assert_eq!(with("\n7 0 obj", contents), changed);
}

#[test]
fn a_changed_byte_never_counts() {
    let good = signed();
    let (start, end, _) = byte_range(&good);
    let trust = trust();
    let message = find(&good, "/Contents<") + 10..find(&good[start..], "00000000000000000000") + start;
    let lists = CrlSet::new();
    for position in (0..good.len()).filter(|position| !message.contains(position)) {
        // The padding is long and alike.
        if (message.end + 64..end - 64).contains(&position) {
            continue;
        }
        for mask in [0x01, 0x20, 0x80] {
            let mut changed = good.clone();
            changed[position] ^= mask;
            let verdict = verify_pdf(&changed, None, &trust, &lists, NOW);
            assert!(!verdict.is_valid(), "byte {position} xor {mask:#04x} counts");
        }
    }
}

#[test]
fn nested_and_broken_files_end_in_a_reason() {
    let wrap = |body: &[u8]| [b"%PDF-1.7\n1 0 obj\n", body, b"\nendobj\n%%EOF"].concat();
    assert_eq!(reason(&wrap(&b"[".repeat(1_000_000))), Some(Reason::TooDeep));
    assert_eq!(reason(&wrap(&b"<</A".repeat(1_000_000))), Some(Reason::TooDeep));
    for body in
        [&b"<</Length 9>>\nstream\n"[..], b"<</A>>", b"<<1 2>>", b"]", b"(", b"<", b"1 0 obj", b"<<]", b"stream\n"]
    {
        assert_eq!(reason(&wrap(body)), Some(Reason::PdfMalformed), "{}", String::from_utf8_lossy(body));
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(text in "[\\[\\]<>()/%0-9 a-zR\\n]{0,200}", cut in 0_usize..20_000) {
        let pdf = format!("%PDF-1.7\n{text}\n%%EOF");
        proptest::prop_assert!(!check(pdf.as_bytes(), None).is_valid());
        let good = signed();
        let cut = &good[..cut.min(good.len() - 1)];
        proptest::prop_assert!(!check(cut, None).is_valid());
        // The line that ends the document may count to either.
        let whole = document().len() - 1..=document().len();
        proptest::prop_assert_eq!(check(&good, Some(cut)).is_valid(), whole.contains(&cut.len()));
    }
}
