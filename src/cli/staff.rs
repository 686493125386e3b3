//! `todoke staff`: accounts, from the first invitation to the last day.

use super::{ConfigArgs, Failure, block_on};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::account::AccountRefused;
use crate::domain::library::Library;
use crate::domain::permission::RoleGrant;
use crate::domain::staff::Login;
use crate::http::urls::Urls;
use crate::server;
use crate::service::staff::INVITATION_LIFE;
use crate::service::{Error, Portal};
use crate::words::Lang;
use clap::Subcommand;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub(super) enum StaffCommand {
    /// Add a staff member and print the address where password and second factor are set, once.
    Add {
        #[command(flatten)]
        account: AccountArgs,
        /// The name that colleagues see.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        roles: RoleArgs,
    },
    /// Give a staff member exactly these roles.
    Roles {
        #[command(flatten)]
        account: AccountArgs,
        #[command(flatten)]
        roles: RoleArgs,
    },
    /// Invite a staff member again, for a lost phone: password, second factor and sessions end at once.
    Invite {
        #[command(flatten)]
        account: AccountArgs,
    },
    /// Shut a staff member out: sessions end at once. What they did stays on record.
    Disable {
        #[command(flatten)]
        account: AccountArgs,
    },
    /// Let a staff member in again who was shut out, with the password and second factor from before.
    Reinstate {
        #[command(flatten)]
        account: AccountArgs,
    },
    /// List the staff members of a library: login, name, whether active, roles.
    List {
        #[command(flatten)]
        config: ConfigArgs,
        /// The library's short name, as in its addresses.
        #[arg(long)]
        library: String,
    },
}

/// What somebody is at the library.
#[derive(Debug, clap::Args)]
pub(super) struct RoleArgs {
    /// A role, such as `reviewer`, or one in a single branch, such as `reviewer@honkan`; may be repeated.
    #[arg(long = "role", required = true, value_name = "ROLE[@BRANCH]")]
    roles: Vec<RoleGrant>,
}

/// Which account.
#[derive(Debug, clap::Args)]
pub(super) struct AccountArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The library's short name, as in its addresses.
    #[arg(long)]
    library: String,
    /// The name typed at sign-in.
    #[arg(long)]
    login: Login,
}

pub(super) fn run(command: StaffCommand) -> Result<(), Failure> {
    match command {
        StaffCommand::Add { account, name, roles } => account.with(async move |portal, library, login| {
            let roles = roles.within(&library)?;
            let token = portal.add_staff(&library, &login, &name, roles).await.map_err(|error| match error {
                Error::Account(AccountRefused::LoginTaken) => Failure::from(format!("the login {login} is taken")),
                error => error.into(),
            })?;
            print_invitation(&portal, &library, &token);
            Ok(())
        }),
        StaffCommand::Roles { account, roles } => account.with(async move |portal, library, login| {
            let roles = roles.within(&library)?;
            portal.assign_roles(&library, &login, roles).await.map_err(|error| nobody(error, &login))?;
            println!("{login} has these roles from now on");
            Ok(())
        }),
        StaffCommand::Invite { account } => account.with(async move |portal, library, login| {
            let token = portal.invite_staff(&library, &login).await.map_err(|error| nobody(error, &login))?;
            print_invitation(&portal, &library, &token);
            Ok(())
        }),
        StaffCommand::Disable { account } => account.with(async move |portal, library, login| {
            portal.disable_staff(&library, &login).await.map_err(|error| nobody(error, &login))?;
            println!("{login} can sign in no more");
            Ok(())
        }),
        StaffCommand::Reinstate { account } => account.with(async move |portal, library, login| {
            portal.reinstate_staff(&library, &login).await.map_err(|error| nobody(error, &login))?;
            println!("{login} can sign in again");
            Ok(())
        }),
        StaffCommand::List { config, library } => {
            let config = config.load()?;
            block_on(async move {
                let (portal, library) = open(&config, &library).await?;
                for member in portal.list_staff(&library).await? {
                    let active = if member.is_active() { "active" } else { "disabled" };
                    let roles: Vec<String> = member.roles.iter().map(ToString::to_string).collect();
                    println!("{}\t{}\t{active}\t{}", member.login, member.name, roles.join(","));
                }
                portal.db.close().await;
                Ok(())
            })
        }
    }
}

impl RoleArgs {
    /// The roles, if the library has all the branches that they name.
    fn within(self, library: &Library) -> Result<Vec<RoleGrant>, Failure> {
        let unknown = self.roles.iter().filter_map(|grant| grant.branch.as_ref());
        if let Some(branch) = unknown.into_iter().find(|branch| library.rules.branch(branch).is_none()) {
            return Err(format!("there is no branch {branch}").into());
        }
        Ok(self.roles)
    }
}

impl AccountArgs {
    /// Does something with the account's login in its library.
    fn with(
        self,
        action: impl AsyncFnOnce(Arc<Portal>, Arc<Library>, Login) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let config = self.config.load()?;
        block_on(async move {
            let (portal, library) = open(&config, &self.library).await?;
            action(Arc::clone(&portal), library, self.login).await?;
            portal.db.close().await;
            Ok(())
        })
    }
}

async fn open(config: &Config, slug: &str) -> Result<(Arc<Portal>, Arc<Library>), Failure> {
    let portal = server::portal(config, Clock::System).await?;
    let library = portal.library(slug).await.map_err(|error| match error {
        Error::NotFound => Failure::from(format!("there is no library called {slug:?}")),
        error => error.into(),
    })?;
    Ok((Arc::new(portal), library))
}

fn nobody(error: Error, login: &Login) -> Failure {
    match error {
        Error::NotFound => format!("nobody active has the login {login}").into(),
        error => error.into(),
    }
}

fn print_invitation(portal: &Portal, library: &Library, token: &str) {
    let urls = Urls::new(&library.rules.slug, Lang::Ja);
    println!("{}{}", portal.base_url, urls.staff_invitation(token));
    println!("valid once, for {} hours", INVITATION_LIFE.whole_hours());
}
