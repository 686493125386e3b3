//! `todoke library`: puts a library's rules in force.

use super::{ConfigArgs, Failure, block_on, import_patrons};
use crate::clock::Clock;
use crate::domain::library::LibraryRules;
use crate::server;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum LibraryCommand {
    /// Check a rule file and put it in force. Applications keep the version they began with.
    Import {
        #[command(flatten)]
        config: ConfigArgs,
        /// The rule file, TOML.
        file: PathBuf,
    },
    /// Take over patrons of the library system. Without --apply only tells what would come of it.
    ImportPatrons(import_patrons::ImportPatronsArgs),
    /// Check a rule file and do nothing else.
    Check {
        /// The rule file, TOML.
        file: PathBuf,
    },
}

pub(super) fn run(command: LibraryCommand) -> Result<(), Failure> {
    match command {
        LibraryCommand::Check { file } => {
            let (rules, _) = read(&file)?;
            println!("{}: good", rules.name);
            Ok(())
        }
        LibraryCommand::ImportPatrons(args) => import_patrons::run(args),
        LibraryCommand::Import { config, file } => {
            let (rules, source) = read(&file)?;
            let config = config.load()?;
            block_on(async move {
                let portal = server::portal(&config, Clock::System).await?;
                let library = portal.import_library(&rules, &source).await?;
                println!("{}: rules of version {} are in force", library.rules.name, library.rules_version);
                portal.db.close().await;
                Ok(())
            })
        }
    }
}

fn read(file: &PathBuf) -> Result<(LibraryRules, String), Failure> {
    let source = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let rules = LibraryRules::parse(&source).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok((rules, source))
}
