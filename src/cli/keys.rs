//! `todoke keys new`: a line for the file of master keys.

use crate::store::seal::Keyring;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Print a new master key, to be appended to the file of master keys.
    New {
        /// The key's version: one more than the highest in the file.
        #[arg(long, default_value_t = 1)]
        version: u32,
    },
}

pub(super) fn run(command: &KeysCommand) {
    let KeysCommand::New { version } = command;
    println!("{}", *Keyring::generate_line(*version));
}
