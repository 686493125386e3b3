//! The container: a ZIP file without compression, written the same way every time.

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::MANIFEST;
use super::error::ArchiveError;
use super::manifest::{FORMAT, Form, Manifest, Role, VERSION, VERSION_WITH_ATTACHMENTS};

/// The media type of an ASiC-S container.
const MIME_TYPE: &str = "application/vnd.etsi.asic-s+zip";
const MIME_FILE: &str = "mimetype";
/// More than any honest archive holds.
const MAX_FILES: usize = 64;
const MAX_LENGTH: u64 = 256 * 1024 * 1024;
/// Octets of the directory at the end.
const MAX_DIRECTORY: u32 = 64 * 1024;
/// Octets of the end of the directory, and of the locator that stands before it in ZIP64.
const END_OF_DIRECTORY: usize = 22;
const LOCATOR: usize = 20;
const MAX_MANIFEST: usize = 1024 * 1024;

/// An archive in memory: its manifest as written, its files, and the time-stamps over the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// The manifest as it was written: the bytes that are time-stamped.
    manifest_json: Vec<u8>,
    manifest: Manifest,
    /// Names and contents, in the order of the manifest.
    files: Vec<(String, Vec<u8>)>,
    /// Those of the attachments that are still kept, in the order of the manifest.
    attachments: Vec<(String, Vec<u8>)>,
    timestamps: Vec<Vec<u8>>,
}

impl Archive {
    /// Puts an archive together. `manifest.files` is what `files` says, in its order.
    ///
    /// # Errors
    /// [`ArchiveError::File`] if a file is not the one listed.
    pub fn new(
        manifest_json: Vec<u8>,
        files: Vec<(String, Vec<u8>)>,
        timestamps: Vec<Vec<u8>>,
    ) -> Result<Self, ArchiveError> {
        let manifest: Manifest = read_manifest(&manifest_json)?;
        if manifest.files.len() != files.len() {
            return Err(ArchiveError::Unlisted);
        }
        let listed = |(entry, (name, contents)): (&super::Entry, &(String, Vec<u8>))| {
            entry.name == *name && entry.describes(contents)
        };
        if !manifest.files.iter().zip(&files).all(listed) {
            return Err(ArchiveError::File);
        }
        if manifest.attachments.iter().any(|entry| entry.role != Role::Attachment) {
            return Err(ArchiveError::File);
        }
        Ok(Self { manifest_json, manifest, files, attachments: Vec::new(), timestamps })
    }

    /// The same with those of its attachments that are still kept.
    ///
    /// # Errors
    /// [`ArchiveError::File`] if one is not the one named, [`ArchiveError::Unlisted`] if it is named nowhere.
    pub fn with_attachments(self, kept: Vec<(String, Vec<u8>)>) -> Result<Self, ArchiveError> {
        let mut names = BTreeSet::new();
        for (name, contents) in &kept {
            let entry = self.manifest.attachments.iter().find(|entry| entry.name == *name);
            let entry = entry.filter(|_| names.insert(name.clone())).ok_or(ArchiveError::Unlisted)?;
            if !entry.describes(contents) {
                return Err(ArchiveError::File);
            }
        }
        Ok(Self { attachments: kept, ..self })
    }

    /// What the archive says of itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The manifest as it was written.
    #[must_use]
    pub fn manifest_json(&self) -> &[u8] {
        &self.manifest_json
    }

    /// The time-stamps over the manifest.
    #[must_use]
    pub fn timestamps(&self) -> &[Vec<u8>] {
        &self.timestamps
    }

    /// The contents of a file.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        let all = self.files.iter().chain(&self.attachments);
        all.into_iter().find(|(known, _)| known == name).map(|(_, contents)| contents.as_slice())
    }

    /// Writes the archive. The same archive gives the same bytes.
    ///
    /// # Errors
    /// [`ArchiveError::Container`] if it is larger than a ZIP file can be.
    pub fn to_zip(&self) -> Result<Vec<u8>, ArchiveError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let mut put = |name: &str, contents: &[u8]| {
            zip.start_file(name, options).map_err(|_| ArchiveError::Container)?;
            zip.write_all(contents).map_err(|_| ArchiveError::Container)
        };
        // ASiC wants its media type first (EN 319 162-1 §A.1).
        if self.manifest.form == Form::Detached {
            put(MIME_FILE, MIME_TYPE.as_bytes())?;
        }
        for (name, contents) in self.files.iter().chain(&self.attachments) {
            put(name, contents)?;
        }
        put(MANIFEST, &self.manifest_json)?;
        for (position, token) in self.timestamps.iter().enumerate() {
            put(&timestamp_name(position), token)?;
        }
        Ok(zip.finish().map_err(|_| ArchiveError::Container)?.into_inner())
    }

    /// Reads an archive: every listed file is there and is the one listed, and nothing else is.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_zip(bytes: &[u8]) -> Result<Self, ArchiveError> {
        check_directory(bytes)?;
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| ArchiveError::Container)?;
        if zip.len() > MAX_FILES {
            return Err(ArchiveError::Container);
        }
        let mut found: Vec<(String, Vec<u8>)> = Vec::with_capacity(zip.len());
        let mut names = BTreeSet::new();
        let mut room = MAX_LENGTH.min(bytes.len() as u64);
        for index in 0..zip.len() {
            let file = zip.by_index(index).map_err(|_| ArchiveError::Container)?;
            if file.compression() != CompressionMethod::Stored || file.encrypted() {
                return Err(ArchiveError::Container);
            }
            let name = file.name().map_err(|_| ArchiveError::Container)?.into_owned();
            let mut contents = Vec::new();
            // Entries may overlap in a hostile file; together they are never longer than the file.
            file.take(room + 1).read_to_end(&mut contents).map_err(|_| ArchiveError::Container)?;
            room = room.checked_sub(contents.len() as u64).ok_or(ArchiveError::Container)?;
            if !names.insert(name.clone()) {
                return Err(ArchiveError::File);
            }
            found.push((name, contents));
        }
        let mut take = |name: &str| {
            let position = found.iter().position(|(known, _)| known == name)?;
            Some(found.swap_remove(position).1)
        };
        let manifest_json = take(MANIFEST).ok_or(ArchiveError::Manifest)?;
        let manifest = read_manifest(&manifest_json)?;
        if manifest.form == Form::Detached && take(MIME_FILE).is_some_and(|kind| kind != MIME_TYPE.as_bytes()) {
            return Err(ArchiveError::File);
        }
        let mut files = Vec::with_capacity(manifest.files.len());
        for entry in &manifest.files {
            files.push((entry.name.clone(), take(&entry.name).ok_or(ArchiveError::File)?));
        }
        let attachments =
            manifest.attachments.iter().filter_map(|entry| Some((entry.name.clone(), take(&entry.name)?)));
        let attachments = attachments.collect();
        let timestamps = (0..MAX_FILES).map_while(|position| take(&timestamp_name(position))).collect();
        if !found.is_empty() {
            return Err(ArchiveError::Unlisted);
        }
        Self::new(manifest_json, files, timestamps)?.with_attachments(attachments)
    }
}

/// The end of the file says how large the directory is (APPNOTE.TXT §4.3.16). A large one would be
/// read into memory before its entries are counted. Archives have no comment, and no need of ZIP64.
fn check_directory(bytes: &[u8]) -> Result<(), ArchiveError> {
    let (before, end) = bytes.split_last_chunk::<END_OF_DIRECTORY>().ok_or(ArchiveError::Container)?;
    let [b'P', b'K', 5, 6, 0, 0, 0, 0, _, _, count_low, count_high, s0, s1, s2, s3, .., 0, 0] = *end else {
        return Err(ArchiveError::Container);
    };
    let count = usize::from(u16::from_le_bytes([count_low, count_high]));
    let is_small = u32::from_le_bytes([s0, s1, s2, s3]) <= MAX_DIRECTORY;
    let has_locator = before.last_chunk::<LOCATOR>().is_some_and(|locator| locator.starts_with(b"PK\x06\x07"));
    if count > MAX_FILES || !is_small || has_locator || bytes.len() as u64 > MAX_LENGTH {
        return Err(ArchiveError::Container);
    }
    Ok(())
}

fn timestamp_name(position: usize) -> String {
    format!("META-INF/timestamp-{}.tst", position + 1)
}

fn read_manifest(json: &[u8]) -> Result<Manifest, ArchiveError> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: String,
        format_version: u32,
    }
    if json.len() > MAX_MANIFEST {
        return Err(ArchiveError::Manifest);
    }
    let head: Head = serde_json::from_slice(json).map_err(|_| ArchiveError::Manifest)?;
    if head.format != FORMAT {
        return Err(ArchiveError::Manifest);
    }
    if !matches!(head.format_version, VERSION | VERSION_WITH_ATTACHMENTS) {
        return Err(ArchiveError::Version);
    }
    let manifest: Manifest = serde_json::from_slice(json).map_err(|_| ArchiveError::Manifest)?;
    // The version says whether there are attachments, so that nobody who knows none overlooks them.
    if manifest.attachments.is_empty() == (head.format_version == VERSION) {
        Ok(manifest)
    } else {
        Err(ArchiveError::Manifest)
    }
}
