//! PDF files: by the authority's signing software, and smaller ones with every form and fault.

use todoke_fuzz::demo::authority::Fault;
use todoke_fuzz::entry::{NOW, without_signature};

use super::messages::Draft;
use super::{Corpus, People};

/// Octets of the messages here at most.
const ROOM: usize = 2600;
const RANGE: &[u8] = b"/ByteRange";

/// A document of one page with an ordinary cross-reference table.
fn unsigned() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/Lang(ja-JP)>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>",
        "<</Length 33>>\nstream\n0 0 m 100 100 l S % /ByteRange <<\nendstream",
    ];
    let mut pdf = b"%PDF-1.7\n%\x80\x80\x80\x80\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", pdf.len());
        pdf.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", number + 1).as_bytes());
    }
    let start = pdf.len();
    let end = format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    [pdf, table.into_bytes(), end.into_bytes()].concat()
}

fn find(pdf: &[u8], text: &[u8]) -> usize {
    pdf.windows(text.len()).rposition(|window| window == text).expect("it stands there")
}

fn replaced(pdf: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = find(pdf, from.as_bytes());
    [&pdf[..at], to.as_bytes(), &pdf[at + from.len()..]].concat()
}

/// The signed file with the hole cut to `ROOM` and nothing in it yet.
fn opened(sealed: &[u8]) -> Vec<u8> {
    let start = find(sealed, b"/Contents<") + "/Contents".len();
    let end = start + sealed[start..].iter().position(|byte| *byte == b'>').expect("it ends") + 1;
    let hole = format!("<{}>", "0".repeat(2 * ROOM));
    let cut = end - start - hole.len();
    let digits = find(sealed, b"startxref\n") + "startxref\n".len();
    let text = str::from_utf8(&sealed[digits..]).expect("a number");
    let table: usize = text.lines().next().and_then(|line| line.parse().ok()).expect("a number");
    let pdf = [&sealed[..start], hole.as_bytes(), &sealed[end..digits]].concat();
    let mut pdf = [pdf, format!("{}\n%%EOF\n", table - cut).into_bytes()].concat();
    let behind = start + hole.len();
    let range = format!("[0 {start} {behind} {}", pdf.len() - behind);
    let at = find(&pdf, RANGE) + RANGE.len();
    pdf[at..at + 36].copy_from_slice(format!("{range:<35}]").as_bytes());
    pdf
}

fn filled(opened: &[u8], message: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let start = find(opened, b"/Contents<") + "/Contents".len();
    let end = start + 2 * ROOM + 2;
    let covered = [&opened[..start], &opened[end..]].concat();
    let digits = data_encoding::HEXLOWER.encode(&message(&covered));
    let mut pdf = opened.to_vec();
    pdf[start + 1..=start + digits.len()].copy_from_slice(digits.as_bytes());
    pdf
}

pub fn plant(corpus: &mut Corpus, people: &People) {
    let card = &people.card;
    let original = unsigned();
    corpus.share("unsigned.pdf", &original);
    let full = card.sign_pdf(&original, NOW).expect("a signature");
    let opened = opened(&full);
    let cades = replaced(&opened, "adbe.pkcs7.detached", "ETSI.CAdES.detached");
    let signed = |covered: &[u8]| Draft::new(card, covered).to_der();
    let pkcs7 = filled(&opened, signed);
    let unreferenced = |covered: &[u8]| Draft { with_reference: false, ..Draft::new(card, covered) }.to_der();
    let by_next = |covered: &[u8]| Draft::new(&people.next_card, covered).to_der();
    let other_page = replaced(&opened, "MediaBox[0 0 595 842]", "MediaBox[0 0 842 595]");
    let expired = people.faulty(Fault::Expired);
    corpus.note(expired.certificate_der());
    let seeds = [
        ("pkcs7", pkcs7.clone()),
        ("cades", filled(&cades, signed)),
        ("cades-without-reference", filled(&cades, unreferenced)),
        ("cades-p384", filled(&cades, by_next)),
        ("by-the-signing-software", full.clone()),
        ("unsigned", original),
        ("attached", filled(&opened, |covered| Draft { attached: true, ..Draft::new(card, &covered[..9]) }.to_der())),
        ("appended", [pkcs7.as_slice(), b"9 0 obj\n<</Type/Page>>\nendobj\n%%EOF\n"].concat()),
        ("twice", [pkcs7.as_slice(), b"9 0 obj\n<</Type/Sig/Byte#52ange[0 1 2 3]>>\nendobj\n%%EOF\n"].concat()),
        ("other-page", filled(&other_page, signed)),
        ("expired", filled(&opened, |covered| Draft::new(&expired, covered).to_der())),
        ("document-timestamp", replaced(&pkcs7, "/SubFilter/adbe.pkcs7.detached", "/SubFilter/ETSI.RFC3161        ")),
        ("not-covered", replaced(&pkcs7, "]/Contents<", " /Contents<")),
        ("encrypted", replaced(&pkcs7, "/Prev ", "/Encrypt 3 0 R/Prev ")),
    ];
    for (_, pdf) in &seeds {
        if let Some(rest) = without_signature(pdf) {
            corpus.note(&rest);
        }
    }
    corpus.plant("pdf", &seeds.map(|(name, bytes)| (name.to_owned(), bytes)));
}

/// A small signed file, for archives.
pub fn signed(people: &People) -> Vec<u8> {
    let opened = opened(&people.card.sign_pdf(&unsigned(), NOW).expect("a signature"));
    filled(&opened, |covered| Draft::new(&people.card, covered).to_der())
}
