//! `todoke keys`: a line for the file of master keys, and the change to it.

use super::{ConfigArgs, Failure, block_on};
use crate::server;
use crate::service::keys;
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
    /// Wrap every data key under the newest master key, so that the older ones can go. The portal may run
    /// meanwhile, if it was started with the newest one.
    Rotate {
        #[command(flatten)]
        config: ConfigArgs,
    },
}

pub(super) fn run(command: KeysCommand) -> Result<(), Failure> {
    match command {
        KeysCommand::New { version } => {
            println!("{}", *Keyring::generate_line(version));
            Ok(())
        }
        KeysCommand::Rotate { config } => {
            let config = config.load()?;
            block_on(async move {
                let db = server::open_database(&config).await?;
                let rewrapped = keys::rotate(&db).await?;
                println!("{rewrapped} data keys were wrapped under master key {}", db.keyring().current());
                db.close().await;
                Ok(())
            })
        }
    }
}
