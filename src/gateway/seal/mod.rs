//! The seals of libraries: what proves that a notice is theirs, to anybody and without asking them.
//!
//! Each library has a certificate of its own, and its key in a file or in a hardware module (PKCS #11). A module may
//! be away for a while; then nothing is sealed, which is remembered for the monitoring, and tried again later.

mod file_key;
mod settings;
mod token_key;

pub use file_key::FileKey;
pub(crate) use file_key::pem;
pub use settings::{SealSettings, TokenSettings, UnsoundSealSettings};

use super::timestamp::{TimestampAuthority, TimestampError};
use crate::jpki::{
    NoSeal, PdfSeal, Reason, SealAlgorithm, SealAttributes, certificate_ends, pem_blocks, public_key_of, verify_seal,
};
use crate::sha256::sha256;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use time::OffsetDateTime;
use token_key::TokenKey;

/// The seals of an installation, one for each library that has one.
#[derive(Default)]
pub struct Seals(Vec<Arc<Seal>>);

/// The seal of one library.
pub struct Seal {
    library: String,
    certificate: Vec<u8>,
    /// Between the certificate and its root.
    above: Vec<Vec<u8>>,
    /// Earlier certificates, whose seals still count.
    former: Vec<Vec<u8>>,
    key: Arc<SealKey>,
    health: Mutex<SealHealth>,
}

/// Where the key is.
enum SealKey {
    File(FileKey),
    Token(TokenKey),
    /// A key that a test takes away and brings back.
    Switched(FileKey, Arc<AtomicBool>),
}

/// How a seal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SealHealth {
    /// When something was sealed last.
    pub last_success: Option<OffsetDateTime>,
    /// Since when nothing can be sealed.
    pub failing_since: Option<OffsetDateTime>,
}

/// Nothing was sealed; trying again later is always safe.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key is in a hardware module that does not answer as it should.
    #[error("the key of the seal cannot be used: {0}")]
    KeyAway(String),
    /// What the key makes does not fit the certificate.
    #[error("the key of the seal is not that of its certificate")]
    WrongKey,
    /// The certificate has run out.
    #[error("the certificate of the seal has run out")]
    Expired,
    /// Nobody vouches for the time.
    #[error(transparent)]
    NoTimestamp(#[from] TimestampError),
    /// The document cannot bear a seal: a fault of ours.
    #[error("the document cannot be sealed: {0}")]
    Document(Reason),
    /// The work was cut off.
    #[error("the sealing was cut off")]
    CutOff,
}

/// A document with its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedDocument {
    /// The file.
    pub pdf: Vec<u8>,
    /// True if an authority vouches for the time of the seal (baseline B-T), false for B-B.
    pub is_timestamped: bool,
}

impl Seals {
    /// Reads certificates and keys. A hardware module is not asked yet: it may be away.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn new(settings: &[SealSettings]) -> Result<Self, UnsoundSealSettings> {
        let mut seals: Vec<Arc<Seal>> = Vec::with_capacity(settings.len());
        for settings in settings {
            if seals.iter().any(|seal| seal.library == settings.library) {
                return Err(UnsoundSealSettings::Twice(settings.library.clone()));
            }
            seals.push(Arc::new(Seal::new(settings)?));
        }
        Ok(Self(seals))
    }

    /// These seals.
    #[must_use]
    pub fn of(seals: impl IntoIterator<Item = Seal>) -> Self {
        Self(seals.into_iter().map(Arc::new).collect())
    }

    /// The seal of a library, by its short name.
    #[must_use]
    pub fn find(&self, library: &str) -> Option<&Arc<Seal>> {
        self.0.iter().find(|seal| seal.library == library)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Seal>> {
        self.0.iter()
    }
}

impl Seal {
    fn new(settings: &SealSettings) -> Result<Self, UnsoundSealSettings> {
        let mut chain = certificates_in(&settings.certificates)?;
        let certificate = chain.remove(0);
        let algorithm = SealAlgorithm::of_certificate(&certificate)
            .map_err(|reason| UnsoundSealSettings::certificate(&settings.certificates, reason))?;
        let mut former = Vec::new();
        for path in &settings.former {
            former.push(certificates_in(path)?.remove(0));
        }
        let key = match (&settings.key, &settings.pkcs11) {
            (Some(source), None) => {
                let key = FileKey::read(&source.read()?)?;
                let own = public_key_of(&certificate)
                    .map_err(|reason| UnsoundSealSettings::certificate(&settings.certificates, reason))?;
                if key.public() != own {
                    return Err(UnsoundSealSettings::WrongKey(settings.library.clone()));
                }
                SealKey::File(key)
            }
            (None, Some(token)) => SealKey::Token(TokenKey::new(token, algorithm)?),
            _ => return Err(UnsoundSealSettings::OneKey(settings.library.clone())),
        };
        let health = Mutex::default();
        Ok(Self { library: settings.library.clone(), certificate, above: chain, former, key: key.into(), health })
    }

    /// A seal whose key is at hand, as a demonstration has it.
    #[must_use]
    pub fn at_hand(library: &str, certificate: Vec<u8>, above: Vec<Vec<u8>>, key: FileKey) -> Self {
        let key = Arc::new(SealKey::File(key));
        Self { library: library.to_owned(), certificate, above, former: Vec::new(), key, health: Mutex::default() }
    }

    /// The same with a switch: while it is off, the key is away.
    #[must_use]
    pub fn with_switch(self, is_there: Arc<AtomicBool>) -> Self {
        let key = match Arc::try_unwrap(self.key) {
            Ok(SealKey::File(key)) => Arc::new(SealKey::Switched(key, is_there)),
            Ok(other) => Arc::new(other),
            Err(shared) => shared,
        };
        Self { key, ..self }
    }

    /// The short name of its library.
    #[must_use]
    pub fn library(&self) -> &str {
        &self.library
    }

    /// How it stands.
    #[must_use]
    pub fn health(&self) -> SealHealth {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when its certificate holds.
    #[must_use]
    pub fn ends(&self) -> Option<OffsetDateTime> {
        certificate_ends(&self.certificate).ok()
    }

    /// Seals a PDF: B-T with an authority for the time, B-B without (ETSI EN 319 142-1). `label` names the seal to
    /// whoever hears the document.
    ///
    /// # Errors
    /// Why nothing was sealed; that is remembered too.
    pub async fn put_on(
        &self,
        pdf: &[u8],
        label: &str,
        authority: Option<&TimestampAuthority>,
        now: OffsetDateTime,
    ) -> Result<SealedDocument, SealError> {
        let sealed = self.seal(pdf, label, authority, now).await;
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match &sealed {
            Ok(_) => *health = SealHealth { last_success: Some(now), failing_since: None },
            // One document that cannot bear a seal says nothing about the seal.
            Err(SealError::Document(_)) => {}
            Err(_) => health.failing_since = health.failing_since.or(Some(now)),
        }
        sealed
    }

    async fn seal(
        &self,
        pdf: &[u8],
        label: &str,
        authority: Option<&TimestampAuthority>,
        now: OffsetDateTime,
    ) -> Result<SealedDocument, SealError> {
        if self.ends().is_none_or(|ends| ends < now) {
            return Err(SealError::Expired);
        }
        let room = PdfSeal::prepare_pades(pdf, now, label, authority.is_some()).map_err(SealError::Document)?;
        let attributes = SealAttributes::new(&room.sha256(), &self.certificate).map_err(SealError::Document)?;
        let signature = self.sign(attributes.as_der().to_vec()).await?;
        if !attributes.are_signed_by(&signature) {
            return Err(SealError::WrongKey);
        }
        let stamp = match authority {
            Some(authority) => Some(authority.stamp(&sha256(&signature), now).await?.token),
            None => None,
        };
        let cms = attributes.to_cms(&signature, &self.above, stamp.as_deref());
        let pdf = room.seal(&cms).map_err(SealError::Document)?;
        Ok(SealedDocument { pdf, is_timestamped: stamp.is_some() })
    }

    async fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, SealError> {
        let key = Arc::clone(&self.key);
        tokio::task::spawn_blocking(move || key.sign(&message)).await.map_err(|_| SealError::CutOff)?
    }

    /// Whether a file bears this library's seal over every byte of it.
    ///
    /// # Errors
    /// Why it does not.
    pub fn is_on(&self, pdf: &[u8]) -> Result<(), NoSeal> {
        let known: Vec<&[u8]> = std::iter::once(&self.certificate).chain(&self.former).map(Vec::as_slice).collect();
        verify_seal(pdf, &known).map(drop)
    }
}

impl SealKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SealError> {
        match self {
            Self::File(key) => key.sign(message),
            Self::Token(key) => key.sign(message),
            Self::Switched(key, is_there) if is_there.load(Ordering::SeqCst) => key.sign(message),
            Self::Switched(..) => Err(SealError::KeyAway("switched off".to_owned())),
        }
    }
}

/// The certificates of a PEM or DER file; at least one.
fn certificates_in(path: &Path) -> Result<Vec<Vec<u8>>, UnsoundSealSettings> {
    let unreadable = |why: String| UnsoundSealSettings::Certificate { path: path.to_owned(), why };
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let mut certificates = Vec::new();
    for block in pem_blocks(&bytes).unwrap_or_else(|| vec![Some(bytes)]) {
        let der = block.ok_or_else(|| unreadable("unreadable PEM".to_owned()))?;
        certificate_ends(&der).map_err(|reason| UnsoundSealSettings::certificate(path, reason))?;
        certificates.push(der);
    }
    if certificates.is_empty() { Err(unreadable("no certificate".to_owned())) } else { Ok(certificates) }
}
