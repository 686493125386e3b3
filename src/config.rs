//! Every setting, typed and documented. Unknown keys are fatal; secrets come from files or
//! the environment and never show in `Debug`.

use crate::gateway::certificate_lookup::CertificateLookupSettings;
use crate::gateway::mail::{MailSettings, MailWay};
use crate::gateway::revocation::RevocationSettings;
use crate::gateway::seal::SealSettings;
use crate::gateway::secret::SecretSource;
use crate::gateway::signing_app::SigningAppSettings;
use crate::gateway::timestamp::TimestampSettings;
use crate::http::limits::LimitSettings;
use crate::service::attach::AttachmentLimits;
use crate::service::retain::purge::PurgeCap;
use crate::telemetry::LogFormat;
use reqwest::Url;
use secrecy::ExposeSecret;
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
    /// Who knows the numbers of user-authentication certificates; without it staff notes them.
    pub certificate_lookup: Option<CertificateLookupSettings>,
    /// Who vouches for the time of evidence. Without, the time of receipt is the portal's own statement.
    #[serde(default)]
    pub timestamp: Option<TimestampSettings>,
    /// The seals that libraries put on their notices. A library without one gives out notices without.
    #[serde(default)]
    pub seal: Vec<SealSettings>,
    /// How mail leaves.
    pub mail: MailSettings,
    /// Documents.
    #[serde(default)]
    pub documents: DocumentsConfig,
    /// Pictures that applicants send as proof.
    #[serde(default)]
    pub attachments: AttachmentsConfig,
    /// Erasing what was kept long enough.
    #[serde(default)]
    pub retention: RetentionConfig,
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
    /// The roots, DER or PEM.
    pub anchors: Vec<PathBuf>,
    /// SHA-256 of each root as its authority publishes it, in hexadecimal, with or without colons: a root that is not
    /// named here is refused. Production asks for it.
    #[serde(default)]
    pub anchor_sha256: Vec<String>,
    /// A folder of current revocation lists: the short way of naming one folder as the first source.
    pub revocation_lists: Option<PathBuf>,
    /// A folder of the portal's own, where lists that were fetched wait for a start without network.
    pub revocation_cache: Option<PathBuf>,
    /// Where lists and answers about revocation come from, in this order. Without any, every signature waits
    /// for staff who cannot approve it.
    #[serde(default)]
    pub revocation: Vec<RevocationSettings>,
}

/// Documents.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentsConfig {
    /// More font files (TTF, OTF), for characters beyond JIS X 0213.
    pub fonts: Vec<PathBuf>,
}

/// Pictures that applicants send as proof.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttachmentsConfig {
    /// The largest file that may be sent, in megabytes.
    pub largest_file_mb: u8,
    /// The most pictures of one application.
    pub most_files: u8,
    /// The most megabytes that the pictures of one application take in the database.
    pub most_kept_mb: u8,
}

impl Default for AttachmentsConfig {
    fn default() -> Self {
        Self { largest_file_mb: 10, most_files: 6, most_kept_mb: 12 }
    }
}

impl AttachmentsConfig {
    /// The same in octets.
    #[must_use]
    pub fn limits(self) -> AttachmentLimits {
        AttachmentLimits {
            largest_file: usize::from(self.largest_file_mb) << 20,
            most_files: usize::from(self.most_files),
            most_kept: u64::from(self.most_kept_mb) << 20,
        }
    }
}

/// Erasing what was kept long enough. How long that is stands in the rules of each library.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionConfig {
    /// The largest part, in percent, of a library's kept applications that may be erased at once.
    pub largest_share: u8,
    /// So many are erased at once in any case.
    pub at_least: u32,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self { largest_share: 20, at_least: 100 }
    }
}

impl RetentionConfig {
    /// The same as the service reads it.
    #[must_use]
    pub fn cap(self) -> PurgeCap {
        PurgeCap { percent: self.largest_share.into(), at_least: self.at_least.into() }
    }
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

impl TrustConfig {
    /// Whether a root with this SHA-256 is one of those that were named; without names, any is.
    #[must_use]
    pub fn pins(&self, sha256: &[u8; 32]) -> bool {
        let digits = |text: &String| text.to_lowercase().replace([':', ' '], "");
        let wanted = data_encoding::HEXLOWER.encode(sha256);
        self.anchor_sha256.is_empty() || self.anchor_sha256.iter().map(digits).any(|pin| pin == wanted)
    }

    /// All sources in their order.
    #[must_use]
    pub fn revocation_sources(&self) -> Vec<RevocationSettings> {
        let folder = self.revocation_lists.clone().map(RevocationSettings::folder);
        folder.into_iter().chain(self.revocation.iter().cloned()).collect()
    }
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
        for path in [&mut self.trust.revocation_lists, &mut self.trust.revocation_cache].into_iter().flatten() {
            *path = folder.join(&*path);
        }
        self.trust.revocation.iter_mut().for_each(|source| source.resolve(folder));
        if let Some(lookup) = &mut self.certificate_lookup {
            lookup.resolve(folder);
        }
        for path in self.timestamp.iter_mut().flat_map(|settings| &mut settings.anchors) {
            *path = folder.join(&*path);
        }
        self.seal.iter_mut().for_each(|seal| seal.resolve(folder));
        self.mail.resolve(folder);
        self.signing_app.resolve(folder);
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
        for (place, source) in (1..).zip(&self.trust.revocation) {
            if let Some(fault) = source.fault() {
                return Err(ConfigError::Unsafe(format!("trust.revocation, source {place}: {fault}")));
            }
        }
        if !(1..=25).contains(&self.attachments.largest_file_mb) {
            return refuse("attachments.largest_file_mb: between 1 and 25");
        }
        if self.environment == Environment::Production {
            self.check_production()?;
        }
        let expected = format!("{base}/signing/return");
        if self.signing_app.redirect_uri != expected {
            return Err(ConfigError::Unsafe(format!("signing_app.redirect_uri: must be {expected}")));
        }
        Ok(())
    }

    /// What a trial may do and production may not.
    fn check_production(&self) -> Result<(), ConfigError> {
        let refuse = |key: &str, reason: &str| Err(ConfigError::Unsafe(format!("{key}: production {reason}")));
        match Site::of(&self.server.base_url) {
            Site::Public => {}
            Site::InClear => return refuse("server.base_url", "needs https"),
            Site::Local => return refuse("server.base_url", "cannot be on localhost"),
            Site::Sandbox | Site::Unreadable => return refuse("server.base_url", "needs a public address"),
        }
        if self.server.tls.is_none() && self.server.trusted_proxies.is_empty() {
            return refuse("server.tls", "needs TLS: name certificate and key here, or the proxy in trusted_proxies");
        }
        let app = &self.signing_app;
        for (key, address) in app.addresses() {
            if Site::of(address) != Site::Public {
                return refuse(&format!("signing_app.{key}"), "cannot use a simulated or sandbox app, or plain http");
            }
        }
        let MailWay::Smtp(smtp) = &self.mail.way else {
            return refuse("mail.folder", "needs a mail server");
        };
        if self.trust.anchor_sha256.is_empty() {
            return refuse(
                "trust.anchor_sha256",
                "needs the fingerprints of the roots as their authority publishes them",
            );
        }
        let lookup = self.certificate_lookup.as_ref();
        if lookup.is_some_and(|lookup| lookup.url.scheme() != "https") {
            return refuse("certificate_lookup.url", "needs https");
        }
        for (key, secret) in [
            ("keys.master", Some(&self.keys.master)),
            ("certificate_lookup.token", lookup.and_then(|lookup| lookup.token.as_ref())),
            ("signing_app.assertion_key", Some(&app.assertion_key)),
            ("signing_app.decryption_key", app.decryption_key.as_ref()),
            ("mail.smtp.password", smtp.password.as_ref()),
        ] {
            if matches!(secret, Some(SecretSource::Value(_))) {
                return refuse(key, "keeps secrets in files or the environment, not in this one");
            }
        }
        if self.seal.iter().any(|seal| matches!(seal.secret(), Some(SecretSource::Value(_)))) {
            return refuse("seal", "keeps secrets in files or the environment, not in this one");
        }
        // The path of a file is no secret; an address of a server may hold a password.
        if let SecretSource::Value(url) = &self.database.url
            && !url.expose_secret().starts_with("sqlite:")
        {
            return refuse("database.url", "keeps the server's address in a file or the environment");
        }
        Ok(())
    }
}

/// What kind of place an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Site {
    /// Anywhere in the world, over TLS.
    Public,
    /// Anywhere, but not over TLS.
    InClear,
    /// This machine.
    Local,
    /// A provider's place for trials.
    Sandbox,
    /// Nowhere.
    Unreadable,
}

impl Site {
    fn of(address: &str) -> Self {
        let Ok(url) = Url::parse(address) else { return Self::Unreadable };
        let Some(host) = url.host_str() else { return Self::Unreadable };
        let host = host.trim_matches(['[', ']']).trim_end_matches('.');
        let local = host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback() || ip.is_unspecified());
        match url.scheme() {
            _ if local => Self::Local,
            _ if host.starts_with("sb-") => Self::Sandbox,
            "https" => Self::Public,
            _ => Self::InClear,
        }
    }
}

#[cfg(test)]
mod tests;
