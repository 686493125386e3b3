//! `todoke demo`: a library to try, on this machine only.

use super::Failure;
use crate::demo::{self, Demo, Ground};
use crate::telemetry::{self, LogFormat};
use std::path::PathBuf;

/// Options of the demonstration.
#[derive(Debug, clap::Args)]
pub(super) struct DemoArgs {
    /// The portal's port; the simulated signing app takes the next one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Under which name the portal is opened. Browsers keep passkeys for `localhost`, and for no address of numbers.
    #[arg(long, default_value = "127.0.0.1", value_parser = ["127.0.0.1", "localhost"])]
    host: String,
    /// Walk the whole story over HTTP, verify what comes out, and end.
    #[arg(long, requires = "out")]
    walk: bool,
    /// Where the walk leaves the documents.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Fill the first library with this many made-up patrons and twice as many applications.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// A database that stays: `sqlite:PATH` or `postgres://…`. Never one of production.
    #[arg(long, requires = "keys")]
    database: Option<String>,
    /// The file of that database's keys; made if it is missing.
    #[arg(long, requires = "database")]
    keys: Option<PathBuf>,
    /// What is logged.
    #[arg(long, default_value = "warn")]
    log: String,
}

pub(super) fn run(args: DemoArgs) -> Result<(), Failure> {
    telemetry::start(LogFormat::Text, &args.log);
    actix_web::rt::System::new().block_on(async move {
        let ground = Ground { database: args.database.zip(args.keys), patrons: args.seed };
        let demo = Demo::start(&args.host, args.port, &ground).await?;
        if let Some(out) = args.out.filter(|_| args.walk) {
            let walked = demo::walk(&demo, &out).await;
            demo.stop().await;
            return walked;
        }
        demo.introduce();
        demo.until_stopped().await
    })
}
