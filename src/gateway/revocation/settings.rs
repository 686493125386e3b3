//! Where lists and answers come from, as the configuration names it.

use reqwest::Url;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// One source, or several of one kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RevocationSettings {
    /// Lists that something else puts into a folder, as `*.crl` or `*.der`.
    Folder {
        /// The folder.
        path: PathBuf,
        /// How often it is looked at.
        #[serde(default = "ten_minutes")]
        every_minutes: u16,
    },
    /// Lists fetched over HTTP or HTTPS: from the authority, or from a gateway to its directory (LDAP).
    Download {
        /// One address for each list, such as one for each municipality.
        urls: Vec<Url>,
        /// How often each is fetched.
        #[serde(default = "an_hour")]
        every_minutes: u16,
    },
    /// Responders (RFC 6960), asked where the lists leave a certificate's state unknown.
    Ocsp {
        /// Their addresses, in the order in which they are asked.
        urls: Vec<Url>,
        /// Whether an answer must be made for the question (RFC 9654). A responder that hands out answers made
        /// beforehand (RFC 5019) cannot; its answers count as long as they say.
        #[serde(default = "yes")]
        nonce: bool,
    },
}

const fn ten_minutes() -> u16 {
    10
}

const fn yes() -> bool {
    true
}

const fn an_hour() -> u16 {
    60
}

impl RevocationSettings {
    /// A folder that is looked at every ten minutes.
    #[must_use]
    pub const fn folder(path: PathBuf) -> Self {
        Self::Folder { path, every_minutes: ten_minutes() }
    }

    /// Makes a relative path one below `folder`.
    pub fn resolve(&mut self, folder: &Path) {
        if let Self::Folder { path, .. } = self {
            *path = folder.join(&*path);
        }
    }

    /// What is wrong with the settings, if anything.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let (urls, every_minutes) = match self {
            Self::Folder { every_minutes, .. } => (None, *every_minutes),
            Self::Download { urls, every_minutes } => (Some(urls), *every_minutes),
            Self::Ocsp { urls, .. } => (Some(urls), 1),
        };
        if every_minutes == 0 {
            return Some("every_minutes must be at least 1");
        }
        match urls {
            Some(urls) if urls.is_empty() => Some("name at least one address in urls"),
            Some(urls) if urls.iter().any(|url| !matches!(url.scheme(), "http" | "https")) => {
                Some("an address in urls is neither http nor https")
            }
            // Lists and answers are signed, so plain http is good enough; secrets have no place in an address.
            Some(urls) if urls.iter().any(|url| url.password().is_some()) => {
                Some("an address in urls holds a password")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<&'static str> {
        toml::from_str::<RevocationSettings>(text).unwrap().fault()
    }

    #[test]
    fn each_kind_is_read_with_its_rhythm() {
        let read = |text: &str| toml::from_str::<RevocationSettings>(text).unwrap();
        let folder = read("kind = 'folder'\npath = 'crl'");
        assert!(matches!(folder, RevocationSettings::Folder { every_minutes: 10, .. }), "{folder:?}");
        let list = read("kind = 'download'\nurls = ['http://crl.example/a.crl']");
        assert!(matches!(list, RevocationSettings::Download { every_minutes: 60, .. }), "{list:?}");
        read("kind = 'ocsp'\nurls = ['https://ocsp.example/']");
        assert!(toml::from_str::<RevocationSettings>("kind = 'folder'\npath = 'crl'\nurl = 'x'").is_err());
        assert!(toml::from_str::<RevocationSettings>("kind = 'ldap'\nurls = []").is_err());
    }

    #[test]
    fn unusable_settings_are_named() {
        assert_eq!(fault("kind = 'download'\nurls = ['https://crl.example/']"), None);
        assert!(fault("kind = 'download'\nurls = []").is_some());
        assert!(fault("kind = 'download'\nurls = ['ldap://crl.example/']").is_some());
        assert!(fault("kind = 'download'\nurls = ['http://a:b@crl.example/']").is_some());
        assert!(fault("kind = 'folder'\npath = 'crl'\nevery_minutes = 0").is_some());
    }
}
