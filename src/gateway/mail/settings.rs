//! The settings of mail: where it goes, where it comes back to, and when somebody should look.

use super::SmtpSettings;
use super::bounce::BounceAddress;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// After so many minutes without a mail handed over while one waits, somebody should look.
const ALARM_AFTER_MINUTES: u16 = 30;

/// Everything about mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct MailSettings {
    /// Where mail goes.
    pub way: MailWay,
    /// Where it comes back to; without it nobody hears of mails that do not arrive.
    pub bounces: Option<BounceSettings>,
    /// After how long without a mail handed over, while one waits, there is an alarm.
    pub alarm_after: time::Duration,
}

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum MailWay {
    /// To a mail server.
    Smtp(SmtpSettings),
    /// Into a folder, one file for each letter.
    Folder(PathBuf),
}

/// Where mails come back to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BounceSettings {
    /// The mailbox, whose extensions (`bounce+…@`) reach it too.
    pub address: BounceAddress,
    /// A Maildir that is read; without it the mail server pipes them to `todoke mail bounce`.
    #[serde(default)]
    pub maildir: Option<PathBuf>,
}

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    smtp: Option<SmtpSettings>,
    folder: Option<PathBuf>,
    bounces: Option<BounceSettings>,
    #[serde(default = "alarm_after_minutes")]
    alarm_after_minutes: u16,
}

const fn alarm_after_minutes() -> u16 {
    ALARM_AFTER_MINUTES
}

/// Mail can go only one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("mail: name either a server (smtp) or a folder")]
pub struct NotOneWay;

impl TryFrom<Written> for MailSettings {
    type Error = NotOneWay;

    fn try_from(written: Written) -> Result<Self, NotOneWay> {
        let way = match (written.smtp, written.folder) {
            (Some(smtp), None) => MailWay::Smtp(smtp),
            (None, Some(folder)) => MailWay::Folder(folder),
            _ => return Err(NotOneWay),
        };
        let alarm_after = time::Duration::minutes(written.alarm_after_minutes.into());
        Ok(Self { way, bounces: written.bounces, alarm_after })
    }
}

impl MailSettings {
    /// Makes relative file paths ones below `folder`.
    pub fn resolve(&mut self, folder: &Path) {
        match &mut self.way {
            MailWay::Folder(path) => *path = folder.join(&*path),
            MailWay::Smtp(smtp) => smtp.resolve(folder),
        }
        if let Some(path) = self.bounces.as_mut().and_then(|bounces| bounces.maildir.as_mut()) {
            *path = folder.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Mailer, Security};
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Config {
        mail: MailSettings,
    }

    #[test]
    fn settings_name_a_folder_or_a_server() {
        let folder: Config = toml::from_str(r#"mail = { folder = "/var/mail/out" }"#).unwrap();
        assert!(matches!(Mailer::new(&folder.mail.way), Ok(Mailer::Folder(_))));
        let server: Config = toml::from_str("[mail.smtp]\nhost = \"mail.example.jp\"").unwrap();
        let MailWay::Smtp(smtp) = server.mail.way else { panic!("not smtp") };
        assert_eq!((smtp.port, smtp.security), (587, Security::Starttls));
        assert_eq!(server.mail.alarm_after, time::Duration::minutes(30));
        for text in ["[mail]", "[mail]\nfolder = \"/x\"\n[mail.smtp]\nhost = \"mail.example.jp\""] {
            assert!(toml::from_str::<Config>(text).unwrap_err().to_string().contains("either a server"), "{text}");
        }
    }

    #[test]
    fn mails_come_back_to_a_mailbox_that_can_be_extended() {
        let text = "[mail]\nfolder = \"/x\"\nbounces = { address = \"bounce@card.example.jp\", maildir = \"Maildir\" }";
        let mut config: Config = toml::from_str(text).unwrap();
        config.mail.resolve(Path::new("/etc/todoke"));
        let bounces = config.mail.bounces.unwrap();
        assert_eq!(bounces.maildir.as_deref(), Some(Path::new("/etc/todoke/Maildir")));
        let error = toml::from_str::<Config>(&text.replace("bounce@", "bounce+x@")).unwrap_err();
        assert!(error.to_string().contains("no + before the @"), "{error}");
    }
}
