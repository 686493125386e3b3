//! Making room for a signature in a PDF: an incremental update with an invisible field, and a hole
//! that a CMS message is put into (ISO 32000-2 §12.8.1).

use aws_lc_rs::digest::{Context, SHA256};
use std::fmt::Write as _;
use time::OffsetDateTime;

use super::object::Object;
use super::outline::Outline;
use super::scan::Placed;
use crate::jpki::reason::Reason;

/// Octets of the largest message that fits, certificate included.
const ROOM: usize = 8192;
/// As wide as any number that a file of the lawful size needs.
const BLANK_RANGE: &str = "[0 0000000000 0000000000 0000000000]";
const MAX_OBJECTS: usize = 100_000;
const MAX_PAGE_DEPTH: usize = 16;

/// A document that waits for its signature.
#[derive(Debug, Clone)]
pub struct PdfSeal {
    bytes: Vec<u8>,
    gap: std::ops::Range<usize>,
}

impl PdfSeal {
    /// Adds an empty signature to a document with an ordinary cross-reference table whose first page
    /// has no annotations and which has no form.
    ///
    /// # Errors
    /// `PdfMalformed` for any other file.
    pub fn prepare(pdf: &[u8], at: OffsetDateTime) -> Result<Self, Reason> {
        let outline = Outline::read(pdf, 0, MAX_OBJECTS)?;
        let root = outline.reference(b"Root").ok_or(Reason::PdfMalformed)?;
        let size = outline.number(b"Size").ok_or(Reason::PdfMalformed)?;
        let previous = outline.starts.last().ok_or(Reason::PdfMalformed)?;
        let page = first_page(pdf, &outline, root)?;
        let (field, signature) = (size, size + 1);
        let mut writer = Writer { bytes: pdf.to_vec(), places: Vec::new() };
        if !pdf.ends_with(b"\n") {
            writer.bytes.push(b'\n');
        }
        let with = |number, key: &[u8], entry: &str| {
            let placed = outline.find(number).ok_or(Reason::PdfMalformed)?;
            with_entry(pdf, placed, key, entry)
        };
        let catalog = with(root, b"AcroForm", &format!("/AcroForm<</Fields[{field} 0 R]/SigFlags 3>>"))?;
        writer.object(root, &catalog);
        writer.object(page, &with(page, b"Annots", &format!("/Annots[{field} 0 R]"))?);
        let widget = format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/F 132/Rect[0 0 0 0]/P {page} 0 R/V {signature} 0 R>>"
        );
        writer.object(field, widget.as_bytes());
        let at = at.to_offset(time::UtcOffset::UTC);
        let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
        let (hour, minute, second) = (at.hour(), at.minute(), at.second());
        let head = format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached\
             /M(D:{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z)/ByteRange{BLANK_RANGE}/Contents"
        );
        let start = writer.object(signature, format!("{head}<{}>>>", "0".repeat(2 * ROOM)).as_bytes()) + head.len();
        let gap = start..start + 2 * ROOM + 2;
        let mut bytes = writer.finish(&outline, size + 2, *previous)?;
        let range = format!("[0 {} {} {}", gap.start, gap.end, bytes.len() - gap.end);
        let range = format!("{range:<width$}]", width = BLANK_RANGE.len() - 1);
        let at = gap.start - "/Contents".len() - BLANK_RANGE.len();
        bytes.get_mut(at..at + range.len()).ok_or(Reason::TooLarge)?.copy_from_slice(range.as_bytes());
        Ok(Self { bytes, gap })
    }

    /// SHA-256 of everything but the hole: what the message digest of the signature is.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        let mut digest = Context::new(&SHA256);
        digest.update(self.bytes.get(..self.gap.start).unwrap_or_default());
        digest.update(self.bytes.get(self.gap.end..).unwrap_or_default());
        let mut value = [0; 32];
        value.copy_from_slice(digest.finish().as_ref());
        value
    }

    /// The signed file.
    ///
    /// # Errors
    /// `TooLarge` if the message does not fit into the hole.
    pub fn seal(mut self, cms: &[u8]) -> Result<Vec<u8>, Reason> {
        let hole = self.bytes.get_mut(self.gap.start + 1..self.gap.end - 1).ok_or(Reason::TooLarge)?;
        let digits = data_encoding::HEXLOWER.encode(cms);
        hole.get_mut(..digits.len()).ok_or(Reason::TooLarge)?.copy_from_slice(digits.as_bytes());
        Ok(self.bytes)
    }
}

/// The number of the first page, down the page tree.
fn first_page(pdf: &[u8], outline: &Outline, root: i64) -> Result<i64, Reason> {
    let catalog = outline.object(pdf, root)?;
    let mut number = catalog.entry(b"Pages").and_then(Object::reference).ok_or(Reason::PdfMalformed)?;
    for _ in 0..MAX_PAGE_DEPTH {
        let node = outline.object(pdf, number)?;
        let Some(kids) = node.entry(b"Kids") else { return Ok(number) };
        let first = kids.members().and_then(<[Object]>::first).and_then(Object::reference);
        number = first.ok_or(Reason::PdfMalformed)?;
    }
    Err(Reason::PdfMalformed)
}

/// The dictionary with one entry more, which it must not have yet.
fn with_entry(pdf: &[u8], placed: &Placed, key: &[u8], entry: &str) -> Result<Vec<u8>, Reason> {
    if Object::parse(pdf, &placed.body)?.entry(key).is_some() {
        return Err(Reason::PdfMalformed);
    }
    let body = pdf.get(placed.body.clone()).unwrap_or_default().trim_ascii();
    let body = body.strip_suffix(b">>").ok_or(Reason::PdfMalformed)?;
    Ok([body, entry.as_bytes(), b">>"].concat())
}

/// Objects at the end of a file, and where each begins.
struct Writer {
    bytes: Vec<u8>,
    places: Vec<(i64, usize)>,
}

impl Writer {
    /// Gives where the body begins.
    fn object(&mut self, number: i64, body: &[u8]) -> usize {
        self.places.push((number, self.bytes.len()));
        self.bytes.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        let start = self.bytes.len();
        self.bytes.extend_from_slice(body);
        self.bytes.extend_from_slice(b"\nendobj\n");
        start
    }

    fn finish(mut self, outline: &Outline, size: i64, previous: i64) -> Result<Vec<u8>, Reason> {
        let start = self.bytes.len();
        let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
        for (number, place) in &self.places {
            write!(table, "{number} 1\n{place:010} 00000 n \n").map_err(|_| Reason::TooLarge)?;
        }
        let root = outline.reference(b"Root").ok_or(Reason::PdfMalformed)?;
        let information = outline.reference(b"Info").map_or_else(String::new, |info| format!("/Info {info} 0 R"));
        let end = format!(
            "trailer\n<</Size {size}/Root {root} 0 R{information}/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n"
        );
        self.bytes.extend_from_slice(table.as_bytes());
        self.bytes.extend_from_slice(end.as_bytes());
        Ok(self.bytes)
    }
}
