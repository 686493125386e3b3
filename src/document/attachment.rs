//! The statement inside a signed application: read back out of the PDF file.

use super::DocumentError;
use crate::domain::statement::Statement;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

/// The name under which the statement's canonical JSON is attached.
pub const STATEMENT_FILE: &str = "statement.json";

/// The largest PDF file that [`read_statement`] looks at; ours have some 100 kB.
pub const MAX_PDF_BYTES: usize = 4 * 1024 * 1024;
const MAX_JSON_BYTES: usize = 512 * 1024;
/// Bounds each stream inside the file while it is opened.
const MAX_STREAM_BYTES: usize = 16 * 1024 * 1024;

/// Reads the statement attached to `pdf`, the bytes of an application as they were signed.
/// The file must hold exactly one attachment, so that every reader finds the same statement.
///
/// # Errors
/// See [`DocumentError`]; never panics, whatever the bytes are.
pub fn read_statement(pdf: &[u8]) -> Result<Statement, DocumentError> {
    if pdf.len() > MAX_PDF_BYTES {
        return Err(DocumentError::TooLarge);
    }
    let options = LoadOptions { strict: true, ..LoadOptions::with_max_decompressed_size(MAX_STREAM_BYTES) };
    let document = Document::load_mem_with_options(pdf, options)?;
    if document.is_encrypted() || document.was_encrypted() || document.revision_count() != 1 {
        return Err(DocumentError::Altered);
    }

    let file = only_attachment(&document)?;
    let stream = document.get_object(file)?.as_stream()?;
    let json = match stream.filters() {
        Ok(filters) if !filters.is_empty() => stream.decompressed_content_with_limit(MAX_JSON_BYTES)?,
        _ => stream.content.clone(),
    };
    if json.len() > MAX_JSON_BYTES {
        return Err(DocumentError::TooLarge);
    }
    Ok(Statement::from_canonical_json(&json)?)
}

/// The stream of the one attached file. ISO 32000-1, 7.11.4: the name tree `EmbeddedFiles`
/// lists the attachments; ISO 19005-3, 6.8: each also stands in the catalogue's `AF`.
fn only_attachment(document: &Document) -> Result<ObjectId, DocumentError> {
    let catalog = document.catalog()?;
    let names = dictionary(document, catalog, b"Names").ok_or(DocumentError::NoStatement)?;
    let tree = dictionary(document, names, b"EmbeddedFiles").ok_or(DocumentError::NoStatement)?;
    if tree.has(b"Kids") {
        return Err(DocumentError::AmbiguousStatement);
    }
    let entries = array(document, tree, b"Names").ok_or(DocumentError::NoStatement)?;
    let specification = match entries {
        [] => return Err(DocumentError::NoStatement),
        [_, specification] => specification.as_reference()?,
        _ => return Err(DocumentError::AmbiguousStatement),
    };
    match array(document, catalog, b"AF") {
        Some([Object::Reference(associated)]) if *associated == specification => {}
        _ => return Err(DocumentError::AmbiguousStatement),
    }

    let specification = document.get_dictionary(specification)?;
    let is_statement = |key: &[u8]| {
        specification.get(key).and_then(lopdf::decode_text_string).is_ok_and(|name| name == STATEMENT_FILE)
    };
    if !is_statement(b"F") || !is_statement(b"UF") {
        return Err(DocumentError::NoStatement);
    }
    let files = dictionary(document, specification, b"EF").ok_or(DocumentError::NoStatement)?;
    let file = files.get(b"F")?.as_reference()?;
    let other_name = files.get(b"UF").map_or(Ok(file), Object::as_reference)?;
    let embedded = document
        .objects
        .values()
        .filter_map(|object| object.as_stream().ok())
        .filter(|stream| stream.dict.has_type(b"EmbeddedFile"))
        .count();
    if other_name != file || embedded != 1 {
        return Err(DocumentError::AmbiguousStatement);
    }
    Ok(file)
}

fn dictionary<'a>(document: &'a Document, parent: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
    parent.get_deref(key, document).ok()?.as_dict().ok()
}

fn array<'a>(document: &'a Document, parent: &'a Dictionary, key: &[u8]) -> Option<&'a [Object]> {
    Some(parent.get_deref(key, document).ok()?.as_array().ok()?.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{FROZEN_AT, TYPESETTER, declined, statement};
    use crate::domain::notice::NoticeContent;
    use lopdf::{Stream, dictionary};

    /// The application, opened, changed and written again as one new file.
    fn changed(change: impl FnOnce(&mut Document)) -> Vec<u8> {
        let pdf = TYPESETTER.application(&statement(), FROZEN_AT).unwrap();
        let mut document = Document::load_mem(&pdf).unwrap();
        change(&mut document);
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).unwrap();
        bytes
    }

    fn attach(document: &mut Document, name: &str, bytes: &[u8]) -> Object {
        let stream = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, bytes.to_vec());
        let file = document.add_object(stream);
        Object::Reference(document.add_object(dictionary! {
            "Type" => "Filespec",
            "F" => Object::string_literal(name),
            "UF" => Object::string_literal(name),
            "EF" => dictionary! { "F" => file, "UF" => file },
        }))
    }

    fn set_names(document: &mut Document, entries: Vec<Object>) {
        let tree: Dictionary = dictionary! { "EmbeddedFiles" => dictionary! { "Names" => entries } };
        document.catalog_mut().unwrap().set("Names", tree);
    }

    fn replaced(name: &str, bytes: &[u8]) -> Vec<u8> {
        changed(|document| {
            document
                .objects
                .retain(|_, object| !object.as_stream().is_ok_and(|stream| stream.dict.has_type(b"EmbeddedFile")));
            let file = attach(document, name, bytes);
            set_names(document, vec![Object::string_literal(name), file.clone()]);
            document.catalog_mut().unwrap().set("AF", vec![file]);
        })
    }

    #[test]
    fn a_file_written_anew_with_the_same_attachment_is_still_read() {
        // Shows that the refusals below are due to what they change.
        assert_eq!(read_statement(&changed(|_| ())).unwrap(), statement());
        let json = statement().to_canonical_json();
        assert_eq!(read_statement(&replaced(STATEMENT_FILE, json.as_bytes())).unwrap(), statement());
    }

    #[test]
    fn a_second_attachment_is_refused() {
        let json = statement().to_canonical_json();
        let listed = changed(|document| {
            let first = attach(document, STATEMENT_FILE, json.as_bytes());
            let second = attach(document, STATEMENT_FILE, json.as_bytes());
            let name = Object::string_literal(STATEMENT_FILE);
            set_names(document, vec![name.clone(), first, name, second]);
        });
        assert!(matches!(read_statement(&listed), Err(DocumentError::AmbiguousStatement)));

        let hidden = changed(|document| {
            attach(document, STATEMENT_FILE, json.as_bytes());
        });
        assert!(matches!(read_statement(&hidden), Err(DocumentError::AmbiguousStatement)));

        let swapped = changed(|document| {
            let other = attach(document, STATEMENT_FILE, json.as_bytes());
            set_names(document, vec![Object::string_literal(STATEMENT_FILE), other]);
        });
        assert!(matches!(read_statement(&swapped), Err(DocumentError::AmbiguousStatement)));
    }

    #[test]
    fn a_missing_or_other_attachment_is_refused() {
        let without = changed(|document| {
            document.catalog_mut().unwrap().remove(b"Names");
        });
        assert!(matches!(read_statement(&without), Err(DocumentError::NoStatement)));
        let renamed = replaced("other.json", statement().to_canonical_json().as_bytes());
        assert!(matches!(read_statement(&renamed), Err(DocumentError::NoStatement)));
        let notice = TYPESETTER.notice(&NoticeContent::Declined(declined())).unwrap();
        assert!(matches!(read_statement(&notice), Err(DocumentError::NoStatement)));
    }

    #[test]
    fn an_attachment_that_is_no_canonical_statement_is_refused() {
        let spaced = format!(" {}", statement().to_canonical_json());
        let large = vec![b' '; 600_000];
        assert!(matches!(
            read_statement(&replaced(STATEMENT_FILE, spaced.as_bytes())),
            Err(DocumentError::Statement(_))
        ));
        assert!(matches!(read_statement(&replaced(STATEMENT_FILE, b"{}")), Err(DocumentError::Statement(_))));
        assert!(matches!(read_statement(&replaced(STATEMENT_FILE, &large)), Err(DocumentError::TooLarge)));
    }

    #[test]
    fn a_file_with_an_appended_revision_is_refused() {
        let pdf = TYPESETTER.application(&statement(), FROZEN_AT).unwrap();
        let mut update = lopdf::IncrementalDocument::create_from(pdf.clone(), Document::load_mem(&pdf).unwrap());
        update.new_document.add_object(Object::Null);
        let mut bytes = Vec::new();
        update.save_to(&mut bytes).unwrap();
        assert!(matches!(read_statement(&bytes), Err(DocumentError::Altered)));
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        for garbage in [&b""[..], b"%PDF-1.7", b"%PDF-1.7\n%%EOF", b"not a document", &[0xff; 5_000]] {
            assert!(read_statement(garbage).is_err());
        }
        assert!(matches!(read_statement(&vec![b'%'; MAX_PDF_BYTES + 1]), Err(DocumentError::TooLarge)));

        let pdf = TYPESETTER.application(&statement(), FROZEN_AT).unwrap();
        for eighth in 0..8 {
            assert!(read_statement(&pdf[..pdf.len() * eighth / 8]).is_err());
        }
        // A changed byte may leave the statement as it was, but must not make it another.
        for step in 0..200 {
            let mut damaged = pdf.clone();
            let at = pdf.len() * step / 200;
            damaged[at] ^= 0x55;
            if let Ok(read) = read_statement(&damaged) {
                assert_eq!(read, statement(), "byte {at}");
            }
        }
    }
}
