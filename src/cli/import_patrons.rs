//! `todoke library import-patrons`: takes over patrons who were there before the portal.
//!
//! Tells one line for each line of the file that is not simply equal, by its number and without its contents.

use super::{ConfigArgs, Failure, block_on};
use crate::clock::Clock;
use crate::domain::library::ProfileName;
use crate::server;
use crate::service::exchange::import::{BadLines, ImportReport, LineResult};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct ImportPatronsArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The library's short name.
    library: String,
    /// The file, as the library system wrote it.
    file: PathBuf,
    /// Which profile of the library's rules describes the file.
    #[arg(long)]
    profile: ProfileName,
    /// Take the patrons over, unless a line cannot be taken.
    #[arg(long)]
    apply: bool,
    /// With --apply: leave out the lines that cannot be taken.
    #[arg(long, requires = "apply")]
    skip_bad: bool,
}

pub(super) fn run(args: ImportPatronsArgs) -> Result<(), Failure> {
    let file = std::fs::read(&args.file).map_err(|error| format!("cannot read {}: {error}", args.file.display()))?;
    let config = args.config.load()?;
    block_on(async move {
        let portal = server::portal(&config, Clock::System).await?;
        let library = portal.library(&args.library).await.map_err(|_| format!("no library {}", args.library))?;
        let bad_lines = if args.skip_bad { BadLines::Skip } else { BadLines::Refuse };
        let report = if args.apply {
            portal.import_patrons(&library, None, &args.profile, file, bad_lines).await?
        } else {
            portal.rehearse_import(&library, None, &args.profile, file).await?
        };
        portal.db.close().await;
        tell(&report);
        if report.counts.refused > 0 && !report.is_done {
            return Err("nothing was taken over: some lines cannot be taken (--skip-bad leaves them out)".into());
        }
        Ok(())
    })
}

fn tell(report: &ImportReport) {
    for line in &report.lines {
        match &line.result {
            LineResult::Equal => {}
            LineResult::Taken => println!("line {}: new", line.line),
            LineResult::Changed => println!("line {}: changed", line.line),
            LineResult::Refused(refusals) => {
                let why: Vec<String> = refusals.iter().map(ToString::to_string).collect();
                println!("line {}: refused: {}", line.line, why.join("; "));
            }
        }
    }
    let counts = report.counts;
    let done = if report.is_done { "taken over" } else { "only looked at" };
    println!(
        "{done}: {} new, {} changed, {} equal, {} refused",
        counts.taken, counts.changed, counts.equal, counts.refused
    );
}
