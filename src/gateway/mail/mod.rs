//! Mail: letters are written from what the outbox holds, and handed over to a mail server or into a folder.
//!
//! A letter only rings the bell. It carries no name, no card number and no secret but the
//! six-digit code that is its purpose, and its one link is the portal's configured address.
//! It speaks the language of its reader, in words from [`Words`](crate::words::Words).
//! To add a kind: a variant of [`MailContent`](crate::domain::notice::MailContent), a file `mail/KIND.ftl` in each
//! language of `templates/words` with `subject` and `body`, an arm in `letter/wording.rs`.

pub mod bounce;
mod error;
mod folder;
mod letter;
pub mod maildir;
mod markup;
mod relay;
mod settings;
mod smtp;

pub use error::{MailError, MailFault, UnsoundMailSettings};
pub use letter::Letter;
pub use settings::{BounceSettings, MailSettings, MailWay, NotOneWay};
pub use smtp::{Security, SmtpSettings};

use folder::write_to_folder;
use relay::Relay;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// How many letters are on their way to the mail server at the same time, each on a connection of its own. A letter waits
/// some 40 ms for the network's acknowledgement; mail servers take more connections than this from one host.
pub const MOST_AT_ONCE: u32 = 16;

/// Hands letters over.
#[derive(Debug, Clone)]
pub enum Mailer {
    /// To a mail server.
    Smtp(Box<Relay>),
    /// Into a folder, as `<mail id>.eml`.
    Folder(PathBuf),
    /// Into memory, for tests.
    Memory(Mailbox),
}

/// A mailbox in memory; clones share their letters.
#[derive(Debug, Clone, Default)]
pub struct Mailbox(Arc<Mutex<Drawer>>);

#[derive(Debug, Default)]
struct Drawer {
    letters: Vec<Letter>,
    failure: Option<MailError>,
}

impl Mailer {
    /// Makes the mailer that the settings ask for. Nothing is sent or written yet.
    ///
    /// # Errors
    /// If the settings contradict themselves or name a file that cannot be read.
    pub fn new(way: &MailWay) -> Result<Self, UnsoundMailSettings> {
        Ok(match way {
            MailWay::Smtp(smtp) => Self::Smtp(Box::new(Relay::new(smtp)?)),
            MailWay::Folder(path) => Self::Folder(path.clone()),
        })
    }

    /// Hands one letter over. A letter that was handed over before may come again: its
    /// `Message-ID` is the same, so the receiver can tell.
    ///
    /// # Errors
    /// [`MailError::Permanent`] if another try cannot help, [`MailError::Transient`] otherwise.
    pub async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        match self {
            Self::Smtp(relay) => relay.send(letter).await,
            Self::Folder(folder) => write_to_folder(folder, letter).await,
            Self::Memory(mailbox) => mailbox.put(letter),
        }
    }
}

impl Mailbox {
    /// The letters so far, oldest first.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        self.with(|drawer| drawer.letters.clone())
    }

    /// Lets every further letter fail in this way, until told `None`.
    pub fn fail_with(&self, failure: Option<MailError>) {
        self.with(|drawer| drawer.failure = failure);
    }

    fn put(&self, letter: &Letter) -> Result<(), MailError> {
        // A letter that no transport could carry must not pass in a test either.
        letter.to_message()?;
        self.with(|drawer| {
            drawer.failure.map_or(Ok(()), Err)?;
            drawer.letters.push(letter.clone());
            Ok(())
        })
    }

    fn with<T>(&self, action: impl FnOnce(&mut Drawer) -> T) -> T {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mailbox_keeps_letters_and_can_be_made_to_fail() {
        let mailbox = Mailbox::default();
        let mailer = Mailer::Memory(mailbox.clone());
        let letter = letter::tests::a_letter();
        let failure = MailError::transient("told to");
        mailbox.fail_with(Some(failure));
        assert_eq!(mailer.send(&letter).await, Err(failure));
        mailbox.fail_with(None);
        mailer.send(&letter).await.unwrap();
        assert_eq!(mailbox.letters(), [letter]);
    }
}
