//! The way to the mail server, command by command: at which of them it refuses says whose fault it is, and a connection
//! on which an answer is owed is never used again, for the next mail would take it for its own.

use super::error::Step;
use super::smtp::SmtpSettings;
use super::{Letter, MailError, UnsoundMailSettings};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long a connection is kept for the next mail.
const KEPT: Duration = Duration::from_mins(1);
/// A mail server looks through the contents before it answers, so it may take so many times as long over them.
const LOOKING_THROUGH: u32 = 3;

/// The mail server, and the connections to it that wait for the next mail. Clones share them.
#[derive(Clone)]
pub struct Relay {
    host: String,
    port: u16,
    /// `None`: in clear.
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    /// As what this machine greets.
    hello: ClientId,
    /// How long one command may take.
    step: Duration,
    kept: Arc<Kept>,
}

#[derive(Default)]
struct Kept(Mutex<Vec<(AsyncSmtpConnection, Instant)>>);

impl Relay {
    /// Sets it up; nothing is connected yet.
    pub(super) fn new(settings: &SmtpSettings) -> Result<Self, UnsoundMailSettings> {
        Ok(Self {
            host: settings.host.clone(),
            port: settings.port,
            tls: settings.tls()?,
            credentials: settings.credentials()?,
            hello: ClientId::default(),
            step: Duration::from_secs(settings.timeout_seconds),
            kept: Arc::default(),
        })
    }

    /// Hands a letter over. Whoever stops waiting for it closes its connection.
    pub(super) async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let message = letter.to_message()?.formatted();
        let mut connection = self.connection().await?;
        match self.hand_over(&mut connection, letter, &message).await {
            Ok(()) => {
                self.keep(connection);
                Ok(())
            }
            Err(failure) => {
                if failure.is_answered {
                    self.take_leave(connection).await;
                }
                Err(failure.error)
            }
        }
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        letter: &Letter,
        message: &[u8],
    ) -> Result<(), Failure> {
        let mail = Mail::new(Some(letter.returns_to.clone()), Vec::new());
        within(self.step, Step::Opening, connection.command(mail)).await?;
        let recipient = Rcpt::new(letter.to.clone(), Vec::new());
        within(self.step, Step::Recipient, connection.command(recipient)).await?;
        within(self.step, Step::Contents, connection.command(Data)).await?;
        within(self.step * LOOKING_THROUGH, Step::Contents, connection.message(message)).await?;
        Ok(())
    }

    /// One that was kept and still answers, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Failure> {
        while let Some(mut connection) = self.kept.take() {
            if let Ok(Ok(_)) = timeout(self.step, connection.command(Noop)).await {
                return Ok(connection);
            }
        }
        let server = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, Some(self.step), &self.hello, None, None);
        let mut connection = within(self.step, Step::Opening, connecting).await?;
        if let Some(tls) = &self.tls {
            within(self.step, Step::Opening, connection.starttls(tls.clone(), &self.hello)).await?;
        }
        if let Some(credentials) = &self.credentials {
            within(self.step, Step::Opening, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(connection)
    }

    /// Keeps a connection that owes nothing for the next mail, and takes leave if none comes.
    fn keep(&self, connection: AsyncSmtpConnection) {
        self.kept.put(connection);
        let (relay, kept) = (Self { kept: Arc::default(), ..self.clone() }, Arc::downgrade(&self.kept));
        tokio::spawn(async move {
            tokio::time::sleep(KEPT).await;
            for connection in kept.upgrade().map(|kept| kept.take_old()).unwrap_or_default() {
                relay.take_leave(connection).await;
            }
        });
    }

    async fn take_leave(&self, mut connection: AsyncSmtpConnection) {
        drop(timeout(self.step, connection.abort()).await);
    }
}

impl Kept {
    fn put(&self, connection: AsyncSmtpConnection) {
        self.all().push((connection, Instant::now()));
    }

    /// The one that was used last.
    fn take(&self) -> Option<AsyncSmtpConnection> {
        self.all().pop().map(|(connection, _)| connection)
    }

    fn take_old(&self) -> Vec<AsyncSmtpConnection> {
        let mut all = self.all();
        all.extract_if(.., |(_, since)| since.elapsed() >= KEPT).map(|(connection, _)| connection).collect()
    }

    fn all(&self) -> MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a command brought nothing.
struct Failure {
    error: MailError,
    /// Otherwise the connection owes an answer, or is lost.
    is_answered: bool,
}

impl From<Failure> for MailError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// What the server answers a command, as long as it may take.
async fn within<T>(
    limit: Duration,
    step: Step,
    command: impl Future<Output = Result<T, smtp::Error>>,
) -> Result<T, Failure> {
    match timeout(limit, command).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Failure { error: MailError::at(step, &error), is_answered: error.status().is_some() }),
        Err(_) => Err(Failure { error: MailError::transient("the mail server is too slow"), is_answered: false }),
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Relay({}:{})", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::a_letter;
    use super::super::{MailFault, MailWay, Mailer, Security};
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
