//! What can be wrong with an archive.

/// Why an archive cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// Not a ZIP file, or one that is compressed, encrypted, too large or has too many files.
    #[error("not an evidence archive")]
    Container,
    /// There is no manifest, or none that can be read.
    #[error("no readable manifest")]
    Manifest,
    /// The manifest is of a later version of the format.
    #[error("a later version of the format")]
    Version,
    /// A file is missing, is there twice, or is not the one that the manifest lists.
    #[error("a file is missing or not the one listed")]
    File,
    /// There is a file that the manifest does not list.
    #[error("a file that is not listed")]
    Unlisted,
}

impl ArchiveError {
    /// The stable code, in kebab-case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Container => "evidence-container",
            Self::Manifest => "evidence-manifest",
            Self::Version => "evidence-version",
            Self::File => "evidence-file",
            Self::Unlisted => "evidence-unlisted",
        }
    }
}
