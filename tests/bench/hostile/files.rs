//! PDF files, PEM files and archives.

use time::macros::datetime;
use todoke::evidence::Archive;
use todoke::jpki::{CrlSet, PdfSeal, Policies, Trust, pem_blocks, verify_pdf};

use super::{Case, Entry};

const NOW: time::OffsetDateTime = datetime!(2026-06-01 03:00 UTC);
const LARGE: usize = 20_000_000;

pub(super) const CASES: &[Entry] = &[
    ("pdf-words", || pdf(b"0 ".repeat(LARGE / 2))),
    ("pdf-comments", || pdf(b"%\n".repeat(LARGE / 2))),
    ("pdf-streams", || pdf(b"1 0 obj<</Length 1>>stream\nx\nendstream endobj\n".repeat(500_000))),
    ("pdf-streams-without-length", || pdf(b"1 0 obj<<>>stream\nendstreaendstream endobj\n".repeat(500_000))),
    ("pdf-byte-ranges", || pdf(b"1 0 obj<</ByteRange[0 1 2 3]/Contents<30>>>endobj\n".repeat(200_000))),
    ("pdf-arrays-open", || pdf([&b"1 0 obj"[..], &b"[".repeat(LARGE)].concat())),
    ("pdf-arrays-closed", || {
        let nest = [b"[".repeat(127), b"]".repeat(127)].concat();
        pdf([&b"1 0 obj"[..], &nest.repeat(LARGE / nest.len()), b"endobj\n"].concat())
    }),
    ("pdf-dictionary-of-keys", || pdf([&b"1 0 obj<<"[..], &b"/A 1".repeat(LARGE / 4), b">>endobj\n"].concat())),
    ("pdf-name", || pdf([&b"1 0 obj<</"[..], &b"#41".repeat(LARGE / 3), b" 1>>endobj\n"].concat())),
    ("pdf-text-open", || pdf([&b"1 0 obj "[..], &b"(".repeat(LARGE)].concat())),
    ("pdf-hexadecimal", || pdf([&b"1 0 obj <"[..], &b"41".repeat(LARGE / 2), b"> endobj\n"].concat())),
    ("pdf-contents-nested", || {
        let nest = [[0x30, 0x80].repeat(30), [0, 0].repeat(30)].concat();
        let message = [&[0x30, 0x80][..], &nest.repeat(LARGE / 2 / nest.len()), &[0, 0]].concat();
        let contents = data_encoding::HEXLOWER.encode(&message);
        signed(&contents, &CrlSet::new())
    }),
    ("pdf-original-of-90000-objects", original_of_many_objects),
    ("pem-ends", || Case::new(b"-----BEGIN A\n-----END B\n".repeat(LARGE / 24), pem)),
    ("pem-only-ends", || Case::new([&b"-----BEGIN "[..], &b"\n-----END ".repeat(LARGE / 10)].concat(), pem)),
    ("pem-lines", || Case::new([&b"-----BEGIN A\n"[..], &b"A\n".repeat(LARGE / 2)].concat(), pem)),
    ("zip-directory", || Case::new(zip(700_000, 0, &[]), archive)),
    ("zip-directory-counted-low", || Case::new(zip(700_000, 1, &[]), archive)),
    ("zip-overlapping", || Case::new(zip(64, 64, &vec![0; LARGE]), archive)),
];

fn nobody() -> Trust {
    Trust::signing(Vec::new(), Policies::demo())
}

fn pdf(body: Vec<u8>) -> Case {
    let file = [b"%PDF-1.7\n", body.as_slice(), b"\n%%EOF\n"].concat();
    drop(body);
    Case::new(file, |file| format!("{:?}", verify_pdf(file, None, &nobody(), &CrlSet::new(), NOW).reason()))
}

/// A file whose signature covers it and has these contents.
fn signed(contents: &str, lists: &CrlSet) -> Case {
    let head = "%PDF-1.7\n1 0 obj<</Type/Sig/SubFilter/adbe.pkcs7.detached/ByteRange[0 ";
    let tail = ">>endobj\n%%EOF\n";
    let range = |gap: usize| format!("{gap:010} {:010} {:010}]/Contents", gap + contents.len() + 2, tail.len());
    let gap = head.len() + range(0).len();
    let file = format!("{head}{}<{contents}>{tail}", range(gap)).into_bytes();
    let lists = lists.clone();
    Case::new(file, move |file| format!("{:?}", verify_pdf(file, None, &nobody(), &lists, NOW).reason()))
}

fn original_of_many_objects() -> Case {
    let mut pdf = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]>>endobj\n3 0 obj<</Type/Page>>endobj\n".to_vec();
    for number in 4..90_000 {
        pdf.extend_from_slice(format!("{number} 0 obj null endobj\n").as_bytes());
    }
    let table = pdf.len();
    pdf.extend_from_slice(
        format!("xref\n0 1\n0000000000 65535 f \ntrailer<</Size 90000/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n")
            .as_bytes(),
    );
    Case::new(pdf, |pdf| {
        let sealed = PdfSeal::prepare(pdf, NOW).and_then(|seal| seal.seal(&[0x30, 0]));
        let verify = |file: &[u8]| verify_pdf(file, Some(pdf), &nobody(), &CrlSet::new(), NOW).reason();
        format!("{:?}", sealed.map(|file| verify(&file)))
    })
}

fn pem(file: &[u8]) -> String {
    format!("{:?} blocks", pem_blocks(file).map(|blocks| blocks.len()))
}

fn archive(file: &[u8]) -> String {
    format!("{:?}", Archive::from_zip(file).map(drop))
}

/// An archive of `entries` that all point to the same contents, and say to be `said`.
fn zip(entries: usize, said: u16, contents: &[u8]) -> Vec<u8> {
    let size = u32::try_from(contents.len()).unwrap_or_default().to_le_bytes();
    let crc = [0; 4];
    let common = [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &crc, &size, &size, &[8, 0, 0, 0]].concat();
    let mut zip = [b"PK\x03\x04", common.as_slice(), b"00000000", contents].concat();
    let start = zip.len();
    for entry in 0..entries {
        zip.extend_from_slice(b"PK\x01\x02\x14\x00");
        zip.extend_from_slice(&common);
        zip.extend_from_slice(&[0; 14]);
        zip.extend_from_slice(format!("{entry:08}").as_bytes());
    }
    let size = u32::try_from(zip.len() - start).unwrap_or_default().to_le_bytes();
    let start = u32::try_from(start).unwrap_or_default().to_le_bytes();
    let said = said.to_le_bytes();
    zip.extend_from_slice(&[b"PK\x05\x06\0\0\0\0", &said[..], &said, &size, &start, &[0, 0]].concat());
    zip
}
