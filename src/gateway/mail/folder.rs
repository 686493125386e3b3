//! Letters as files: for a try-out, or for a mail system that fetches from a folder.

use super::{Letter, MailError};
use std::path::Path;
use tokio::fs;
use tokio::io::AsyncWriteExt;

/// Writes `<mail id>.eml`. The file appears whole or not at all: it is written beside under
/// another ending and renamed. The same letter replaces itself.
pub(super) async fn write_to_folder(folder: &Path, letter: &Letter) -> Result<(), MailError> {
    let bytes = letter.to_message()?.formatted();
    let whole = folder.join(format!("{}.eml", letter.id));
    let part = folder.join(format!("{}.part", letter.id));
    match write(&part, &whole, &bytes).await {
        Ok(()) => Ok(()),
        Err(_) => Err(MailError::transient("the folder cannot be written")),
    }
}

async fn write(part: &Path, whole: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::File::create(part).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    fs::rename(part, whole).await
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::a_letter;
    use super::*;

    #[tokio::test]
    async fn a_letter_becomes_one_whole_file_however_often_it_is_sent() {
        let folder = std::env::temp_dir().join(format!("todoke-mail-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let letter = a_letter();
        write_to_folder(&folder, &letter).await.unwrap();
        write_to_folder(&folder, &letter).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let content = std::fs::read_to_string(folder.join(format!("{}.eml", letter.id))).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(files, [std::ffi::OsString::from(format!("{}.eml", letter.id))]);
        assert!(content.contains(&format!("Message-ID: {}\r\n", letter.message_id)));
    }

    #[tokio::test]
    async fn a_missing_folder_is_worth_another_try() {
        let outcome = write_to_folder(Path::new("/nonexistent/mail"), &a_letter()).await;
        assert!(matches!(outcome, Err(MailError::Transient(_))));
    }
}
