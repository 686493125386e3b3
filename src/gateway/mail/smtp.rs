//! How to reach the mail server: by STARTTLS or not at all, unless the server is on this machine.

use super::UnsoundMailSettings;
use crate::gateway::requests;
use crate::gateway::secret::SecretSource;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// How to reach the mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// The server's name, as it stands in its certificate.
    pub host: String,
    /// The port; 587 (submission) unless said otherwise.
    #[serde(default = "default_port")]
    pub port: u16,
    /// How the way there is protected.
    #[serde(default)]
    pub security: Security,
    /// As whom to send, if the server asks.
    #[serde(default)]
    pub username: Option<String>,
    /// The password to `username`.
    #[serde(default)]
    pub password: Option<SecretSource>,
    /// A private certification authority that the server's certificate comes from, PEM.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// How long the server may take to answer one command, in seconds, and three times as long to take the contents; 30
    /// unless said otherwise.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
}

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// STARTTLS is required: a server without it gets no letter.
    #[default]
    Starttls,
    /// In clear, to this machine only.
    Plain,
}

impl SmtpSettings {
    /// Makes relative file paths ones below `folder`.
    pub(super) fn resolve(&mut self, folder: &Path) {
        if let Some(path) = &mut self.ca_file {
            *path = folder.join(&*path);
        }
        if let Some(password) = &mut self.password {
            password.resolve(folder);
        }
    }

    /// With what TLS is asked for; `None`: in clear, to this machine.
    pub(super) fn tls(&self) -> Result<Option<TlsParameters>, UnsoundMailSettings> {
        match self.security {
            Security::Plain if requests::is_this_machine(&self.host) => return Ok(None),
            Security::Plain => return Err(UnsoundMailSettings::PlainToElsewhere),
            Security::Starttls => {}
        }
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(path) = &self.ca_file {
            let pem =
                std::fs::read(path).map_err(|source| UnsoundMailSettings::CaFile { path: path.clone(), source })?;
            builder = builder.add_root_certificate(Certificate::from_pem(&pem)?);
        }
        Ok(Some(builder.build_rustls()?))
    }

    /// As whom to send.
    pub(super) fn credentials(&self) -> Result<Option<Credentials>, UnsoundMailSettings> {
        match (&self.username, &self.password) {
            (Some(username), Some(password)) => {
                let password = password.read()?.expose_secret().to_owned();
                Ok(Some(Credentials::new(username.clone(), password)))
            }
            (None, None) => Ok(None),
            _ => Err(UnsoundMailSettings::HalfCredentials),
        }
    }
}

const fn default_port() -> u16 {
    587
}

const fn default_timeout() -> u64 {
    30
}
