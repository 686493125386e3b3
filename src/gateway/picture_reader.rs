//! Who makes a picture of a file that a stranger sent.
//!
//! A process of its own does, which has nothing: no settings, no files, no network connection, and limits on time and
//! memory that the kernel keeps. A file that breaks a decoder, or never lets it end, breaks that process and
//! nothing else.

use crate::picture::{self, Picture, Unreadable, frame};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The command of this program that reads one file from its input and writes the answer to its output.
pub const COMMAND: &str = "read-picture";
/// Files that are read at the same time: one takes up to a processor and [`MOST_MEMORY`].
const AT_ONCE: usize = 2;
/// Files that are read or wait for it; each lies in memory meanwhile.
const MOST_WAITING: usize = 24;
/// The seconds of a processor that one file may take.
pub const MOST_SECONDS: u64 = 10;
/// The octets of memory that one file may take, the program itself included.
pub const MOST_MEMORY: u64 = 1 << 30;
/// More than any picture of ours.
const LONGEST_ANSWER: u64 = 32 << 20;

/// Makes pictures of sent files.
#[derive(Debug, Clone)]
pub struct PictureReader {
    room: Room,
    places: Arc<Semaphore>,
    permits: Arc<Semaphore>,
}

#[derive(Debug, Clone)]
enum Room {
    /// A process of its own, which runs this program.
    Apart(PathBuf),
    /// This process; for tests of everything else.
    Here,
}

/// The file could not be looked at: a fault of ours, not of the file.
#[derive(Debug, thiserror::Error)]
pub enum PictureReaderError {
    /// The program cannot be run.
    #[error("the process that reads pictures cannot be run: {0}")]
    Program(#[from] io::Error),
    /// Too many files wait already.
    #[error("too many files wait to be read")]
    Busy,
    /// The work was cut off.
    #[error("the reading of a picture was cut off")]
    CutOff,
}

impl PictureReader {
    /// Reads each file in a process of its own, which runs `program` with [`COMMAND`].
    #[must_use]
    pub fn apart(program: PathBuf) -> Self {
        Self::in_room(Room::Apart(program))
    }

    /// Reads files in this process, without limits on time and memory.
    #[must_use]
    pub fn here() -> Self {
        Self::in_room(Room::Here)
    }

    fn in_room(room: Room) -> Self {
        let places = Arc::new(Semaphore::new(MOST_WAITING));
        Self { room, places, permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Makes a picture of `file`, once it is its turn.
    ///
    /// # Errors
    /// The inner one says what is wrong with the file, the outer one that nobody could look.
    pub async fn read(&self, file: Vec<u8>) -> Result<Result<Picture, Unreadable>, PictureReaderError> {
        let _place = self.places.try_acquire().map_err(|_| PictureReaderError::Busy)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| PictureReaderError::CutOff)?;
        let room = self.room.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let answer = match room {
                Room::Apart(program) => read_apart(&program, &file).map_err(PictureReaderError::from),
                Room::Here => Ok(picture::read(&file)),
            };
            drop(permit);
            answer
        });
        reading.await.map_err(|_| PictureReaderError::CutOff)?
    }
}

fn read_apart(program: &Path, file: &[u8]) -> Result<Result<Picture, Unreadable>, io::Error> {
    let mut child = Command::new(program)
        .arg(COMMAND)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    // It reads everything before it writes anything, so neither waits for the other. One that died early says why
    // by its silence.
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(file);
    }
    let mut answer = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(LONGEST_ANSWER).read_to_end(&mut answer)?;
    }
    let status = child.wait()?;
    if !status.success() {
        tracing::warn!(%status, octets = file.len(), "a sent file broke the process that read it");
        return Ok(Err(Unreadable::TooMuchWork));
    }
    frame::decode(&answer).ok_or_else(|| io::Error::other("an unreadable answer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_that_dies_or_says_nothing_breaks_one_file_only() {
        let dying = PictureReader::apart("/bin/false".into());
        assert_eq!(dying.read(b"x".to_vec()).await.unwrap(), Err(Unreadable::TooMuchWork));
        let silent = PictureReader::apart("/bin/true".into());
        assert!(matches!(silent.read(b"x".to_vec()).await, Err(PictureReaderError::Program(_))));
        let absent = PictureReader::apart("/nowhere/todoke".into());
        assert!(matches!(absent.read(b"x".to_vec()).await, Err(PictureReaderError::Program(_))));
        assert_eq!(absent.permits.available_permits(), AT_ONCE, "every permit comes back");
    }

    #[tokio::test]
    async fn only_so_many_files_wait() {
        let reader = PictureReader::here();
        let places = Arc::clone(&reader.places).try_acquire_many_owned(u32::try_from(MOST_WAITING).unwrap()).unwrap();
        assert!(matches!(reader.read(Vec::new()).await, Err(PictureReaderError::Busy)));
        drop(places);
        assert_eq!(reader.read(Vec::new()).await.unwrap(), Err(Unreadable::Empty));
    }
}
