//! The process in which one sent file is read: the file comes in, the answer goes out, and nothing else can happen.

use super::Failure;
use crate::gateway::picture_reader::{MOST_MEMORY, MOST_SECONDS};
use crate::picture::{self, frame};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{Read as _, Write as _, stdin, stdout};

/// Reads one file from the input.
pub(super) fn run() -> Result<(), Failure> {
    give_up_power()?;
    let mut file = Vec::new();
    stdin().lock().read_to_end(&mut file)?;
    let answer = frame::encode(&picture::read(&file));
    let mut output = stdout().lock();
    output.write_all(&answer)?;
    Ok(output.flush()?)
}

/// What the kernel will not let this process do any more: run or grow without end, write files, leave its memory
/// behind in one, open anything or start another process.
fn give_up_power() -> Result<(), Failure> {
    for (resource, most) in [
        (Resource::Cpu, MOST_SECONDS),
        (Resource::As, MOST_MEMORY),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nofile, 3),
    ] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}
