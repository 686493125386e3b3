//! `todoke staff add`: a one-time invitation for a new staff member.

use super::{ConfigArgs, Failure, block_on};
use crate::clock::Clock;
use crate::server;
use crate::service::Error;
use crate::service::staff::INVITATION_LIFE;
use crate::store::StoreError;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum StaffCommand {
    /// Add a staff member and print the address where password and second factor are set, once.
    Add {
        #[command(flatten)]
        config: ConfigArgs,
        /// The library's short name, as in its addresses.
        #[arg(long)]
        library: String,
        /// The name typed at sign-in.
        #[arg(long)]
        login: String,
        /// The name that colleagues see.
        #[arg(long)]
        name: String,
    },
}

pub(super) fn run(command: StaffCommand) -> Result<(), Failure> {
    let StaffCommand::Add { config, library, login, name } = command;
    let config = config.load()?;
    block_on(async move {
        let portal = server::portal(&config, Clock::System).await?;
        portal.db.check_keys().await?;
        let library = portal.library(&library).await.map_err(|error| match error {
            Error::NotFound => Failure::from(format!("there is no library called {library:?}")),
            error => error.into(),
        })?;
        let token = portal.add_staff(&library, &login, &name).await.map_err(|error| match error {
            Error::Store(StoreError::Duplicate) => Failure::from(format!("the login {login:?} is taken")),
            error => error.into(),
        })?;
        println!("{}/{}/staff/invitation/{token}", portal.base_url, library.rules.slug);
        println!("valid once, for {} hours", INVITATION_LIFE.whole_hours());
        Ok(())
    })
}
