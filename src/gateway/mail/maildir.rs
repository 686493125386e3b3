//! The folder into which the mail server puts what comes back (Maildir).

use super::bounce::READ_AT_MOST;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tokio::fs;
use tokio::io::AsyncReadExt;

/// A message that has not been looked at.
#[derive(Debug)]
pub struct NewMessage {
    folder: PathBuf,
    name: OsString,
}

/// Lists the new messages, in the order of their names.
///
/// # Errors
/// If the folder cannot be read. One that is not there yet has no messages.
pub async fn list_new(maildir: &Path) -> std::io::Result<Vec<NewMessage>> {
    let mut entries = match fs::read_dir(maildir.join("new")).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        names.push(entry.file_name());
    }
    names.sort();
    Ok(names.into_iter().map(|name| NewMessage { folder: maildir.to_owned(), name }).collect())
}

impl NewMessage {
    /// Its beginning.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn read(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = fs::File::open(self.folder.join("new").join(&self.name)).await?;
        file.take(READ_AT_MOST as u64).read_to_end(&mut bytes).await?;
        Ok(bytes)
    }

    /// Deletes it: what it said is noted, and nothing of its words is kept.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub async fn delete(&self) -> std::io::Result<()> {
        fs::remove_file(self.folder.join("new").join(&self.name)).await
    }

    /// Puts it among those that were looked at, for people.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub async fn leave(&self) -> std::io::Result<()> {
        let seen = self.folder.join("cur");
        fs::create_dir_all(&seen).await?;
        let mut name = self.name.clone();
        name.push(":2,");
        fs::rename(self.folder.join("new").join(&self.name), seen.join(name)).await
    }
}
