//! A mail server that others wrote (`tests/smtp`), run by Node.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use todoke::gateway::mail::{MailWay, Mailer};
use uuid::Uuid;

/// The password that it asks for, where it does.
pub(crate) const PASSWORD: &str = "a password of the mail server";

/// How the server is set up.
#[derive(Default)]
pub(crate) struct Manner {
    /// Key and certificate, PEM: then it offers STARTTLS.
    pub(crate) tls: Option<(String, String)>,
    /// True if it asks who sends.
    pub(crate) asks_who: bool,
    /// At which contents it dies.
    pub(crate) dies_at: Option<u32>,
    /// With which code and words it refuses every sender.
    pub(crate) refuses_sender: Option<(u16, &'static str)>,
}

/// A running mail server.
pub(crate) struct MailServer {
    process: Child,
    folder: PathBuf,
    pub(crate) port: u16,
}

/// A mail that the server took.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) message_id: String,
    pub(crate) sender: String,
    pub(crate) recipient: String,
    pub(crate) message: String,
    pub(crate) is_secure: bool,
    pub(crate) user: Option<String>,
}

impl MailServer {
    pub(crate) fn start(manner: &Manner) -> Self {
        let folder = std::env::temp_dir().join(format!("todoke-smtp-{}", Uuid::new_v4().simple()));
        std::fs::create_dir(&folder).unwrap();
        let (process, port) = run(&folder, manner, 0);
        Self { process, folder, port }
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        self.process.kill().unwrap();
    }

    /// Waits until it has died, and starts another one in its place with the same ledger.
    pub(crate) fn start_again(&mut self, manner: &Manner) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
        (self.process, self.port) = run(&self.folder, manner, self.port);
    }

    /// What it took, in order.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        let ledger = std::fs::read_to_string(self.folder.join("ledger")).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let taken = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            Taken {
                message_id: text(&line["id"]),
                sender: text(&line["from"]),
                recipient: text(&line["to"][0]),
                message: text(&line["message"]),
                is_secure: line["secure"] == true,
                user: line["user"].as_str().map(str::to_owned),
            }
        };
        ledger.lines().map(taken).collect()
    }

    /// The way to it in clear.
    pub(crate) fn mailer(&self) -> Mailer {
        self.mailer_with("security = \"plain\"")
    }

    /// The way to it, as settings say besides host and port.
    pub(crate) fn mailer_with(&self, settings: &str) -> Mailer {
        let smtp = toml::from_str(&format!("host = \"localhost\"\nport = {}\n{settings}", self.port)).unwrap();
        Mailer::new(&MailWay::Smtp(smtp)).unwrap()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn run(folder: &std::path::Path, manner: &Manner, port: u16) -> (Child, u16) {
    let module = std::path::absolute("tests/smtp").unwrap();
    assert!(module.join("node_modules/smtp-server").is_dir(), "no mail server: npm ci --prefix tests/smtp");
    let settings = json!({
        "port": port,
        "key": manner.tls.as_ref().map(|tls| &tls.0),
        "cert": manner.tls.as_ref().map(|tls| &tls.1),
        "password": manner.asks_who.then_some(PASSWORD),
        "diesAt": manner.dies_at,
        "refusesSender": manner.refuses_sender.map(|(code, text)| json!({ "code": code, "text": text })),
        "ledger": folder.join("ledger"),
        "keepsMessages": true,
    });
    let file = folder.join("settings.json");
    std::fs::write(&file, settings.to_string()).unwrap();
    let mut process = Command::new("node")
        .arg(module.join("server.mjs"))
        .arg(file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node 20.19 or newer is needed");
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).expect("the mail server says where it listens");
    let port = ready["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
    (process, port)
}
