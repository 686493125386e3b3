//! Which seal each library has, as the settings say it.

use crate::gateway::secret::{SecretSource, UnreadableSecret};
use crate::jpki::Reason;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The seal of one library.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealSettings {
    /// The short name of the library.
    pub library: String,
    /// The certificate of the seal and after it those between it and the root, PEM.
    pub certificates: PathBuf,
    /// Earlier certificates of the seal: what they sealed still counts when somebody asks.
    #[serde(default)]
    pub former: Vec<PathBuf>,
    /// The key, PKCS #8 in PEM: on the curve P-256, or RSA.
    pub key: Option<SecretSource>,
    /// Or the hardware module that keeps the key.
    pub pkcs11: Option<TokenSettings>,
}

/// A key in a hardware module (PKCS #11).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    /// The module's library, such as `/usr/lib/softhsm/libsofthsm2.so`.
    pub module: PathBuf,
    /// The label of the token; or its slot.
    pub token: Option<String>,
    /// The number of the slot; or its token's label.
    pub slot: Option<u64>,
    /// The label of the private key.
    pub key: String,
    /// The PIN of the user.
    pub pin: SecretSource,
}

impl SealSettings {
    /// Makes relative paths ones below `folder`.
    pub fn resolve(&mut self, folder: &Path) {
        self.certificates = folder.join(&self.certificates);
        for path in &mut self.former {
            *path = folder.join(&*path);
        }
        if let Some(key) = &mut self.key {
            key.resolve(folder);
        }
        if let Some(token) = &mut self.pkcs11 {
            token.pin.resolve(folder);
        }
    }

    /// What must stay secret.
    #[must_use]
    pub fn secret(&self) -> Option<&SecretSource> {
        self.key.as_ref().or(self.pkcs11.as_ref().map(|token| &token.pin))
    }
}

/// What keeps the settings from being used.
#[derive(Debug, thiserror::Error)]
pub enum UnsoundSealSettings {
    /// Two seals for one library.
    #[error("seal: {0} has two")]
    Twice(String),
    /// Neither a key nor a hardware module, or both.
    #[error("seal of {0}: either key or pkcs11")]
    OneKey(String),
    /// The hardware module's token is named in no way or in two.
    #[error("seal.pkcs11: either token or slot")]
    OneToken,
    /// A certificate cannot be used.
    #[error("{}: {why}", path.display())]
    Certificate {
        /// Its file.
        path: PathBuf,
        /// The system's words, or the code of the rule that it breaks.
        why: String,
    },
    /// The key is no PKCS #8 on P-256 or of RSA.
    #[error("seal.key: PKCS #8 in PEM, on P-256 or of RSA")]
    Key,
    /// The key is another one than the certificate is about.
    #[error("seal of {0}: the key is not that of the certificate")]
    WrongKey(String),
    /// The secret cannot be read.
    #[error(transparent)]
    Secret(#[from] UnreadableSecret),
}

impl UnsoundSealSettings {
    pub(super) fn certificate(path: &Path, reason: Reason) -> Self {
        Self::Certificate { path: path.to_owned(), why: reason.to_string() }
    }
}
