//! `todoke purge`: erases what was kept long enough, or tells what would be.

use super::{ConfigArgs, Failure, block_on};
use crate::clock::Clock;
use crate::server;
use crate::service::retain::card_notices::{self, CardNoticePlan};
use crate::service::retain::patrons::{self, PatronPlan, PatronsEnded};
use crate::service::retain::pictures::{self, PicturePlan};
use crate::service::retain::purge::{self, PurgeCap, PurgePlan};
use crate::service::{Error, Portal};
use std::collections::BTreeSet;

/// Applications, pictures of documents that were decided on, notices about cards, and patrons whose card ended long ago
/// and who were told. Exit 0 if everything was erased that was due; 1 if it was too much at once for a library.
#[derive(Debug, clap::Args)]
pub(super) struct PurgeArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Only count: applications by library, procedure and ending, and pictures, notices and patrons by library.
    #[arg(long)]
    dry_run: bool,
    /// The largest part, in percent, of a library's kept applications, or of its patrons, that may be erased at once.
    /// Without it, as the configuration says.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=100))]
    largest_share: Option<u64>,
}

pub(super) fn run(args: &PurgeArgs) -> Result<(), Failure> {
    let config = args.config.load()?;
    let usual = config.retention.cap();
    let cap = PurgeCap { percent: args.largest_share.unwrap_or(usual.percent), ..usual };
    block_on(async move {
        let clock = Clock::System;
        let portal = server::portal(&config, clock).await?;
        let plans = purge::plan(&portal.db, cap, portal.clock.now()).await?;
        plans.iter().for_each(report);
        let picture_plans = pictures::plan(&portal.db, cap, portal.clock.now()).await?;
        picture_plans.iter().for_each(report_pictures);
        let notice_plans = card_notices::plan(&portal.db, cap, portal.clock.now()).await?;
        notice_plans.iter().for_each(report_notices);
        let patron_plans = patrons::plan(&portal.db, cap, portal.clock.now()).await?;
        patron_plans.iter().for_each(report_patrons);
        if !args.dry_run {
            println!("{} applications were erased", until_nothing(async || portal.purge(cap).await).await?);
            let pictures = until_nothing(async || portal.erase_pictures(cap).await).await?;
            println!("the pictures of {pictures} applications were erased");
            let notices = until_nothing(async || portal.erase_card_notices(cap).await).await?;
            println!("{notices} notices about cards were erased");
            println!("{} patrons were erased", erase_patrons(&portal, cap).await?);
        }
        portal.db.close().await;
        let slugs = plans.iter().filter(|plan| plan.is_too_much).map(|plan| &plan.slug);
        let patrons = patron_plans.iter().filter(|plan| plan.is_too_much).map(|plan| &plan.slug);
        let pictures = picture_plans.iter().filter(|plan| plan.is_too_much).map(|plan| &plan.slug);
        let notices = notice_plans.iter().filter(|plan| plan.is_too_much).map(|plan| &plan.slug);
        match slugs.chain(patrons).chain(pictures).chain(notices).collect::<BTreeSet<_>>().len() {
            0 => Ok(()),
            libraries => Err(format!(
                "of {libraries} libraries more is due than may be erased at once; if that is right, say --largest-share"
            )
            .into()),
        }
    })
}

/// A batch of each library's a turn.
async fn until_nothing(turn: impl AsyncFn() -> Result<u64, Error>) -> Result<u64, Error> {
    let mut erased = 0;
    loop {
        match turn().await? {
            0 => return Ok(erased),
            some => erased += some,
        }
    }
}

async fn erase_patrons(portal: &Portal, cap: PurgeCap) -> Result<u64, Failure> {
    let mut erased = 0;
    loop {
        let ended = portal.end_patrons(cap).await?;
        if ended == PatronsEnded::default() {
            return Ok(erased);
        }
        erased += ended.erased;
    }
}

fn report_notices(plan: &CardNoticePlan) {
    let warning = if plan.is_too_much { ", which is too much at once" } else { "" };
    println!("{}: {} of {} notices about cards are due{warning}", plan.slug, plan.due, plan.kept);
}

fn report_pictures(plan: &PicturePlan) {
    let warning = if plan.is_too_much { ", which is too much at once" } else { "" };
    println!("{}: the pictures of {} of {} decided applications are due{warning}", plan.slug, plan.due, plan.kept);
}

fn report_patrons(plan: &PatronPlan) {
    let warning = if plan.is_too_much { ", which is too much at once" } else { "" };
    println!("{}: {} of {} patrons are due{warning}", plan.slug, plan.due, plan.kept);
}

fn report(plan: &PurgePlan) {
    for ((procedure, ending), count) in &plan.due {
        println!("{}\t{}\t{}\t{count}", plan.slug, procedure.as_str(), ending.as_str());
    }
    let warning = if plan.is_too_much { ", which is too much at once" } else { "" };
    println!("{}: {} of {} kept applications are due{warning}", plan.slug, plan.total(), plan.kept);
}
