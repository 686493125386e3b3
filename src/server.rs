//! The composition root: settings in, a running portal with its workers out.

use crate::clock::Clock;
use crate::config::{Config, Environment, TlsConfig};
use crate::document::Typesetter;
use crate::gateway::certificate_lookup::CertificateLookup;
use crate::gateway::mail::Mailer;
use crate::gateway::picture_reader::PictureReader;
use crate::gateway::revocation::Revocation;
use crate::gateway::seal::Seals;
use crate::gateway::signing_app::SigningApp;
use crate::gateway::timestamp::TimestampAuthority;
use crate::http;
use crate::http::limits::LimitSettings;
use crate::http::site::Site;
use crate::http::urls::BaseUrl;
use crate::jpki::{self, Anchor, Policies, Trust, pem_or_der};
use crate::service::attach::AttachmentLimits;
use crate::service::certificate_sweep::SweptLists;
use crate::service::mail_care::MailCare;
use crate::service::password::PasswordHasher;
use crate::service::retain::purge::PurgeCap;
use crate::service::sign::Waiting;
use crate::service::typeset::Typesetting;
use crate::service::{KnownLibraries, Portal};
use crate::store::seal::Keyring;
use crate::store::{Db, Schema};
use crate::workers::Workers;
use actix_web::dev::{Server, ServerHandle};
use actix_web::{HttpServer, web};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::ExposeSecret;
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// Anything that keeps the portal from starting, told in one line.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// How long requests in flight may take after the signal to stop, in seconds.
const GRACE: u64 = 10;

/// Opens the database for a command that writes: its tables are up to date, and the configured keys are those
/// that sealed it.
///
/// # Errors
/// An unreadable secret, unusable keys, no database, or one that `todoke migrate` must see to first.
pub async fn open_database(config: &Config) -> Result<Db, StartError> {
    // Only looked at until everything fits: a command with a wrong address or key leaves no trace.
    let db = look_at_database(config).await?;
    let behind = || StartError::from("the database is not up to date: run `todoke migrate`");
    let db = db.ok_or_else(behind)?;
    match db.schema().await? {
        Schema::Current => db.check_keys().await?,
        Schema::Absent | Schema::Behind(_) => return Err(behind()),
        Schema::Ahead => return Err("the database was migrated by a newer version of todoke".into()),
    }
    db.close().await;
    Ok(Db::connect(config.database.url.read()?.expose_secret(), keyring(config)?).await?)
}

/// Opens the database and brings its tables up to date before anything else.
///
/// # Errors
/// As [`open_database`], and a migration that fails.
pub async fn migrate_database(config: &Config) -> Result<Db, StartError> {
    let db = Db::connect(config.database.url.read()?.expose_secret(), keyring(config)?).await?;
    db.migrate().await?;
    db.check_keys().await?;
    Ok(db)
}

/// Opens the database only to look at it; `None` if there is no file yet.
///
/// # Errors
/// An unreadable secret, unusable keys, or no database.
pub async fn look_at_database(config: &Config) -> Result<Option<Db>, StartError> {
    Ok(Db::look(config.database.url.read()?.expose_secret(), keyring(config)?).await?)
}

fn keyring(config: &Config) -> Result<Arc<Keyring>, StartError> {
    let keys = config.keys.master.read()?;
    Ok(Arc::new(Keyring::parse(keys.expose_secret())?))
}

/// Everything of a portal that the configuration alone makes.
pub struct Parts {
    signing_app: SigningApp,
    trust: Trust,
    revocation: Revocation,
    typesetter: Arc<Typesetter>,
    mailer: Mailer,
    mail_care: MailCare,
    certificate_lookup: CertificateLookup,
    timestamps: Option<TimestampAuthority>,
    seals: Seals,
    pictures: PictureReader,
    attachment_limits: AttachmentLimits,
    purge_cap: PurgeCap,
    base_url: String,
}

/// Makes the parts of the portal; asks nobody and changes nothing.
///
/// # Errors
/// Whatever in the configuration does not stand up to use.
pub fn parts(config: &Config, clock: &Clock) -> Result<Parts, StartError> {
    let policies = match config.environment {
        Environment::Production => Policies::production(),
        Environment::Test => Policies::test(),
    };
    let mut anchors = Vec::new();
    for path in &config.trust.anchors {
        let bytes = std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let der = pem_or_der(&bytes).ok_or_else(|| format!("{}: unreadable PEM", path.display()))?;
        let anchor = Anchor::from_der(&der)
            .map_err(|reason| format!("{}: not a usable root: {}", path.display(), reason.as_str()))?;
        if config.environment == Environment::Production && anchor.environment() != jpki::Environment::Production {
            return Err(format!("{}: production cannot trust a test root", path.display()).into());
        }
        if !config.trust.pins(&anchor.sha256()) {
            let digest = data_encoding::HEXLOWER.encode(&anchor.sha256());
            return Err(format!("{}: its SHA-256 {digest} is not among trust.anchor_sha256", path.display()).into());
        }
        anchors.push(anchor);
    }
    let trust = Trust::signing(anchors, policies);
    let revocation = Revocation::new(&config.trust.revocation_sources(), config.trust.revocation_cache.as_deref())?;
    revocation.load(&trust, clock.now());
    let mut fonts = Vec::new();
    for path in &config.documents.fonts {
        fonts.push(std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?);
    }
    Ok(Parts {
        signing_app: SigningApp::new(config.signing_app.clone())?,
        trust,
        revocation,
        typesetter: Arc::new(Typesetter::new(fonts)?),
        mailer: Mailer::new(&config.mail.way)?,
        mail_care: MailCare::new(&config.mail),
        certificate_lookup: CertificateLookup::new(config.certificate_lookup.as_ref())?,
        timestamps: config.timestamp.as_ref().map(TimestampAuthority::new).transpose()?,
        seals: Seals::new(&config.seal)?,
        pictures: PictureReader::apart(std::env::current_exe()?),
        attachment_limits: config.attachments.limits(),
        purge_cap: config.retention.cap(),
        base_url: config.server.base_url.clone(),
    })
}

impl Parts {
    /// The portal over a database.
    #[must_use]
    pub fn over(self, db: Db, clock: Clock) -> Portal {
        let Self {
            signing_app,
            trust,
            revocation,
            typesetter,
            mailer,
            mail_care,
            certificate_lookup,
            timestamps,
            seals,
            pictures,
            attachment_limits,
            purge_cap,
            base_url,
        } = self;
        Portal {
            db,
            clock,
            signing_app,
            trust,
            revocation,
            swept: SweptLists::default(),
            certificate_lookup,
            timestamps,
            seals,
            typesetter,
            typesetting: Typesetting::default(),
            pictures,
            attachment_limits,
            purge_cap,
            waiting: Waiting::default(),
            mailer,
            mail_care,
            passwords: PasswordHasher::default(),
            base_url,
            known_libraries: KnownLibraries::default(),
        }
    }
}

/// Puts the portal together for a command beside the server.
///
/// # Errors
/// As [`parts`] and [`open_database`].
pub async fn portal(config: &Config, clock: Clock) -> Result<Portal, StartError> {
    Ok(parts(config, &clock)?.over(open_database(config).await?, clock))
}

/// Runs the portal until it is told to stop.
///
/// # Errors
/// An address that cannot be listened on, or unusable TLS files.
pub async fn serve(config: &Config, portal: Portal) -> Result<(), StartError> {
    let listener = TcpListener::bind(config.server.listen)
        .map_err(|error| format!("cannot listen on {}: {error}", config.server.listen))?;
    let tls = config.server.tls.as_ref().map(tls_settings).transpose()?;
    let portal = Arc::new(portal);
    let facing = Facing { tls, trusted_proxies: config.server.trusted_proxies.clone(), limits: config.limits };
    let server = listen(Arc::clone(&portal), listener, facing)?;
    let workers = Workers::start(&portal);
    tracing::info!(listen = %config.server.listen, base_url = portal.base_url, "serving");
    stop_on_signal(server.handle());
    let outcome = server.await;
    workers.stop().await;
    portal.db.close().await;
    tracing::info!("stopped");
    Ok(outcome?)
}

/// How the portal faces the network.
#[derive(Debug, Default)]
pub struct Facing {
    /// TLS, if the portal itself speaks it.
    pub tls: Option<rustls::ServerConfig>,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How often is too often.
    pub limits: LimitSettings,
}

/// Starts serving on `listener`; the returned server runs when awaited.
///
/// # Errors
/// An unusable base URL, or the listener's.
pub fn listen(portal: Arc<Portal>, listener: TcpListener, facing: Facing) -> Result<Server, StartError> {
    let base: BaseUrl = portal.base_url.parse()?;
    let csrf_secret = portal.db.keyring().secret_for("csrf");
    let signing_origins = [portal.signing_app.origin()];
    let site = web::Data::new(Site::new(base, &csrf_secret, &signing_origins, facing.trusted_proxies, &facing.limits)?);
    let portal = web::Data::from(portal);
    let server = HttpServer::new(move || http::app(web::Data::clone(&portal), web::Data::clone(&site)))
        .workers(std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
        // Without it every answer over HTTP/2 waits for the client's delayed acknowledgement.
        .tcp_nodelay(true)
        .client_request_timeout(Duration::from_secs(5))
        .shutdown_timeout(GRACE)
        .disable_signals();
    let server = match facing.tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// Stops cleanly at SIGTERM or SIGINT: no new connections, the requests in flight finish.
fn stop_on_signal(handle: ServerHandle) {
    actix_web::rt::spawn(async move {
        let interrupted = tokio::signal::ctrl_c();
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => drop(interrupted.await),
        }
        tracing::info!("stopping");
        handle.pause().await;
        handle.stop(true).await;
    });
}

fn tls_settings(files: &TlsConfig) -> Result<rustls::ServerConfig, StartError> {
    let unusable = |path: &std::path::Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(&files.certificate, &error))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| unusable(&files.key, &error))?;
    Ok(rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?)
}
