//! Making room for a signature in a PDF: an incremental update with an invisible field, and a hole
//! that a CMS message is put into (ISO 32000-2 §12.8.1).

use aws_lc_rs::digest::{Context, SHA256, digest};
use data_encoding::HEXLOWER;
use std::fmt::Write as _;
use time::OffsetDateTime;

use super::object::Object;
use super::outline::Outline;
use super::scan::Placed;
use super::signature::Form;
use crate::jpki::reason::Reason;

/// Octets of the largest message that fits, certificates included.
const ROOM: usize = 8192;
/// The same with a timestamp, which brings certificates of its own.
const ROOM_FOR_TIMESTAMP: usize = 24 * 1024;
/// As wide as any number that a file of the lawful size needs.
const BLANK_RANGE: &str = "[0 0000000000 0000000000 0000000000]";
const MAX_OBJECTS: usize = 100_000;
const MAX_PAGE_DEPTH: usize = 16;

/// What kind of signature is to come.
struct Shape<'a> {
    form: Form,
    at: OffsetDateTime,
    label: Option<&'a str>,
    room: usize,
}

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
        Self::of(pdf, &Shape { form: Form::Pkcs7, at, label: None, room: ROOM })
    }

    /// The same for an organisation's seal (ETSI EN 319 142-1 §6) in a document that conforms to PDF/A-2 and
    /// PDF/UA-1, and goes on doing so. The field has no area, so it needs neither appearance (ISO 19005-2 §6.3.3) nor
    /// a place in the structure (ISO 14289-1 §7.18.1), but a `label` for whoever hears it named.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub fn prepare_pades(pdf: &[u8], at: OffsetDateTime, label: &str, timestamped: bool) -> Result<Self, Reason> {
        let room = if timestamped { ROOM_FOR_TIMESTAMP } else { ROOM };
        Self::of(pdf, &Shape { form: Form::Cades, at, label: Some(label), room })
    }

    fn of(pdf: &[u8], shape: &Shape<'_>) -> Result<Self, Reason> {
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
        // ISO 14289-1 §7.18.3: whoever steps through the annotations goes by the structure.
        let has_order = outline.object(pdf, page)?.entry(b"Tabs").is_some();
        let order = if shape.label.is_some() && !has_order { "/Tabs/S" } else { "" };
        writer.object(page, &with(page, b"Annots", &format!("/Annots[{field} 0 R]{order}"))?);
        let label = shape.label.map_or_else(String::new, |label| format!("/TU{}", text_string(label)));
        let widget = format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1){label}/F 132/Rect[0 0 0 0]/P {page} 0 R\
             /V {signature} 0 R>>"
        );
        writer.object(field, widget.as_bytes());
        let at = shape.at.to_offset(time::UtcOffset::UTC);
        let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
        let (hour, minute, second) = (at.hour(), at.minute(), at.second());
        let head = format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/{}\
             /M(D:{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z)/ByteRange{BLANK_RANGE}/Contents",
            shape.form.as_str()
        );
        let digits = 2 * shape.room;
        let start = writer.object(signature, format!("{head}<{}>>>", "0".repeat(digits)).as_bytes()) + head.len();
        let gap = start..start + digits + 2;
        let mut bytes = writer.finish(pdf, &outline, size + 2, *previous)?;
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
        let digits = HEXLOWER.encode(cms);
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

/// The identity of the file, which every revision has where the first has one (ISO 19005-2 §6.1.3): the first half
/// stays, the second tells the revision (ISO 32000-2 §14.4).
fn identity(pdf: &[u8], outline: &Outline) -> String {
    let Some(halves) = outline.trailer.entry(b"ID").and_then(Object::members) else { return String::new() };
    let Some(first) = halves.first().and_then(Object::string) else { return String::new() };
    let revision = digest(&SHA256, pdf);
    let revision = HEXLOWER.encode(revision.as_ref().get(..16).unwrap_or_default());
    format!("/ID[<{}><{revision}>]", HEXLOWER.encode(first))
}

/// A text in UTF-16 with its byte order mark, in hexadecimal (ISO 32000-2 §7.9.2.2).
fn text_string(text: &str) -> String {
    let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    format!("<feff{}>", HEXLOWER.encode(&octets))
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

    fn finish(mut self, pdf: &[u8], outline: &Outline, size: i64, previous: i64) -> Result<Vec<u8>, Reason> {
        let start = self.bytes.len();
        let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
        for (number, place) in &self.places {
            write!(table, "{number} 1\n{place:010} 00000 n \n").map_err(|_| Reason::TooLarge)?;
        }
        let root = outline.reference(b"Root").ok_or(Reason::PdfMalformed)?;
        let information = outline.reference(b"Info").map_or_else(String::new, |info| format!("/Info {info} 0 R"));
        let identity = identity(pdf, outline);
        let end = format!(
            "trailer\n<</Size {size}/Root {root} 0 R{information}{identity}/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n"
        );
        self.bytes.extend_from_slice(table.as_bytes());
        self.bytes.extend_from_slice(end.as_bytes());
        Ok(self.bytes)
    }
}
