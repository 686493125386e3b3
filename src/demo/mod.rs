//! A library to try: two towns, test cards, a simulated signing app on its own origin, a
//! mailbox page, and a walk that does the whole story by itself.
//!
//! Everything lives in a temporary folder and ends with the process. Nothing here can be
//! reached from a production configuration.

pub mod authority;
pub mod browser;
pub mod journey;
mod mailbox;
pub mod signing_app;
mod walk;

pub use walk::walk;

use crate::clock::Clock;
use crate::document::Typesetter;
use crate::domain::library::{Library, LibraryRules};
use crate::gateway::mail::{Mailbox, Mailer};
use crate::gateway::revocation::RevocationSource;
use crate::gateway::secret::SecretSource;
use crate::gateway::signing_app::{SigningApp, SigningAppSettings};
use crate::jpki::{Anchor, Crl, CrlSet, Policies, Trust};
use crate::server::{self, StartError, Workers};
use crate::service::Portal;
use crate::service::password::PasswordHasher;
use crate::service::staff::current_code;
use crate::store::Db;
use crate::store::seal::Keyring;
use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use authority::{CrlFault, CrlOrder, Municipality, TestAuthority};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use data_encoding::{BASE32_NOPAD, BASE64};
use signing_app::{RegisteredClient, SimulatedApp};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use time::Duration;

/// The libraries of the demonstration, as their operators would write them.
pub const LIBRARIES: [&str; 2] =
    [include_str!("../../deploy/libraries/himeji.toml"), include_str!("../../deploy/libraries/shiomi.toml")];
/// The staff account that exists in each library.
pub const STAFF_LOGIN: &str = "sato";
/// Its password.
pub const STAFF_PASSWORD: &str = "todoke-demo-2026";
/// Its second factor.
pub const STAFF_TOTP_SECRET: &[u8; 20] = b"todoke demonstration";
const CLIENT_ID: &str = "TODOKEDEMO1";

/// A running demonstration.
pub struct Demo {
    /// The portal behind the pages.
    pub portal: Arc<Portal>,
    /// What was mailed.
    pub mailbox: Mailbox,
    /// The authority of the test cards.
    pub authority: Arc<TestAuthority>,
    /// The revocation list in force, DER.
    pub crl: Vec<u8>,
    /// Where the simulated app listens.
    pub app_url: String,
    folder: PathBuf,
    handles: Vec<ServerHandle>,
    workers: Workers,
}

impl Demo {
    /// Starts portal and app on two neighbouring loopback ports; port 0 takes any two.
    ///
    /// # Errors
    /// A port that is taken, or a temporary folder that cannot be written.
    pub async fn start(port: u16) -> Result<Self, StartError> {
        let clock = Clock::System;
        let listener = TcpListener::bind(("127.0.0.1", port)).map_err(|error| format!("port {port}: {error}"))?;
        let app_port = if port == 0 { 0 } else { port + 1 };
        let app_listener =
            TcpListener::bind(("127.0.0.1", app_port)).map_err(|error| format!("port {app_port}: {error}"))?;
        let base_url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let app_url = format!("http://127.0.0.1:{}", app_listener.local_addr()?.port());

        let now = clock.now();
        let authority = Arc::new(TestAuthority::generate(now)?);
        let anchor = Anchor::from_der(authority.anchor_der()).map_err(|reason| reason.as_str())?;
        let trust = Trust { anchors: vec![anchor], policies: Policies::demo() };

        let assertion_key = client_key()?;
        let settings = SigningAppSettings::for_issuer(
            &format!("{app_url}/api/realms/main"),
            CLIENT_ID,
            &format!("{base_url}/signing/return"),
            assertion_key,
        )?;
        let signing_app = SigningApp::new(settings)?;
        let client = RegisteredClient {
            client_id: CLIENT_ID.to_owned(),
            public_key: signing_app.public_key().clone(),
            redirect_uris: vec![signing_app.redirect_uri().to_owned()],
        };
        let app = SimulatedApp::new(&authority, client, &app_url, clock.clone())?;
        let crl = authority.crl(&CrlOrder {
            municipality: &Municipality::default(),
            revoked: &app.revoked(),
            this_update: now - Duration::hours(1),
            next_update: now + Duration::days(7),
            number: 1,
            fault: CrlFault::None,
        })?;
        let mut lists = CrlSet::new();
        lists.insert(Crl::parse(&crl, &trust).map_err(|reason| reason.as_str())?);

        let folder = temporary_folder()?;
        let keyring = Keyring::parse(&Keyring::generate_line(1))?;
        let address = format!("sqlite:{}", folder.join("todoke.sqlite").display());
        let db = Db::connect(&address, Arc::new(keyring)).await?;
        db.migrate().await?;
        db.check_keys().await?;

        let mailbox = Mailbox::default();
        let portal = Arc::new(Portal {
            db,
            clock: clock.clone(),
            signing_app,
            trust,
            revocation: RevocationSource::Fixed(Arc::new(lists)),
            typesetter: Arc::new(Typesetter::new(Vec::new())?),
            mailer: Mailer::Memory(mailbox.clone()),
            passwords: PasswordHasher::default(),
            base_url,
        });
        seed(&portal).await?;

        let server = server::listen(Arc::clone(&portal), listener, None, Vec::new())?;
        let post = mailbox.clone();
        let app_server = HttpServer::new(move || {
            App::new()
                .configure(|config| app.configure(config))
                .app_data(web::Data::new(post.clone()))
                .configure(mailbox::configure)
        })
        .workers(1)
        .disable_signals()
        .listen(app_listener)?
        .run();
        let handles = vec![server.handle(), app_server.handle()];
        actix_web::rt::spawn(server);
        actix_web::rt::spawn(app_server);
        let workers = Workers::start(&portal);
        Ok(Self { portal, mailbox, authority, crl, app_url, folder, handles, workers })
    }

    /// Prints where to go and as whom.
    pub fn introduce(&self) {
        let base = &self.portal.base_url;
        println!("Todoke is running on this machine, with test cards only.\n");
        println!("  Apply        {base}/himeji/ja/   and   {base}/shiomi/ja/");
        println!("  Mailbox      {}/mailbox", self.app_url);
        println!("  Signing app  {} (opens by itself when you sign)", self.app_url);
        println!("  Staff        {base}/himeji/staff/   login {STAFF_LOGIN}   password {STAFF_PASSWORD}");
        match current_code(STAFF_TOTP_SECRET, self.portal.clock.now()) {
            Ok(code) => println!("               one-time code now {code}; always at {}/mailbox", self.app_url),
            Err(error) => println!("               no one-time code: {error}"),
        }
        println!("               (TOTP secret {})\n", BASE32_NOPAD.encode(STAFF_TOTP_SECRET));
        println!("Stop with Ctrl-C; everything is forgotten then.");
    }

    /// Waits for Ctrl-C, then stops.
    ///
    /// # Errors
    /// If the signal cannot be waited for.
    pub async fn until_stopped(self) -> Result<(), StartError> {
        tokio::signal::ctrl_c().await?;
        self.stop().await;
        Ok(())
    }

    /// Stops both servers and erases the folder.
    pub async fn stop(self) {
        for handle in &self.handles {
            handle.stop(true).await;
        }
        self.workers.stop();
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(%error, "the demonstration's folder could not be removed");
        }
    }
}

/// Two libraries with one staff member each.
async fn seed(portal: &Portal) -> Result<(), StartError> {
    for source in LIBRARIES {
        let rules = LibraryRules::parse(source)?;
        let library: Library = portal.import_library(&rules, source).await?;
        portal.add_demo_staff(&library, STAFF_LOGIN, "佐藤", STAFF_PASSWORD, STAFF_TOTP_SECRET).await?;
    }
    Ok(())
}

/// A fresh key for the client's assertions.
fn client_key() -> Result<SecretSource, StartError> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let der = pair.to_pkcs8v1()?;
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64.encode(der.as_ref()));
    Ok(SecretSource::value(pem))
}

fn temporary_folder() -> Result<PathBuf, StartError> {
    let mut random = [0; 8];
    aws_lc_rs::rand::fill(&mut random)?;
    let folder = std::env::temp_dir().join(format!("todoke-demo-{:016x}", u64::from_be_bytes(random)));
    std::fs::create_dir(&folder)?;
    Ok(folder)
}
