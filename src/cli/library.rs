//! `todoke library`: checks a library's rules, tells what they would change, puts them in force.

use super::{ConfigArgs, Failure, block_on, import_patrons};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::library::{Difference, LibraryRules};
use crate::server;
use crate::service::{Error, simulate};
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
    /// Tell which cards and open applications a changed rule file would treat differently. Writes nothing.
    Simulate {
        #[command(flatten)]
        config: ConfigArgs,
        /// Name each card and application, not only how many.
        #[arg(long)]
        list: bool,
        /// The changed rule file, TOML.
        file: PathBuf,
    },
}

pub(super) fn run(command: LibraryCommand) -> Result<(), Failure> {
    match command {
        LibraryCommand::Check { file } => {
            let (rules, _) = read(&file)?;
            println!("{}: good", rules.name.as_str());
            Ok(())
        }
        LibraryCommand::ImportPatrons(args) => import_patrons::run(args),
        LibraryCommand::Simulate { config, list, file } => {
            let (rules, _) = read(&file)?;
            let config = config.load()?;
            block_on(async move { simulate(&config, &rules, list).await })
        }
        LibraryCommand::Import { config, file } => {
            let (rules, source) = read(&file)?;
            let config = config.load()?;
            block_on(async move {
                let portal = server::portal(&config, Clock::System).await?;
                let library = portal.import_library(&rules, &source).await?;
                println!("{}: rules of version {} are in force", library.rules.name.as_str(), library.rules_version);
                portal.db.close().await;
                Ok(())
            })
        }
    }
}

async fn simulate(config: &Config, rules: &LibraryRules, list: bool) -> Result<(), Failure> {
    let db = server::look_at_database(config).await?.ok_or("there is no database yet")?;
    let told = simulate::simulate(&db, rules, Clock::System.today(), |case, differences| {
        if list {
            let kinds: Vec<&str> = differences.iter().map(|difference| difference.as_str()).collect();
            println!("{case}: {}", kinds.join(", "));
        }
    })
    .await;
    db.close().await;
    let totals = told.map_err(|error| match error {
        Error::NotFound => Failure::from("there is no such library yet: nothing is stored that could differ"),
        error => error.into(),
    })?;
    println!("{} cards and {} open applications were compared", totals.cards, totals.applications);
    if totals.unreadable > 0 {
        println!("{} could not be compared: their facts are erased or incomplete", totals.unreadable);
    }
    for difference in Difference::ALL {
        let (cards, applications) = totals.counted(difference);
        println!("{:>20}: {cards} cards, {applications} applications", difference.as_str());
    }
    Ok(())
}

fn read(file: &PathBuf) -> Result<(LibraryRules, String), Failure> {
    let source = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let rules = LibraryRules::parse(&source).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok((rules, source))
}
