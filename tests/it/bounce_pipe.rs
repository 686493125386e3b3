//! `todoke mail bounce` as the mail server runs it: a message on its standard input, a number back.

use crate::support::app::{TestApp, stories};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use todoke::demo::stage::Stage;
use todoke::gateway::mail::MailSettings;
use todoke::gateway::mail::bounce::READ_AT_MOST;
use todoke::service::mail_care::MailCare;
use todoke::store::seal::Keyring;

const HANAKO: &str = "hanako@example.jp";
const BOUNCES: &str = "bounces = { address = \"bounce@card.example.jp\" }";
/// `EX_OK` and `EX_TEMPFAIL` of sysexits.h: whoever pipes knows no others.
const TAKEN: Option<i32> = Some(0);
const COME_AGAIN: Option<i32> = Some(75);

fn with_bounces(stage: &mut Stage) {
    let settings: MailSettings = toml::from_str(&format!("folder = \"/nowhere\"\n{BOUNCES}")).unwrap();
    stage.portal.mail_care = MailCare::new(&settings);
}

/// What an operator has on the machine: a configuration with the keys of this story's database, or others.
struct Installation {
    folder: PathBuf,
}

impl Installation {
    fn over(app: &TestApp, keys: &str, bounces: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("todoke-pipe-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let base = &app.portal().base_url;
        let address = &app.database.address;
        let config = format!(
            r#"environment = "test"
[server]
listen = "127.0.0.1:0"
base_url = "{base}"
[database]
url = {{ value = "{address}" }}
[keys]
master = {{ file = "master.keys" }}
[signing_app]
issuer = "{base}/app"
client_id = "RP"
redirect_uri = "{base}/signing/return"
authorization_endpoint = "{base}/auth"
token_endpoint = "{base}/token"
jwks_uri = "{base}/certs"
sign_transactions_endpoint = "{base}/sign"
assertion_key = {{ file = "client.pem" }}
[trust]
anchors = ["root.cer"]
[mail]
folder = "mail"
{bounces}
[log]
level = "error"
"#
        );
        std::fs::write(folder.join("config.toml"), config).unwrap();
        std::fs::write(folder.join("master.keys"), keys).unwrap();
        Self { folder }
    }

    /// Hands a message over, all of it: a pipe that breaks is a mail server that complains.
    fn pipe(&self, message: &str, recipient: Option<&str>) -> Option<i32> {
        self.pipe_to(&self.folder.join("config.toml"), message, recipient)
    }

    fn pipe_to(&self, config: &Path, message: &str, recipient: Option<&str>) -> Option<i32> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todoke"));
        command.args(["mail", "bounce", "--config"]).arg(config).current_dir(&self.folder);
        command.args(recipient.iter().flat_map(|address| ["--recipient", address]));
        let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut input = program.stdin.take().unwrap();
        input.write_all(message.as_bytes()).unwrap();
        drop(input);
        let output = program.wait_with_output().unwrap();
        // Postfix sends what a command prints to whoever sent the mail.
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        output.status.code()
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        // A folder left behind in the temporary directory is no reason to fail.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// What a mail server reports of a letter; `head` is what stands before.
fn report(head: &str, action: &str, status: &str) -> String {
    format!(
        "{head}Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n\r\n\
         Final-Recipient: rfc822; {HANAKO}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n--b--\r\n"
    )
}

async fn dead(app: &TestApp) -> i64 {
    app.database.count("SELECT COUNT(*) FROM dead_addresses").await
}

async fn returned(app: &TestApp) -> i64 {
    app.database.count("SELECT COUNT(*) FROM outbox WHERE state = 'failed'").await
}

stories! {
    #[stage(with_bounces)]
    async fn what_comes_back_is_noted_once_and_whoever_pipes_learns_nothing(app: &TestApp) {
        app.submitted_by_hanako().await;
        let sent_from = app.letters_to(HANAKO).pop().unwrap().returns_to.to_string();
        let operator = Installation::over(app, &app.database.keys, BOUNCES);
        assert_eq!(operator.pipe("From: hanako@example.jp\n\nありがとうございます\n", None), TAKEN);
        assert_eq!(operator.pipe("", None), TAKEN);
        let forged = sent_from.replacen('+', "+a", 1);
        assert_eq!(operator.pipe(&report(&format!("To: {forged}\r\n"), "failed", "5.1.1"), None), TAKEN);
        assert_eq!((returned(app).await, dead(app).await), (0, 0), "nothing of ours came back");

        let message = report(&format!("To: {sent_from}\r\n"), "failed", "5.1.1");
        assert_eq!(operator.pipe(&message, None), TAKEN);
        assert_eq!((returned(app).await, dead(app).await), (1, 1));
        assert_eq!(operator.pipe(&message, None), TAKEN);
        assert_eq!((returned(app).await, dead(app).await), (1, 1), "once");
    }

    #[stage(with_bounces)]
    async fn the_mail_server_may_say_where_it_came_and_send_more_than_is_read(app: &TestApp) {
        app.submitted_by_hanako().await;
        let sent_from = app.letters_to(HANAKO).pop().unwrap().returns_to.to_string();
        let operator = Installation::over(app, &app.database.keys, BOUNCES);
        // Behind the report lies the mail that came back, with all that was attached to it.
        let message = report("", "failed", "5.1.1") + &"x".repeat(2 * READ_AT_MOST);
        assert_eq!(operator.pipe(&message, None), TAKEN);
        assert_eq!(returned(app).await, 0, "nobody has said to which address it came");
        assert_eq!(operator.pipe(&message, Some(&sent_from)), TAKEN);
        assert_eq!((returned(app).await, dead(app).await), (1, 1));
    }

    #[stage(with_bounces)]
    async fn what_cannot_be_noted_now_is_to_come_again(app: &TestApp) {
        app.submitted_by_hanako().await;
        let sent_from = app.letters_to(HANAKO).pop().unwrap().returns_to.to_string();
        let message = report(&format!("To: {sent_from}\r\n"), "failed", "5.1.1");
        let of_others = Installation::over(app, &Keyring::generate_line(1), BOUNCES);
        assert_eq!(of_others.pipe(&message, None), COME_AGAIN, "the keys are those of another database");
        assert_eq!(of_others.pipe_to(&of_others.folder.join("none.toml"), &message, None), COME_AGAIN);
        let deaf = Installation::over(app, &app.database.keys, "");
        assert_eq!(deaf.pipe(&message, None), COME_AGAIN, "no mailbox of returns is configured");
        assert_eq!((returned(app).await, dead(app).await), (0, 0));
        assert_eq!(Installation::over(app, &app.database.keys, BOUNCES).pipe(&message, None), TAKEN);
        assert_eq!((returned(app).await, dead(app).await), (1, 1));
    }
}
