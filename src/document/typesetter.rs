//! The typesetter: templates, fonts and finished values in, PDF out.
//!
//! What people wrote reaches a template only as values of `data.json`; it is never read as
//! markup. A template can reach no file, no network, no package and no clock.

use super::DocumentError;
use super::edition::{Edition, PrintedEdition};
use super::fonts::Fonts;
use serde::Serialize;
use time::OffsetDateTime;
use time::macros::offset;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use typst_render::RenderOptions;

const TEMPLATES: [(&str, &str); 12] = [
    ("layout.typ", include_str!("../../templates/document/layout.typ")),
    ("application.typ", include_str!("../../templates/document/application.typ")),
    ("issued.typ", include_str!("../../templates/document/issued.typ")),
    ("issued_children.typ", include_str!("../../templates/document/issued_children.typ")),
    ("visit_slip.typ", include_str!("../../templates/document/visit_slip.typ")),
    ("own_card.typ", include_str!("../../templates/document/own_card.typ")),
    ("own_record.typ", include_str!("../../templates/document/own_record.typ")),
    ("card.typ", include_str!("../../templates/document/card.typ")),
    ("declined.typ", include_str!("../../templates/document/declined.typ")),
    ("reopened.typ", include_str!("../../templates/document/reopened.typ")),
    ("card_news.typ", include_str!("../../templates/document/card_news.typ")),
    ("returned.typ", include_str!("../../templates/document/returned.typ")),
];

/// Sets documents. Loading its fonts takes some 30 ms: make one and share it.
pub struct Typesetter {
    library: LazyHash<Library>,
    pub(super) fonts: Fonts,
    templates: Vec<Source>,
}

/// One document to set.
pub(super) struct Order<'a, T> {
    /// The template's file name.
    pub(super) template: &'a str,
    /// What the template prints.
    pub(super) data: T,
    /// The text to enclose as [`STATEMENT_FILE`](super::attachment::STATEMENT_FILE).
    pub(super) statement: Option<String>,
    /// The archival standard; PDF/UA-1 is always added.
    pub(super) archival: PdfStandard,
    /// What tells this document from all others.
    pub(super) identity: String,
    /// How it is printed.
    pub(super) edition: &'a Edition,
    /// The document's own time, so that setting it again gives the same bytes.
    pub(super) dated: OffsetDateTime,
}

/// The families to use, beside what the template prints.
#[derive(Serialize)]
struct Data<'a, T> {
    fonts: Vec<&'a str>,
    edition: PrintedEdition,
    #[serde(flatten)]
    content: T,
}

impl Typesetter {
    /// Loads the embedded fonts, and after them the font files in `extra_fonts` (TTF, OTF, TTC)
    /// for characters that the embedded ones lack.
    ///
    /// # Errors
    /// [`DocumentError::NotAFont`].
    pub fn new(extra_fonts: Vec<Vec<u8>>) -> Result<Self, DocumentError> {
        // Row headers of tables, which PDF/UA wants, stand behind this feature of Typst.
        let library = Library::builder().with_features([Feature::A11yExtras].into_iter().collect()).build();
        let templates = TEMPLATES.map(|(name, text)| Source::new(file_id(name), text.to_owned()));
        Ok(Self { library: LazyHash::new(library), fonts: Fonts::load(extra_fonts)?, templates: templates.into() })
    }

    /// The characters of `text` that no font here can show, each once. Variation selectors
    /// and white space are never among them. Documents print 〓 instead and name the code point.
    #[must_use]
    pub fn uncovered(&self, text: &str) -> Vec<char> {
        self.fonts.uncovered(text)
    }

    pub(super) fn set<T: Serialize>(&self, order: Order<'_, T>) -> Result<Vec<u8>, DocumentError> {
        let document = self.laid_out(&order);
        let options = PdfOptions {
            ident: Smart::Custom(order.identity),
            creator: Smart::Custom(Some("Todoke".to_owned())),
            timestamp: Some(timestamp(order.dated).ok_or(DocumentError::OutOfTime)?),
            standards: PdfStandards::new(&[order.archival, PdfStandard::Ua_1])
                .map_err(|error| DocumentError::NotSet(error.message().to_string()))?,
            ..PdfOptions::default()
        };
        let pdf = document.and_then(|document| typst_pdf::pdf(&document, &options).map_err(|errors| not_set(&errors)));
        // Typst keeps what it computed, for editors; without this every document costs 0.4 MB for good. What all documents
        // share is asked for by each, and stays.
        typst::comemo::evict(2);
        pdf
    }

    /// The first page as a PNG picture, with so many dots to the point.
    pub(super) fn picture<T: Serialize>(&self, order: &Order<'_, T>, dots: f64) -> Result<Vec<u8>, DocumentError> {
        let document = self.laid_out(order);
        let options = RenderOptions { pixel_per_pt: dots.into(), ..RenderOptions::default() };
        let picture = document.and_then(|document| {
            let page = document.pages().first().ok_or(DocumentError::Picture)?;
            typst_render::render(page, &options).encode_png().map_err(|_| DocumentError::Picture)
        });
        typst::comemo::evict(2);
        picture
    }

    fn laid_out<T: Serialize>(&self, order: &Order<'_, T>) -> Result<PagedDocument, DocumentError> {
        let edition = order.edition.printed(&self.fonts)?;
        let data = Data { fonts: self.fonts.families(), edition, content: &order.data };
        let data = serde_json::to_vec(&data).map_err(|error| DocumentError::NotSet(error.to_string()))?;
        let mut files = vec![(file_id("data.json"), Bytes::new(data))];
        let statement = order.statement.clone();
        files.extend(statement.map(|text| (file_id(super::attachment::STATEMENT_FILE), Bytes::from_string(text))));
        let desk = Desk { typesetter: self, main: file_id(order.template), files };
        typst::compile::<PagedDocument>(&desk).output.map_err(|errors| not_set(&errors))
    }
}

/// The documents of one order, as Typst asks for them.
struct Desk<'a> {
    typesetter: &'a Typesetter,
    main: FileId,
    files: Vec<(FileId, Bytes)>,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.typesetter.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.typesetter.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.typesetter.templates.iter().find(|source| source.id() == id).cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.iter().find(|(known, _)| *known == id).map(|(_, bytes)| bytes.clone()).ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.typesetter.fonts.face(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn file_id(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("template names are plain file names");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

fn timestamp(at: OffsetDateTime) -> Option<Timestamp> {
    let at = at.to_offset(offset!(+9));
    let (hour, minute, second) = at.to_hms();
    let datetime = Datetime::from_ymd_hms(at.year(), at.month().into(), at.day(), hour, minute, second)?;
    Timestamp::new_local(datetime, 9 * 60)
}

/// What went wrong, without the text that Typst quotes: it may be somebody's name.
fn not_set(errors: &[SourceDiagnostic]) -> DocumentError {
    let messages: Vec<String> =
        errors.iter().map(|error| error.message.split(['`', '"']).step_by(2).collect::<Vec<_>>().join("…")).collect();
    DocumentError::NotSet(messages.join("; "))
}
