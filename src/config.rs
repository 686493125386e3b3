//! Every setting, typed and documented. Unknown keys are fatal; secrets come from files or
//! the environment and never show in `Debug`.

use crate::gateway::certificate_lookup::CertificateLookupSettings;
use crate::gateway::mail::MailSettings;
use crate::gateway::revocation::RevocationSettings;
use crate::gateway::secret::SecretSource;
use crate::gateway::signing_app::SigningAppSettings;
use crate::gateway::timestamp::TimestampSettings;
use crate::http::limits::LimitSettings;
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
        let MailSettings::Smtp(smtp) = &self.mail else {
            return refuse("mail.folder", "needs a mail server");
        };
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

    /// The example with one change, and what is said to it.
    fn refusal(from: &str, to: &str) -> String {
        let text = example().replace(from, to);
        assert_ne!(text, example(), "{from} must stand in the example");
        let trial = text.replace("environment = \"production\"", "environment = \"test\"");
        parsed(&trial).unwrap_or_else(|error| panic!("a trial may {to}: {error}"));
        parsed(&text).expect_err(to)
    }

    #[test]
    fn production_is_reached_over_https_from_everywhere() {
        for bad in
            ["http://card.example.jp", "https://localhost", "https://LOCALHOST", "https://127.8.8.8", "https://[::1]"]
        {
            let error = refusal("https://card.example.jp", bad);
            assert!(error.starts_with("server.base_url: production"), "{bad}: {error}");
        }
        let error = refusal("trusted_proxies = [\"127.0.0.1\"]\n", "");
        assert!(error.starts_with("server.tls: production"), "{error}");
        let own = example().replace("trusted_proxies = [\"127.0.0.1\"]\n", "").replace("# tls = {", "tls = {");
        parsed(&own).unwrap();
    }

    #[test]
    fn production_refuses_a_simulated_app_at_each_of_its_addresses() {
        let addresses = [
            ("issuer", "/api/realms/main\"\nclient_id"),
            ("authorization_endpoint", "/api/realms/main/protocol/openid-connect/auth\""),
            ("token_endpoint", "/api/realms/main/protocol/openid-connect/token\""),
            ("jwks_uri", "/api/realms/main/protocol/openid-connect/certs\""),
            ("sign_transactions_endpoint", "/api/sign-transactions\""),
        ];
        for (key, path) in addresses {
            for bad in [
                "https://sb-auth-and-sign.go.jp",
                "https://localhost:8081",
                "https://127.0.0.1:8081",
                "https://[::1]:8081",
                "https://[::ffff:127.0.0.1]",
                "http://auth-and-sign.go.jp",
            ] {
                let error = refusal(&format!("https://auth-and-sign.go.jp{path}"), &format!("{bad}{path}"));
                assert!(error.starts_with(&format!("signing_app.{key}: production")), "{bad}: {error}");
            }
        }
    }

    #[test]
    fn production_keeps_no_secret_in_the_configuration() {
        for (key, from, to) in [
            ("keys.master", "master = { file = \"/etc/todoke/master.keys\" }", "master = { value = \"1:AAAA\" }"),
            (
                "signing_app.assertion_key",
                "assertion_key = { file = \"/etc/todoke/client-key.pem\" }",
                "assertion_key = { value = \"x\" }",
            ),
            (
                "mail.smtp.password",
                "# username = \"todoke\"\n# password = { file = \"/etc/todoke/smtp-password\" }",
                "username = \"todoke\"\npassword = { value = \"x\" }",
            ),
            (
                "database.url",
                "url = { value = \"sqlite:/var/lib/todoke/todoke.sqlite\" }",
                "url = { value = \"postgres://todoke:x@localhost/todoke\" }",
            ),
        ] {
            let error = refusal(from, to);
            assert!(error.starts_with(&format!("{key}: production keeps")), "{error}");
        }
        let elsewhere = example().replace(
            "url = { value = \"sqlite:/var/lib/todoke/todoke.sqlite\" }",
            "url = { file = \"/etc/todoke/database-url\" }",
        );
        parsed(&elsewhere).unwrap();
    }

    #[test]
    fn production_hands_mail_to_a_server() {
        let smtp = "[mail.smtp]\nhost = \"mail.example.jp\"\nport = 587\nsecurity = \"starttls\"\n";
        let error = refusal(smtp, "[mail]\nfolder = \"/var/lib/todoke/mail\"\n");
        assert!(error.starts_with("mail.folder: production"), "{error}");
    }

    #[test]
    fn sources_of_revocation_are_read_in_their_order_and_checked() {
        let sources = "[[trust.revocation]]\nkind = \"download\"\nurls = [\"http://crl.example/a.crl\"]\n\
            [[trust.revocation]]\nkind = \"ocsp\"\nurls = [\"http://ocsp.example/\"]\n[mail.smtp]";
        let config = parsed(&example().replace("[mail.smtp]", sources)).unwrap();
        let kinds: Vec<_> = config
            .trust
            .revocation_sources()
            .iter()
            .map(|source| match source {
                RevocationSettings::Folder { .. } => "folder",
                RevocationSettings::Download { .. } => "download",
                RevocationSettings::Ocsp { .. } => "ocsp",
            })
            .collect();
        assert_eq!(kinds, ["folder", "download", "ocsp"]);
        let error =
            parsed(&example().replace("[mail.smtp]", &sources.replace("http://ocsp", "ldap://ocsp"))).unwrap_err();
        assert!(error.starts_with("trust.revocation, source 2"), "{error}");
    }

    #[test]
    fn production_asks_the_register_over_https_with_a_token_kept_elsewhere() {
        let lookup = |url: &str, token: &str| {
            let text = format!("[certificate_lookup]\nurl = \"{url}\"\ntoken = {token}\n[mail.smtp]");
            parsed(&example().replace("[mail.smtp]", &text))
        };
        let kept = "{ file = \"/etc/todoke/lookup-token\" }";
        lookup("https://lookup.example/", kept).unwrap();
        assert!(lookup("http://lookup.example/", kept).unwrap_err().starts_with("certificate_lookup.url: production"));
        let error = lookup("https://lookup.example/", "{ value = \"x\" }").unwrap_err();
        assert!(error.starts_with("certificate_lookup.token: production"), "{error}");
    }

    #[test]
    fn secrets_do_not_show() {
        let text = example();
        let shown = format!("{:?}", parsed(&text).unwrap());
        assert!(!shown.contains("BEGIN PRIVATE KEY"), "{shown}");
    }
}
