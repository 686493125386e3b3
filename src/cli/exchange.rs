//! `todoke exchange`: what the library system has taken in, for a job that fetches its lists.

use super::{ConfigArgs, Failure, block_on};
use crate::clock::Clock;
use crate::server;
use crate::service::exchange::confirmation::{ConfirmationLine, Confirmed};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum ExchangeCommand {
    /// Confirm the card numbers on a list, and issue what waited for them. The same list again changes nothing. Exit 1
    /// if staff have to look at a line.
    Confirm {
        #[command(flatten)]
        config: ConfigArgs,
        /// The library's short name, as in its addresses.
        #[arg(long)]
        library: String,
        /// The list, as the library system wrote it: a number in each line.
        #[arg(long)]
        file: PathBuf,
        /// Only tell what would be confirmed.
        #[arg(long)]
        dry_run: bool,
    },
}

pub(super) fn run(command: ExchangeCommand) -> Result<(), Failure> {
    let ExchangeCommand::Confirm { config, library: slug, file, dry_run } = command;
    let list = std::fs::read(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let config = config.load()?;
    let lines = block_on(async move {
        let portal = server::portal(&config, Clock::System).await?;
        let library = portal.library(&slug).await.map_err(|_| format!("there is no library called {slug:?}"))?;
        let lines = if dry_run {
            portal.list_outside_confirmations(&library, None, &list).await?
        } else {
            portal.confirm_outside(&library, None, &list).await?
        };
        portal.db.close().await;
        Ok(lines)
    })?;
    let mut left = 0;
    for line in &lines {
        println!("{}", told(line));
        left += usize::from(is_for_staff(&line.about));
    }
    if left > 0 { Err(format!("staff have to look at {left} of {} lines", lines.len()).into()) } else { Ok(()) }
}

/// One line, by its place, its number and the applications: nothing of people.
fn told(line: &ConfirmationLine) -> String {
    let number = line.number.as_ref().map(ToString::to_string).unwrap_or_default();
    let (what, named) = match &line.about {
        Confirmed::Awaiting(named) => ("awaiting", named.as_slice()),
        Confirmed::Issued(named) => ("issued", named.as_slice()),
        Confirmed::Partly(named) => ("confirmed, waits for other cards", named.as_slice()),
        Confirmed::Stuck(named) => ("cannot be issued", named.as_slice()),
        Confirmed::NeverWritten(named) => ("waits for what never went out", named.as_slice()),
        Confirmed::Settled => ("nothing waits", [].as_slice()),
        Confirmed::Unknown => ("no such card", [].as_slice()),
        Confirmed::Unreadable => ("not a card number", [].as_slice()),
    };
    let references: Vec<String> = named.iter().map(ToString::to_string).collect();
    format!("{}\t{number}\t{what}\t{}", line.line, references.join(",")).trim_end().to_owned()
}

const fn is_for_staff(about: &Confirmed) -> bool {
    match about {
        Confirmed::Stuck(_) | Confirmed::NeverWritten(_) | Confirmed::Unknown | Confirmed::Unreadable => true,
        Confirmed::Awaiting(_) | Confirmed::Issued(_) | Confirmed::Partly(_) | Confirmed::Settled => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reference::Reference;

    #[test]
    fn a_line_names_the_number_and_the_applications() {
        let line = |about| ConfirmationLine { line: 3, number: Some("300000014".parse().unwrap()), about };
        let reference = Reference::from_random(42);
        assert_eq!(
            told(&line(Confirmed::Issued(vec![reference.clone()]))),
            format!("3\t300000014\tissued\t{reference}")
        );
        assert_eq!(told(&ConfirmationLine { number: None, ..line(Confirmed::Unreadable) }), "3\t\tnot a card number");
        assert!(is_for_staff(&Confirmed::Stuck(vec![reference])) && !is_for_staff(&Confirmed::Settled));
    }
}
