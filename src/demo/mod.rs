//! A library to try: two towns, test cards, a simulated signing app on its own origin, a
//! mailbox page, and a walk that does the whole story by itself.
//!
//! Everything lives in a temporary folder and ends with the process, unless another [`Ground`] is named. Nothing here
//! can be reached from a production configuration, and no database of production from here: its keys are refused.

pub mod authority;
pub mod browser;
pub mod journey;
mod mailbox;
pub mod seal_authority;
mod seed;
pub mod signing_app;
pub mod stage;
mod walk;

pub use stage::{LIBRARIES, SECOND_STAFF_LOGIN, STAFF_LOGIN, STAFF_PASSWORD, STAFF_TOTP_SECRET};
pub use walk::walk;

use crate::clock::Clock;
use crate::gateway::picture_reader::PictureReader;
use crate::http::limits::Rate;
use crate::server::StartError;
use crate::service::staff::current_code;
use crate::store::Db;
use crate::store::seal::Keyring;
use crate::workers::Workers;
use authority::TestAuthority;
use data_encoding::BASE32_NOPAD;
use stage::{Doors, OpenStage, Stage};
use std::fs::OpenOptions;
use std::io::Write;
use std::num::NonZeroU32;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use zeroize::Zeroizing;

/// The first line of a key file that a demonstration has made. No other key file is taken.
const KEYS_OF_DEMO: &str = "# made by todoke demo\n";

/// What a demonstration stands on.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// A database that stays, with the file of its keys; one in a temporary folder if none is named.
    pub database: Option<(String, PathBuf)>,
    /// How many patrons the first library is to have.
    pub patrons: u64,
}

/// A running demonstration.
pub struct Demo {
    /// Portal and app.
    pub stage: OpenStage,
    folder: PathBuf,
    workers: Workers,
}

impl Demo {
    /// Starts portal and app on two neighbouring loopback ports; port 0 takes any two. Browsers call the portal `host`.
    ///
    /// # Errors
    /// A port that is taken, a temporary folder that cannot be written, or a database that is no demonstration's.
    pub async fn start(host: &str, port: u16, ground: &Ground) -> Result<Self, StartError> {
        let doors = Doors { host: host.to_owned(), ..Doors::open(port)? };
        let clock = Clock::System;
        let authority = Arc::new(TestAuthority::generate(clock.now())?);
        let folder = temporary_folder()?;
        let (address, keyring) = if let Some((address, keys)) = &ground.database {
            (address.clone(), keyring_of(keys)?)
        } else {
            let address = format!("sqlite:{}", folder.join("todoke.sqlite").display());
            (address, Keyring::parse(&Keyring::generate_line(1))?)
        };
        let db = Db::connect(&address, Arc::new(keyring)).await?;
        db.migrate().await?;
        db.check_keys().await?;
        let mut stage = Stage::set(doors, clock, authority, db).await?;
        stage.portal.pictures = PictureReader::apart(std::env::current_exe()?);
        if ground.patrons > 0 {
            seed::seed(&stage.portal, ground.patrons).await?;
            // Whoever fills a library wants to measure it, from one machine.
            let plenty = NonZeroU32::MAX;
            stage.facing.limits.posts = Rate { burst: plenty, per_minute: plenty };
        }
        let stage = stage.open()?;
        let workers = Workers::start(&stage.portal);
        Ok(Self { stage, folder, workers })
    }

    /// Prints where to go and as whom.
    pub fn introduce(&self) {
        let (base, app) = (&self.stage.portal.base_url, &self.stage.app_url);
        println!("Todoke is running on this machine, with test cards only.\n");
        println!("  Apply        {base}/himeji/ja/   and   {base}/shiomi/ja/");
        println!("  Mailbox      {app}/mailbox");
        println!("  Signing app  {app} (opens by itself when you sign)");
        println!("  Card reader  {app}/card-reader (signs the downloaded PDF, for the upload)");
        println!("  Staff        {base}/himeji/staff/   login {STAFF_LOGIN}   password {STAFF_PASSWORD}");
        println!("               a second person: login {SECOND_STAFF_LOGIN}, the same password and code");
        match current_code(STAFF_TOTP_SECRET, self.stage.portal.clock.now()) {
            Ok(code) => println!("               one-time code now {code}; always at {app}/mailbox"),
            Err(error) => println!("               no one-time code: {error}"),
        }
        println!("               (TOTP secret {})\n", BASE32_NOPAD.encode(STAFF_TOTP_SECRET));
        println!("Stop with Ctrl-C; everything is forgotten then.");
    }

    /// Waits for Ctrl-C, or until it is told to end, then stops.
    ///
    /// # Errors
    /// If the signal cannot be waited for.
    pub async fn until_stopped(self) -> Result<(), StartError> {
        let mut told = signal(SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed?,
            _ = told.recv() => {}
        }
        self.stop().await;
        Ok(())
    }

    /// Stops both servers and erases the folder.
    pub async fn stop(self) {
        self.stage.stop(true).await;
        self.workers.stop().await;
        self.stage.portal.db.close().await;
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(%error, "the demonstration's folder could not be removed");
        }
    }
}

/// Reads the key file of an earlier demonstration, or makes one.
fn keyring_of(file: &Path) -> Result<Keyring, StartError> {
    if !file.exists() {
        let text = Zeroizing::new(format!("{KEYS_OF_DEMO}{}\n", *Keyring::generate_line(1)));
        let mut made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        made.write_all(text.as_bytes())?;
    }
    let text = Zeroizing::new(std::fs::read_to_string(file)?);
    if !text.starts_with(KEYS_OF_DEMO) {
        return Err(format!("{} was not made by a demonstration", file.display()).into());
    }
    Ok(Keyring::parse(&text)?)
}

fn temporary_folder() -> Result<PathBuf, StartError> {
    let mut random = [0; 8];
    aws_lc_rs::rand::fill(&mut random)?;
    let folder = std::env::temp_dir().join(format!("todoke-demo-{:016x}", u64::from_be_bytes(random)));
    std::fs::create_dir(&folder)?;
    Ok(folder)
}
