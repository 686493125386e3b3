//! The folder into which the mail server puts what comes back (Maildir).

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tokio::fs;
use tokio::io::AsyncReadExt;

/// What is read of a message at most: a report stands before the mail that it returns.
const LARGEST: u64 = 1 << 20;

/// A message that has not been looked at.
#[derive(Debug)]
pub struct NewMessage {
    folder: PathBuf,
    name: OsString,
    /// Its beginning.
    pub bytes: Vec<u8>,
}

/// Takes up to `most` new messages, in the order of their names.
///
/// # Errors
/// If the folder cannot be read. One that is not there yet has no messages.
pub async fn take_new(maildir: &Path, most: usize) -> std::io::Result<Vec<NewMessage>> {
    let new = maildir.join("new");
    let mut entries = match fs::read_dir(&new).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        if entry.file_type().await?.is_file() {
            names.push(entry.file_name());
        }
    }
    names.sort();
    names.truncate(most);
    let mut messages = Vec::with_capacity(names.len());
    for name in names {
        let mut bytes = Vec::new();
        fs::File::open(new.join(&name)).await?.take(LARGEST).read_to_end(&mut bytes).await?;
        messages.push(NewMessage { folder: maildir.to_owned(), name, bytes });
    }
    Ok(messages)
}

impl NewMessage {
    /// Deletes it: what it said is noted, and nothing of its words is kept.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub async fn delete(self) -> std::io::Result<()> {
        fs::remove_file(self.folder.join("new").join(self.name)).await
    }

    /// Puts it among those that were looked at, for people.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub async fn leave(self) -> std::io::Result<()> {
        let seen = self.folder.join("cur");
        fs::create_dir_all(&seen).await?;
        let mut name = self.name.clone();
        name.push(":2,");
        fs::rename(self.folder.join("new").join(&self.name), seen.join(name)).await
    }
}
