//! What kind of file it is.

use clap::ValueEnum;

use crate::jpki::Form;

/// What can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Kind {
    /// Told by its first bytes.
    Auto,
    /// An X.509 certificate.
    Cert,
    /// A CMS signature.
    Cms,
    /// A signed PDF.
    Pdf,
    /// A bare signature, with --content and --issuer.
    Raw,
    /// A revocation list.
    Crl,
    /// An OCSP response.
    Ocsp,
    /// An evidence archive of this portal.
    Evidence,
}

impl Kind {
    /// The name on the command line.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cert => "cert",
            Self::Cms => "cms",
            Self::Pdf => "pdf",
            Self::Raw => "raw",
            Self::Crl => "crl",
            Self::Ocsp => "ocsp",
            Self::Evidence => "evidence",
        }
    }

    /// The kind that the first bytes tell; a bare signature has none.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'P', b'K', 3, 4, ..] => return Some(Self::Evidence),
            // ISO 32000-2 §7.5.2; a few programs put something before the header.
            _ if bytes.get(..bytes.len().min(1024)).is_some_and(|head| contains(head, b"%PDF-")) => {
                return Some(Self::Pdf);
            }
            _ => {}
        }
        Some(match Form::of(bytes)? {
            Form::Cms => Self::Cms,
            Form::Certificate => Self::Cert,
            Form::List => Self::Crl,
            Form::OcspResponse => Self::Ocsp,
        })
    }
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_kind() {
        assert_eq!(Kind::of(b"%PDF-1.7\n"), Some(Kind::Pdf));
        assert_eq!(Kind::of(b"\xEF\xBB\xBF%PDF-1.7\n"), Some(Kind::Pdf));
        assert_eq!(Kind::of(b"PK\x03\x04rest"), Some(Kind::Evidence));
        assert_eq!(Kind::of(&[0x30, 0x80, 0x06, 0x09]), Some(Kind::Cms));
        assert_eq!(Kind::of(b"neither"), None);
    }
}
