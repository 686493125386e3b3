//! `todoke check-events`: whether the record of each application is as it was written.

use super::{ConfigArgs, Failure, block_on};
use crate::domain::library::LibrarySlug;
use crate::server;
use crate::service::{Error, audit};

/// Exit 0 if every record holds; 1 with the applications' ids if not.
#[derive(Debug, clap::Args)]
pub(super) struct CheckEventsArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Only this library, by the short name in its addresses.
    #[arg(long)]
    library: Option<LibrarySlug>,
}

pub(super) fn run(args: CheckEventsArgs) -> Result<(), Failure> {
    let config = args.config.load()?;
    block_on(async move {
        let db = server::look_at_database(&config).await?.ok_or("there is no database yet")?;
        let findings = audit::check_events(&db, args.library.as_ref()).await.map_err(|error| match error {
            Error::NotFound => Failure::from("there is no such library"),
            error => error.into(),
        })?;
        db.close().await;
        for broken in &findings.broken {
            eprintln!("{broken}");
        }
        match findings.broken.len() {
            0 => {
                println!("{} applications: every record holds", findings.applications);
                Ok(())
            }
            broken => Err(format!("{broken} of {} records do not hold", findings.applications).into()),
        }
    })
}
