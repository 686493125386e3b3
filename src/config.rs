//! Every setting, typed and documented. Unknown keys are fatal; secrets come from files or
//! the environment and never show in `Debug`.

use crate::gateway::mail::MailSettings;
use crate::gateway::secret::SecretSource;
use crate::gateway::signing_app::SigningAppSettings;
use crate::http::limits::LimitSettings;
use crate::telemetry::LogFormat;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// The whole configuration file. `deploy/config.example.toml` explains each key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What this installation is for.
    pub environment: Environment,
    /// Where and how the portal listens.
    pub server: ServerConfig,
    /// Where the data are.
    pub database: DatabaseConfig,
    /// The keys to sealed data.
    pub keys: KeysConfig,
    /// The app that asks the card to sign.
    pub signing_app: SigningAppSettings,
    /// By what signatures are judged.
    pub trust: TrustConfig,
    /// How mail leaves.
    pub mail: MailSettings,
    /// Documents.
    #[serde(default)]
    pub documents: DocumentsConfig,
    /// How often is too often.
    #[serde(default)]
    pub limits: LimitSettings,
    /// Logs.
    #[serde(default)]
    pub log: LogConfig,
}

/// What an installation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Real applicants: test roots, test policies and simulated apps are refused.
    Production,
    /// A trial with test cards.
    Test,
}

/// Where and how the portal listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// The portal's public address, such as `https://card.example.jp`, without a final slash.
    pub base_url: String,
    /// Certificate and key, if the portal itself speaks TLS; otherwise a reverse proxy must.
    pub tls: Option<TlsConfig>,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    #[serde(default)]
    pub trusted_proxies: Vec<IpAddr>,
}

/// Files for TLS, PEM.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Where the data are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://…`; a secret because the latter may hold a password.
    pub url: SecretSource,
}

/// The keys to sealed data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// The master keys, one `version:base64` a line.
    pub master: SecretSource,
}

/// By what signatures are judged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustConfig {
    /// The pinned roots, DER or PEM.
    pub anchors: Vec<PathBuf>,
    /// A folder of current revocation lists; without it every signature is flagged for staff.
    pub revocation_lists: Option<PathBuf>,
}

/// Documents.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentsConfig {
    /// More font files (TTF, OTF), for characters beyond JIS X 0213.
    pub fonts: Vec<PathBuf>,
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// JSON or text.
    pub format: LogFormat,
    /// A filter such as `info` or `warn,todoke=debug`.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Json, level: "info".to_owned() }
    }
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key is unknown, missing or of the wrong kind; the message names the line.
    #[error("{path}: {source}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and where.
        source: Box<toml::de::Error>,
    },
    /// A rule that spans several keys is broken.
    #[error("{0}")]
    Unsafe(String),
}

impl Config {
    /// Reads and checks a configuration file. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`ConfigError`] with the file and, for a wrong key, the line.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let mut config: Self = toml::from_str(&text)
            .map_err(|source| ConfigError::Invalid { path: path.to_owned(), source: Box::new(source) })?;
        config.resolve(path.parent().unwrap_or(Path::new(".")));
        config.check()?;
        Ok(config)
    }

    fn resolve(&mut self, folder: &Path) {
        for path in self.trust.anchors.iter_mut().chain(&mut self.documents.fonts) {
            *path = folder.join(&*path);
        }
        if let Some(path) = &mut self.trust.revocation_lists {
            *path = folder.join(&*path);
        }
        self.mail.resolve(folder);
        self.signing_app.assertion_key.resolve(folder);
        self.database.url.resolve(folder);
        self.keys.master.resolve(folder);
        if let Some(tls) = &mut self.server.tls {
            tls.certificate = folder.join(&tls.certificate);
            tls.key = folder.join(&tls.key);
        }
    }

    /// What no single key can tell.
    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |reason: &str| Err(ConfigError::Unsafe(reason.to_owned()));
        let base = &self.server.base_url;
        if base.ends_with('/') {
            return refuse("server.base_url: leave out the final slash");
        }
        if self.trust.anchors.is_empty() {
            return refuse("trust.anchors: name at least one root certificate");
        }
        if self.environment == Environment::Production {
            if !base.starts_with("https://") {
                return refuse("server.base_url: production needs https");
            }
            if is_local(base) {
                return refuse("server.base_url: production cannot be on localhost");
            }
            if is_local(&self.signing_app.issuer) || self.signing_app.issuer.contains("://sb-") {
                return refuse("signing_app.issuer: production cannot use a simulated or sandbox app");
            }
        }
        let expected = format!("{base}/signing/return");
        if self.signing_app.redirect_uri != expected {
            return Err(ConfigError::Unsafe(format!("signing_app.redirect_uri: must be {expected}")));
        }
        Ok(())
    }
}

fn is_local(url: &str) -> bool {
    ["://localhost", "://127.", "://[::1]"].iter().any(|local| url.contains(local))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> String {
        include_str!("../deploy/config.example.toml").to_owned()
    }

    fn parsed(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
        config.check().map_err(|error| error.to_string())?;
        Ok(config)
    }

    #[test]
    fn the_example_is_a_sound_production_configuration() {
        let config = parsed(&example()).unwrap();
        assert_eq!(config.environment, Environment::Production);
    }

    #[test]
    fn an_unknown_key_is_fatal_and_named_with_its_line() {
        let text = example().replace("[database]\n", "[database]\nurll = \"x\"\n");
        let error = parsed(&text).unwrap_err();
        assert!(error.contains("urll") && error.contains("line"), "{error}");
    }

    #[test]
    fn production_refuses_what_belongs_to_a_trial() {
        for (from, to) in [
            ("https://card.example.jp\"", "http://card.example.jp\""),
            ("https://card.example.jp\"", "https://localhost\""),
            ("https://auth-and-sign.go.jp", "https://sb-auth-and-sign.go.jp"),
            ("https://auth-and-sign.go.jp", "http://127.0.0.1:8081"),
        ] {
            let text = example().replace(from, to);
            assert_ne!(text, example(), "{from} must stand in the example");
            assert!(parsed(&text).is_err(), "{to}");
        }
    }

    #[test]
    fn secrets_do_not_show() {
        let text = example();
        let shown = format!("{:?}", parsed(&text).unwrap());
        assert!(!shown.contains("BEGIN PRIVATE KEY"), "{shown}");
    }
}
