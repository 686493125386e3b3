//! Whether a signed file is the document that was handed out, with a signature and nothing else.
//!
//! The file must begin with exactly the bytes that were handed out and go on with one incremental
//! update (ISO 32000-2 §7.5.6) with an ordinary cross-reference table, as the document has. In it
//! - the catalog may gain `/AcroForm`, `/Perms` and `/Extensions`, a page the field in `/Annots`, the document
//!   information another date and producer, and the XMP metadata may be written anew;
//! - the form holds one field, the signature's, without actions and without a visible rectangle: what
//!   shows on a page could cover what is written there;
//! - every other object is new, and so is not referred to by anything that was there before;
//! - the table points to these objects and to nothing else, so that no old number gets new contents.

use super::lexer::{Lexer, Token};
use super::object::Object;
use super::outline::Outline;
use super::scan::malformed;
use super::signature::Signature;
use crate::jpki::reason::Reason;

/// A signature needs about ten.
const MAX_UPDATED: usize = 64;
/// Those of a document that we make.
const MAX_ORIGINAL: usize = 100_000;

const CATALOG_CHANGES: &[&[u8]] = &[b"AcroForm", b"Perms", b"Extensions", b"Version"];
const INFORMATION_CHANGES: &[&[u8]] = &[b"ModDate", b"Producer"];
const FORM_KEYS: &[&[u8]] = &[b"Fields", b"SigFlags", b"DR", b"DA", b"NeedAppearances", b"Type"];
/// Nothing among them acts when the page is opened, touched or printed.
const FIELD_KEYS: &[&[u8]] = &[
    b"Type",
    b"Subtype",
    b"FT",
    b"T",
    b"TU",
    b"TM",
    b"V",
    b"F",
    b"Ff",
    b"P",
    b"Rect",
    b"AP",
    b"AS",
    b"MK",
    b"BS",
    b"Border",
    b"DA",
    b"DR",
    b"Q",
    b"Lock",
    b"SV",
    b"Kids",
    b"Parent",
    b"M",
    b"NM",
    b"StructParent",
];

/// Both revisions and what is being compared.
struct Update<'a> {
    pdf: &'a [u8],
    original: Outline,
    added: Outline,
    /// Numbers from here on are new.
    size: i64,
}

pub(super) fn check(pdf: &[u8], original: &[u8], signature: &Signature<'_>) -> Result<(), Reason> {
    let appended = pdf.strip_prefix(original).ok_or(Reason::PdfOriginalChanged)?;
    if original.is_empty() || signature.dictionary.span.start < original.len() {
        return Err(Reason::PdfOriginalChanged);
    }
    // Otherwise the comment that ends the original would go on into the update.
    let ends_line = |byte: Option<&u8>| matches!(byte, Some(b'\r' | b'\n'));
    if !ends_line(original.last()) && !ends_line(appended.first()) {
        return Err(Reason::PdfContentChanged);
    }
    let old = Outline::read(original, 0, MAX_ORIGINAL)?;
    let added = Outline::read(pdf, original.len(), MAX_UPDATED).map_err(changed)?;
    let size = old.number(b"Size").ok_or(Reason::PdfMalformed)?;
    let update = Update { pdf, original: old, added, size };
    update.check(signature.dictionary.object).map_err(changed)
}

/// Whatever cannot be read in the update is not what a signature needs.
const fn changed(reason: Reason) -> Reason {
    match reason {
        Reason::PdfSignatureVisible => reason,
        _ => Reason::PdfContentChanged,
    }
}

impl Update<'_> {
    fn check(&self, signature: Option<i64>) -> Result<(), Reason> {
        let root = self.check_trailer()?;
        self.check_table()?;
        for placed in &self.added.objects {
            let again = self.added.objects.iter().filter(|other| other.number == placed.number).count() > 1;
            if again || placed.generation != 0 {
                return Err(Reason::PdfContentChanged);
            }
        }
        let signature = signature.filter(|number| *number >= self.size).ok_or(Reason::PdfContentChanged)?;
        let catalog = self.added.object(self.pdf, root)?;
        let widgets = self.check_form(&catalog, signature)?;
        for placed in self.added.objects.iter().filter(|placed| placed.number < self.size) {
            self.check_replaced(placed.number, root, &widgets)?;
        }
        Ok(())
    }

    /// The update follows the original and keeps its root.
    fn check_trailer(&self) -> Result<i64, Reason> {
        let Self { original, added: update, .. } = self;
        let root = original.reference(b"Root").ok_or(Reason::PdfMalformed)?;
        let one_table = update.trailers == 1 && update.tables.len() == 1 && update.starts.len() == 1;
        let at = update.tables.first().and_then(|at| i64::try_from(*at).ok());
        let follows = original.starts.last().is_some_and(|start| update.number(b"Prev") == Some(*start));
        let hidden = update.trailer.entry(b"XRefStm").is_some() || update.trailer.entry(b"Encrypt").is_some();
        let same_root = update.reference(b"Root") == Some(root);
        let information = update.reference(b"Info");
        let same_information = information.is_none()
            || information == original.reference(b"Info")
            || information.is_some_and(|number| number >= self.size);
        let starts_there = at.is_some() && update.starts.first().copied() == at;
        let lawful = one_table && follows && same_root && same_information && starts_there && !hidden;
        if lawful { Ok(root) } else { Err(Reason::PdfContentChanged) }
    }

    /// Each entry of the table is an object of the update, at its place.
    fn check_table(&self) -> Result<(), Reason> {
        let at = self.added.tables.first().ok_or(Reason::PdfContentChanged)?;
        let mut lexer = Lexer::new(self.pdf, *at);
        lexer.next().map_err(malformed)?;
        loop {
            let first = match lexer.next().map_err(malformed)? {
                Some((_, Token::Integer(first))) => first,
                Some((_, Token::Word(b"trailer"))) => return Ok(()),
                _ => return Err(Reason::PdfContentChanged),
            };
            let Some((_, Token::Integer(count))) = lexer.next().map_err(malformed)? else {
                return Err(Reason::PdfContentChanged);
            };
            for position in 0..count {
                let number = first.checked_add(position).ok_or(Reason::PdfContentChanged)?;
                let [at, generation] = [lexer.next(), lexer.next()];
                let (Ok(Some((_, Token::Integer(at)))), Ok(Some((_, Token::Integer(generation))))) = (at, generation)
                else {
                    return Err(Reason::PdfContentChanged);
                };
                match lexer.next().map_err(malformed)? {
                    Some((_, Token::Word(b"n"))) => {
                        let placed = self.added.find(number).ok_or(Reason::PdfContentChanged)?;
                        if i64::try_from(placed.start) != Ok(at) || placed.generation != generation {
                            return Err(Reason::PdfContentChanged);
                        }
                    }
                    Some((_, Token::Word(b"f"))) if number == 0 || number >= self.size => {}
                    _ => return Err(Reason::PdfContentChanged),
                }
            }
        }
    }

    /// One field of an invisible signature; gives the numbers that may stand among the annotations.
    fn check_form(&self, catalog: &Object, signature: i64) -> Result<Vec<i64>, Reason> {
        let form = self.new_object(catalog.entry(b"AcroForm"))?;
        only_keys(&form, FORM_KEYS)?;
        let fields = self.new_object(form.entry(b"Fields"))?;
        let [field] = fields.members().unwrap_or_default() else { return Err(Reason::PdfContentChanged) };
        let number = field.reference().ok_or(Reason::PdfContentChanged)?;
        let field = self.new_object(Some(field))?;
        let is_signature = field.entry(b"FT").is_some_and(|kind| kind.is_name(b"Sig"));
        if !is_signature || field.entry(b"V").and_then(Object::reference) != Some(signature) {
            return Err(Reason::PdfContentChanged);
        }
        check_widget(&field)?;
        let mut widgets = vec![number];
        if let Some(kids) = field.entry(b"Kids") {
            for kid in self.new_object(Some(kids))?.members().ok_or(Reason::PdfContentChanged)? {
                widgets.push(kid.reference().ok_or(Reason::PdfContentChanged)?);
                check_widget(&self.new_object(Some(kid))?)?;
            }
        }
        Ok(widgets)
    }

    /// A value as it stands, or the new object that it refers to.
    fn new_object(&self, value: Option<&Object>) -> Result<Object, Reason> {
        match value {
            Some(Object::Reference(number)) if *number >= self.size => self.added.object(self.pdf, *number),
            None | Some(Object::Reference(_)) => Err(Reason::PdfContentChanged),
            Some(direct) => Ok(direct.clone()),
        }
    }

    /// An object that was there before and is written anew.
    fn check_replaced(&self, number: i64, root: i64, widgets: &[i64]) -> Result<(), Reason> {
        let old = self.original.object(self.pdf, number)?;
        let placed = self.added.find(number).ok_or(Reason::PdfContentChanged)?;
        let new = Object::parse(self.pdf, &placed.body)?;
        let is_kind = |kind: &[u8]| [&old, &new].iter().all(|object| has_type(object, kind));
        let lawful = if number == root {
            let had_form = CATALOG_CHANGES.iter().any(|key| old.entry(key).is_some());
            !placed.is_stream && !had_form && old.same_but_for(&new, CATALOG_CHANGES)
        } else if self.original.reference(b"Info") == Some(number) {
            !placed.is_stream && old.same_but_for(&new, INFORMATION_CHANGES)
        } else if is_kind(b"Metadata") {
            let catalog = self.original.object(self.pdf, root)?;
            placed.is_stream && catalog.entry(b"Metadata").and_then(Object::reference) == Some(number)
        } else {
            is_kind(b"Page")
                && !placed.is_stream
                && old.same_but_for(&new, &[b"Annots"])
                && self.only_adds(old.entry(b"Annots"), new.entry(b"Annots"), widgets)?
        };
        if lawful { Ok(()) } else { Err(Reason::PdfContentChanged) }
    }

    /// The annotations of the page as they were, and then only those of the signature.
    fn only_adds(&self, old: Option<&Object>, new: Option<&Object>, widgets: &[i64]) -> Result<bool, Reason> {
        let old = match old {
            None => Object::Array(Vec::new()),
            Some(Object::Reference(number)) => self.original.object(self.pdf, *number)?,
            Some(direct) => direct.clone(),
        };
        let new = new.map_or(Ok(Object::Array(Vec::new())), |new| self.new_object(Some(new)))?;
        let (Some(old), Some(new)) = (old.members(), new.members()) else { return Ok(false) };
        let Some((kept, added)) = new.split_at_checked(old.len()) else { return Ok(false) };
        let is_widget = |object: &Object| object.reference().is_some_and(|number| widgets.contains(&number));
        Ok(kept.iter().zip(old).all(|(one, other)| one.same(other)) && added.iter().all(is_widget))
    }
}

fn has_type(object: &Object, kind: &[u8]) -> bool {
    object.entry(b"Type").is_some_and(|own| own.is_name(kind))
}

fn only_keys(object: &Object, allowed: &[&[u8]]) -> Result<(), Reason> {
    let entries = object.entries().ok_or(Reason::PdfContentChanged)?;
    let all = entries.iter().all(|(key, _)| allowed.contains(&key.as_slice()));
    if all { Ok(()) } else { Err(Reason::PdfContentChanged) }
}

/// A field or its widget: no actions, no area.
fn check_widget(widget: &Object) -> Result<(), Reason> {
    only_keys(widget, FIELD_KEYS)?;
    let Some(rectangle) = widget.entry(b"Rect") else {
        let is_widget = widget.entry(b"Subtype").is_some();
        return if is_widget { Err(Reason::PdfContentChanged) } else { Ok(()) };
    };
    let corners: Vec<f64> = rectangle.members().unwrap_or_default().iter().filter_map(Object::number).collect();
    let [left, bottom, right, top] = corners.as_slice() else { return Err(Reason::PdfContentChanged) };
    let is_empty = |from: f64, to: f64| (from - to).abs() < f64::EPSILON;
    if is_empty(*left, *right) || is_empty(*bottom, *top) { Ok(()) } else { Err(Reason::PdfSignatureVisible) }
}
