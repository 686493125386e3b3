//! Where a secret comes from: a file that only the service may read, or the settings themselves.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use std::path::{Path, PathBuf};

/// A secret of a gateway, as the settings name it: `{ file = "/run/secrets/key.pem" }`,
/// `{ environment = "TODOKE_KEY" }` or `{ value = "…" }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// The secret is the content of this file, without the line end that editors leave.
    File(PathBuf),
    /// The secret is the content of this environment variable.
    Environment(String),
    /// The secret itself.
    #[serde(deserialize_with = "secret_string")]
    Value(SecretString),
}

/// A secret cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableSecret {
    /// Its file cannot.
    #[error("cannot read the secret in {path}: {source}")]
    File {
        /// The file that the settings name.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Its environment variable is not set, or not text.
    #[error("the environment variable {0} with a secret is not set")]
    Environment(String),
}

impl SecretSource {
    /// A secret that is at hand already.
    #[must_use]
    pub fn value(secret: impl Into<String>) -> Self {
        Self::Value(SecretString::from(secret.into()))
    }

    /// Makes a relative file path one below `folder`.
    pub fn resolve(&mut self, folder: &Path) {
        if let Self::File(path) = self {
            *path = folder.join(&*path);
        }
    }

    /// Reads the secret.
    ///
    /// # Errors
    /// If it stands in a file that cannot be read as text.
    pub fn read(&self) -> Result<SecretString, UnreadableSecret> {
        match self {
            Self::Value(secret) => Ok(secret.clone()),
            #[expect(clippy::disallowed_methods, reason = "a secret may come from the environment, and only here")]
            Self::Environment(name) => {
                std::env::var(name).map(SecretString::from).map_err(|_| UnreadableSecret::Environment(name.clone()))
            }
            Self::File(path) => {
                let text = std::fs::read_to_string(path)
                    .map(SecretString::from)
                    .map_err(|source| UnreadableSecret::File { path: path.clone(), source })?;
                Ok(SecretString::from(text.expose_secret().trim_end_matches(['\r', '\n']).to_owned()))
            }
        }
    }
}

fn secret_string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Holder {
        secret: SecretSource,
    }

    #[test]
    fn a_secret_never_shows_in_debug_output() {
        let holder: Holder = toml::from_str(r#"secret = { value = "hunter2" }"#).unwrap();
        assert_eq!(holder.secret.read().unwrap().expose_secret(), "hunter2");
        assert!(!format!("{holder:?}").contains("hunter2"));
    }

    #[test]
    fn a_file_is_read_without_its_last_line_end() {
        let path = std::env::temp_dir().join(format!("todoke-secret-{}", uuid::Uuid::new_v4()));
        std::fs::write(&path, "hunter2\n").unwrap();
        let secret = SecretSource::File(path.clone()).read().unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(secret.expose_secret(), "hunter2");
    }

    #[test]
    fn only_a_relative_path_is_moved() {
        let mut relative = SecretSource::File("key.pem".into());
        relative.resolve(Path::new("/etc/todoke"));
        assert!(matches!(&relative, SecretSource::File(path) if path == Path::new("/etc/todoke/key.pem")));
        relative.resolve(Path::new("/elsewhere"));
        assert!(matches!(&relative, SecretSource::File(path) if path == Path::new("/etc/todoke/key.pem")));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = SecretSource::File("/nonexistent/key.pem".into()).read().unwrap_err();
        assert!(error.to_string().contains("/nonexistent/key.pem"));
    }
}
