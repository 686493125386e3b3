//! The whole portal on loopback, with a simulated signing app beside it on its own origin.
//!
//! The demonstration plays on it, and so do the stories in `tests`: both are served by the
//! production composition (`server::listen`), only the clock, the mail and the cards differ.

use super::authority::{CardKey, CrlFault, CrlOrder, Municipality, TestAuthority};
use super::mailbox;
use super::seal_authority::SealAuthority;
use super::signing_app::{RegisteredClient, SimulatedApp, error_meanings};
use crate::clock::Clock;
use crate::document::Typesetter;
use crate::domain::library::{Library, LibraryRules};
use crate::domain::permission::{Role, RoleGrant};
use crate::gateway::certificate_lookup::CertificateLookup;
use crate::gateway::mail::{Mailbox, Mailer};
use crate::gateway::picture_reader::PictureReader;
use crate::gateway::revocation::Revocation;
use crate::gateway::seal::Seals;
use crate::gateway::secret::SecretSource;
use crate::gateway::signing_app::{SigningApp, SigningAppSettings};
use crate::jpki::{Anchor, Policies, Reason, Trust};
use crate::server::{self, Facing, StartError};
use crate::service::attach::AttachmentLimits;
use crate::service::certificate_sweep::SweptLists;
use crate::service::mail_care::MailCare;
use crate::service::password::PasswordHasher;
use crate::service::retain::purge::PurgeCap;
use crate::service::sign::Waiting;
use crate::service::typeset::Typesetting;
use crate::service::{KnownLibraries, Portal};
use crate::store::Db;
use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpServer, web};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use data_encoding::BASE64;
use std::net::TcpListener;
use std::sync::{Arc, OnceLock};
use time::{Duration, OffsetDateTime};

/// The libraries of the demonstration, as their operators would write them.
pub const LIBRARIES: [&str; 2] =
    [include_str!("../../deploy/libraries/himeji.toml"), include_str!("../../deploy/libraries/shiomi.toml")];
/// The staff account that exists in each library.
pub const STAFF_LOGIN: &str = "sato";
/// The second one, for approvals by two.
pub const SECOND_STAFF_LOGIN: &str = "ishii";
/// Their password.
pub const STAFF_PASSWORD: &str = "todoke-demo-2026";
/// Their second factor.
pub const STAFF_TOTP_SECRET: &[u8; 20] = b"todoke demonstration";
const CLIENT_ID: &str = "TODOKEDEMO1";

/// Where portal and app listen.
pub struct Doors {
    /// What browsers call this machine in the portal's addresses.
    pub host: String,
    /// The portal's.
    pub portal: TcpListener,
    /// The simulated app's.
    pub app: TcpListener,
}

impl Doors {
    /// Two neighbouring loopback ports; port 0 takes any two.
    ///
    /// # Errors
    /// A port that is taken.
    pub fn open(port: u16) -> Result<Self, StartError> {
        let listen = |port| TcpListener::bind(("127.0.0.1", port)).map_err(|error| format!("port {port}: {error}"));
        let host = "127.0.0.1".to_owned();
        Ok(Self { host, portal: listen(port)?, app: listen(if port == 0 { 0 } else { port + 1 })? })
    }
}

/// Everything put together, before the first request.
pub struct Stage {
    /// The portal; what a story wants otherwise is changed here.
    pub portal: Portal,
    /// How it faces the network.
    pub facing: Facing,
    /// What is mailed.
    pub mailbox: Mailbox,
    /// The authority of the test cards.
    pub authority: Arc<TestAuthority>,
    /// The revocation list in force, DER.
    pub crl: Vec<u8>,
    /// The root of the seals on notices, DER.
    pub seal_root: Vec<u8>,
    /// Where the simulated app listens.
    pub app_url: String,
    app: SimulatedApp,
    doors: Doors,
}

impl Stage {
    /// Puts portal, app and cards together over a migrated database, with both libraries and their staff.
    ///
    /// # Errors
    /// Whatever does not stand up to use.
    pub async fn set(doors: Doors, clock: Clock, authority: Arc<TestAuthority>, db: Db) -> Result<Self, StartError> {
        let base_url = format!("http://{}:{}", doors.host, doors.portal.local_addr()?.port());
        let app_url = format!("http://127.0.0.1:{}", doors.app.local_addr()?.port());
        let now = clock.now();
        let anchor = Anchor::from_der(authority.anchor_der()).map_err(Reason::as_str)?;
        let trust = Trust::signing(vec![anchor], Policies::demo());

        let mut settings = SigningAppSettings::for_issuer(
            &format!("{app_url}/api/realms/main"),
            CLIENT_ID,
            &format!("{base_url}/signing/return"),
            client_key()?,
        )?;
        settings.decryption_key = Some(decryption_key()?);
        settings.errors = error_meanings();
        let signing_app = SigningApp::new(settings)?;
        let client = RegisteredClient {
            client_id: CLIENT_ID.to_owned(),
            public_key: signing_app.public_key().clone(),
            encryption_key: signing_app.encryption_key().cloned(),
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
        let revocation = Revocation::none();
        revocation.add(&crl, &trust, now)?;

        let mailbox = Mailbox::default();
        let (seals, seal_root) = demo_seals(now)?;
        let portal = Portal {
            db,
            clock,
            signing_app,
            trust,
            revocation,
            swept: SweptLists::default(),
            certificate_lookup: CertificateLookup::None,
            timestamps: None,
            seals,
            typesetter: typesetter()?,
            typesetting: Typesetting::default(),
            pictures: PictureReader::here(),
            attachment_limits: AttachmentLimits::default(),
            purge_cap: PurgeCap::default(),
            waiting: Waiting::default(),
            mailer: Mailer::Memory(mailbox.clone()),
            mail_care: MailCare::default(),
            passwords: PasswordHasher::default(),
            base_url,
            known_libraries: KnownLibraries::default(),
        };
        seed(&portal).await?;
        Ok(Self { portal, facing: Facing::default(), mailbox, authority, crl, seal_root, app_url, app, doors })
    }

    /// Has the simulated app alone answer, on the current runtime: the portal is asked without its pages.
    ///
    /// # Errors
    /// The listener's.
    pub fn open_app(self) -> Result<(Portal, ServerHandle), StartError> {
        let server = serve_app(&self.app, &self.mailbox, self.doors.app)?;
        let handle = server.handle();
        tokio::spawn(server);
        Ok((self.portal, handle))
    }

    /// Lets visitors in, on the current actix system.
    ///
    /// # Errors
    /// The listeners'.
    pub fn open(self) -> Result<OpenStage, StartError> {
        let Self { portal, facing, mailbox, authority, crl, seal_root, app_url, app, doors } = self;
        let portal = Arc::new(portal);
        let server = server::listen(Arc::clone(&portal), doors.portal, facing)?;
        let app_server = serve_app(&app, &mailbox, doors.app)?;
        let (portal_server, app_server_handle) = (server.handle(), app_server.handle());
        actix_web::rt::spawn(server);
        actix_web::rt::spawn(app_server);
        let app_server = app_server_handle;
        Ok(OpenStage { portal, mailbox, authority, crl, seal_root, app_url, app, portal_server, app_server })
    }
}

/// The simulated app with its mailbox, on one thread.
fn serve_app(app: &SimulatedApp, mailbox: &Mailbox, door: TcpListener) -> Result<Server, StartError> {
    let (post, practice) = (mailbox.clone(), app.clone());
    let server = HttpServer::new(move || {
        App::new()
            .configure(|config| practice.configure(config))
            .app_data(web::Data::new(post.clone()))
            .configure(mailbox::configure)
    });
    Ok(server.workers(1).disable_signals().listen(door)?.run())
}

/// Portal and app, serving.
pub struct OpenStage {
    /// The portal behind the pages.
    pub portal: Arc<Portal>,
    /// What was mailed.
    pub mailbox: Mailbox,
    /// The authority of the test cards.
    pub authority: Arc<TestAuthority>,
    /// The revocation list in force, DER.
    pub crl: Vec<u8>,
    /// The root of the seals on notices, DER.
    pub seal_root: Vec<u8>,
    /// Where the simulated app listens.
    pub app_url: String,
    app: SimulatedApp,
    portal_server: ServerHandle,
    app_server: ServerHandle,
}

impl OpenStage {
    /// The simulated app's name for the holder of a card, if it has that card.
    #[must_use]
    pub fn subject_of(&self, card: &str) -> Option<String> {
        self.app.subject_of(card)
    }

    /// Takes the signing app away, as an outage does.
    pub async fn stop_app(&self) {
        self.app_server.stop(false).await;
    }

    /// Stops both servers.
    pub async fn stop(&self, graceful: bool) {
        self.portal_server.stop(graceful).await;
        self.app_server.stop(graceful).await;
    }
}

/// Two libraries with two members of staff each: some approvals want a second person.
async fn seed(portal: &Portal) -> Result<(), StartError> {
    let everything = [Role::Supervisor, Role::Administrator].map(RoleGrant::everywhere).to_vec();
    for source in LIBRARIES {
        let rules = LibraryRules::parse(source)?;
        let library: Library = portal.import_library(&rules, source).await?;
        for (login, name) in [(STAFF_LOGIN, "佐藤"), (SECOND_STAFF_LOGIN, "石井")] {
            portal.add_demo_staff(&library, login, name, everything.clone(), STAFF_PASSWORD, STAFF_TOTP_SECRET).await?;
        }
    }
    Ok(())
}

/// Each library seals its notices, under one authority of the demonstration's own, whose root is given as well.
fn demo_seals(now: OffsetDateTime) -> Result<(Seals, Vec<u8>), StartError> {
    let authority = SealAuthority::generate(now)?;
    let mut seals = Vec::with_capacity(LIBRARIES.len());
    for source in LIBRARIES {
        let rules = LibraryRules::parse(source)?;
        seals.push(authority.seal_for(&rules.slug, rules.name.as_str(), now)?);
    }
    Ok((Seals::of(seals), authority.root().to_vec()))
}

/// One typesetter for the process: its fonts take longer to load than the rest of the stage.
fn typesetter() -> Result<Arc<Typesetter>, StartError> {
    static TYPESETTER: OnceLock<Arc<Typesetter>> = OnceLock::new();
    if let Some(typesetter) = TYPESETTER.get() {
        return Ok(Arc::clone(typesetter));
    }
    let typesetter = Arc::new(Typesetter::new(Vec::new())?);
    Ok(Arc::clone(TYPESETTER.get_or_init(|| typesetter)))
}

/// A fresh key for the client's assertions.
fn client_key() -> Result<SecretSource, StartError> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let der = pair.to_pkcs8v1()?;
    Ok(pem(der.as_ref()))
}

/// The key for encrypted results. One for the process: it takes longer to make than the rest of the stage.
fn decryption_key() -> Result<SecretSource, StartError> {
    static KEY: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(pkcs8) = KEY.get() {
        return Ok(pem(pkcs8));
    }
    let pkcs8 = CardKey::generate()?.to_pkcs8()?;
    Ok(pem(KEY.get_or_init(|| pkcs8)))
}

fn pem(pkcs8: &[u8]) -> SecretSource {
    let base64 = BASE64.encode(pkcs8);
    SecretSource::value(format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n"))
}
