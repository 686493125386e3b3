//! `todoke mail bounce`: takes a mail that came back from the mail server's pipe.

use super::{ConfigArgs, Failure, block_on, fail};
use crate::clock::Clock;
use crate::gateway::mail::bounce::READ_AT_MOST;
use crate::server;
use crate::service::bounces;
use clap::Subcommand;
use std::io::Read as _;
use std::process::ExitCode;

/// To the mail server: keep the message and come again (`EX_TEMPFAIL` of sysexits.h).
const COME_AGAIN: u8 = 75;

#[derive(Debug, Subcommand)]
pub(super) enum MailCommand {
    /// Note that a mail came back: the report is read from the standard input. Exit 0 whatever it says, for nobody is to be
    /// told of what comes back; 75 if it could not be noted now.
    Bounce {
        #[command(flatten)]
        config: ConfigArgs,
        /// To which address it came, if the mail server tells: `${original_recipient}` of Postfix.
        #[arg(long)]
        recipient: Option<String>,
    },
}

pub(super) fn run(command: MailCommand) -> ExitCode {
    let MailCommand::Bounce { config, recipient } = command;
    match take(&config, recipient.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            fail(&failure);
            ExitCode::from(COME_AGAIN)
        }
    }
}

fn take(config: &ConfigArgs, recipient: Option<&str>) -> Result<(), Failure> {
    let mut message = Vec::new();
    let mut input = std::io::stdin().lock().take(READ_AT_MOST as u64);
    input.read_to_end(&mut message)?;
    // The mail server waits for whoever does not read to the end.
    std::io::copy(input.get_mut(), &mut std::io::sink())?;
    let config = config.load()?;
    let address = config.mail.bounces.as_ref().ok_or("[mail] bounces is not configured")?.address.clone();
    block_on(async move {
        let db = server::open_database(&config).await?;
        bounces::take(&db, &address, recipient, &message, Clock::System.now()).await?;
        db.close().await;
        Ok(())
    })
}
