//! The way to a mail server: STARTTLS or nothing, unless the server is on this machine.

use super::{MOST_AT_ONCE, UnsoundMailSettings};
use crate::gateway::requests;
use crate::gateway::secret::SecretSource;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    /// How long one step may take, in seconds; 30 unless said otherwise.
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
}

const fn default_port() -> u16 {
    587
}

const fn default_timeout() -> u64 {
    30
}

/// A pool of connections to the mail server.
#[derive(Clone)]
pub struct Relay {
    pub(super) transport: AsyncSmtpTransport<Tokio1Executor>,
    address: String,
}

impl Relay {
    /// Sets the pool up; nothing is connected yet.
    pub(super) fn new(settings: &SmtpSettings) -> Result<Self, UnsoundMailSettings> {
        let tls = match settings.security {
            Security::Starttls => Tls::Required(tls_parameters(settings)?),
            Security::Plain if requests::is_this_machine(&settings.host) => Tls::None,
            Security::Plain => return Err(UnsoundMailSettings::PlainToElsewhere),
        };
        // "Dangerous" only in that TLS must be asked for, which happens here.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .timeout(Some(Duration::from_secs(settings.timeout_seconds)))
            .pool_config(PoolConfig::new().max_size(MOST_AT_ONCE))
            .tls(tls);
        match (&settings.username, &settings.password) {
            (Some(username), Some(password)) => {
                let password = password.read()?.expose_secret().to_owned();
                builder = builder.credentials(Credentials::new(username.clone(), password));
            }
            (None, None) => {}
            _ => return Err(UnsoundMailSettings::HalfCredentials),
        }
        Ok(Self { transport: builder.build(), address: format!("{}:{}", settings.host, settings.port) })
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Relay({})", self.address)
    }
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, UnsoundMailSettings> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let pem = std::fs::read(path).map_err(|source| UnsoundMailSettings::CaFile { path: path.clone(), source })?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem)?);
    }
    Ok(builder.build_rustls()?)
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::a_letter;
    use super::super::{MailError, MailFault, MailWay, Mailer};
    use super::*;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    fn settings(port: u16, security: Security) -> SmtpSettings {
        SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port,
            security,
            username: None,
            password: None,
            ca_file: None,
            timeout_seconds: 10,
        }
    }

    /// A mail server for one connection that answers `RCPT` with `reply`; yields what it was told.
    async fn server(reply: &'static str) -> (u16, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let told = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            let mut told = String::new();
            let mut in_letter = false;
            writer.write_all(b"220 test\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                told.push_str(&line);
                told.push('\n');
                let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                    "." => "250 taken",
                    _ if in_letter => continue,
                    "EHLO" => "250-test\r\n250 8BITMIME",
                    "RCPT" => reply,
                    "DATA" => "354 go on",
                    "QUIT" => "221 bye",
                    _ => "250 ok",
                };
                in_letter = answer.starts_with("354");
                if writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                    break;
                }
                // Each story is over with its first letter or refusal.
                if answer.starts_with("250 taken") || answer == reply && !reply.starts_with("250") {
                    break;
                }
            }
            told
        });
        (port, told)
    }

    async fn outcome(reply: &'static str) -> (Result<(), MailError>, String) {
        let (port, told) = server(reply).await;
        let mailer = Mailer::new(&MailWay::Smtp(settings(port, Security::Plain))).unwrap();
        let outcome = mailer.send(&a_letter()).await;
        drop(mailer);
        (outcome, told.await.unwrap())
    }

    #[tokio::test]
    async fn a_letter_reaches_the_server_with_its_message_id() {
        let (outcome, told) = outcome("250 ok").await;
        assert_eq!(outcome, Ok(()));
        assert!(told.contains(&format!("Message-ID: {}", a_letter().message_id)), "{told}");
    }

    #[tokio::test]
    async fn only_a_permanent_reply_is_permanent() {
        let permanent = MailError::Permanent(MailFault::Reply(550));
        assert_eq!(outcome("550 <hanako@example.jp> refused").await.0, Err(permanent));
        let nobody = MailError::Permanent(MailFault::Nobody(550));
        assert_eq!(outcome("550 5.1.1 <hanako@example.jp> unknown").await.0, Err(nobody));
        assert!(!permanent.to_string().contains("hanako") && !nobody.to_string().contains("hanako"));
        assert!(matches!(outcome("451 later").await.0, Err(MailError::Transient(_))));
        assert!(matches!(outcome("535 who are you").await.0, Err(MailError::Transient(_))));
    }

    #[tokio::test]
    async fn a_server_without_starttls_gets_no_letter() {
        let (port, told) = server("250 ok").await;
        let mailer = Mailer::new(&MailWay::Smtp(settings(port, Security::Starttls))).unwrap();
        assert!(matches!(mailer.send(&a_letter()).await, Err(MailError::Transient(_))));
        drop(mailer);
        let told = told.await.unwrap();
        assert!(!told.contains("MAIL FROM"), "{told}");
    }

    #[tokio::test]
    async fn nobody_there_is_worth_another_try() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mailer = Mailer::new(&MailWay::Smtp(settings(port, Security::Plain))).unwrap();
        assert!(matches!(mailer.send(&a_letter()).await, Err(MailError::Transient(_))));
    }

    #[test]
    fn mail_in_clear_never_leaves_this_machine() {
        for host in ["mail.example.jp", "192.0.2.1", "127.0.0.1.example.jp"] {
            let settings = SmtpSettings { host: host.to_owned(), ..settings(25, Security::Plain) };
            assert!(matches!(Relay::new(&settings), Err(UnsoundMailSettings::PlainToElsewhere)), "{host}");
        }
    }

    #[test]
    fn half_of_the_credentials_is_refused() {
        let half = SmtpSettings { username: Some("todoke".to_owned()), ..settings(587, Security::Starttls) };
        assert!(matches!(Relay::new(&half), Err(UnsoundMailSettings::HalfCredentials)));
    }
}
