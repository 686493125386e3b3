//! The command line: one file per command.

mod check_events;
mod demo;
mod exchange;
mod import_patrons;
mod keys;
mod library;
mod mail;
mod purge;
mod read_picture;
mod seal;
mod serve;
mod staff;
mod verify;

use crate::clock::Clock;
use crate::config::Config;
use crate::telemetry;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// The library counter, online.
#[derive(Debug, Parser)]
#[command(name = "todoke", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the portal.
    Serve(ConfigArgs),
    /// Try everything on this machine, with test cards and two libraries.
    Demo(demo::DemoArgs),
    /// Bring the database up to date.
    Migrate(ConfigArgs),
    /// Check a configuration file, its secrets, roots, keys and database. Changes nothing.
    CheckConfig(ConfigArgs),
    /// Verify that the record of every application is as it was written. Changes nothing.
    CheckEvents(check_events::CheckEventsArgs),
    /// Erase the contents of applications that were kept long enough, or count them.
    Purge(purge::PurgeArgs),
    /// Make and change the keys to sealed data.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// The seal that a library puts on its notices.
    #[command(subcommand)]
    Seal(seal::SealCommand),
    /// Staff accounts.
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// Libraries and their rules.
    #[command(subcommand)]
    Library(library::LibraryCommand),
    /// Mails that come back.
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Files of the library system.
    #[command(subcommand)]
    Exchange(exchange::ExchangeCommand),
    /// Verify a signature or certificate, offline.
    Verify(Box<verify::VerifyArgs>),
    /// Make a picture of one sent file. The portal runs this for every file, in a process of its own.
    #[command(hide = true)]
    ReadPicture,
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
struct ConfigArgs {
    /// The configuration file.
    #[arg(long, default_value = "/etc/todoke/config.toml")]
    config: PathBuf,
}

impl ConfigArgs {
    /// Reads the configuration, and starts logging as it says.
    fn load(&self) -> Result<Config, Failure> {
        let config = Config::load(&self.config)?;
        telemetry::start(config.log.format, &config.log.level);
        Ok(config)
    }
}

/// Any failure of a command, told in one line.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    // One provider for every TLS connection of the process.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        return fail(&"a TLS provider was installed before".into());
    }
    let outcome = match Cli::parse_from(verify::spread(std::env::args_os())).command {
        Command::Verify(args) => return verify::run(&args, Clock::System.now()),
        Command::Mail(command) => return mail::run(command),
        Command::Serve(args) => args.load().and_then(serve::run),
        Command::Migrate(args) => args.load().and_then(serve::migrate),
        Command::CheckConfig(args) => args.load().and_then(serve::check),
        Command::CheckEvents(args) => check_events::run(args),
        Command::Purge(args) => purge::run(&args),
        Command::Keys(command) => keys::run(command),
        Command::Seal(command) => seal::run(command),
        Command::Staff(command) => staff::run(command),
        Command::Library(command) => library::run(command),
        Command::Exchange(command) => exchange::run(command),
        Command::Demo(args) => demo::run(args),
        Command::ReadPicture => read_picture::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &Failure) -> ExitCode {
    let mut message = format!("todoke: {failure}");
    let mut cause = failure.source();
    while let Some(error) = cause {
        let words = error.to_string();
        // Some errors say their cause themselves.
        if !message.contains(&words) {
            message.push_str(": ");
            message.push_str(&words);
        }
        cause = error.source();
    }
    eprintln!("{message}");
    ExitCode::FAILURE
}

/// Runs a command's work to its end.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
