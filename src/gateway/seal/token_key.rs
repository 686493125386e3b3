//! The key of a seal in a hardware module (PKCS #11).
//!
//! One session is kept open. When anything fails, it is thrown away and the module is asked anew once: a module that
//! was pulled out and put back, or whose network was away, needs no restart of the portal.

use super::{SealError, TokenSettings, UnsoundSealSettings};
use crate::jpki::encode::{sequence, unsigned_integer};
use crate::jpki::{SHA256_DIGEST_INFO_PREFIX, SealAlgorithm};
use crate::sha256::sha256;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

pub(super) struct TokenKey {
    module: PathBuf,
    place: TokenPlace,
    label: String,
    pin: SecretString,
    algorithm: SealAlgorithm,
    open: Mutex<Option<Open>>,
}

/// Where in the module the key is.
enum TokenPlace {
    Token(String),
    Slot(u64),
}

/// A session in which the user is logged in, and the key in it.
struct Open {
    session: Session,
    key: ObjectHandle,
}

impl TokenKey {
    pub(super) fn new(settings: &TokenSettings, algorithm: SealAlgorithm) -> Result<Self, UnsoundSealSettings> {
        let place = match (&settings.token, settings.slot) {
            (Some(token), None) => TokenPlace::Token(token.clone()),
            (None, Some(slot)) => TokenPlace::Slot(slot),
            _ => return Err(UnsoundSealSettings::OneToken),
        };
        Ok(Self {
            module: settings.module.clone(),
            place,
            label: settings.key.clone(),
            pin: settings.pin.read()?,
            algorithm,
            open: Mutex::default(),
        })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut place = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = sha256(message);
        if let Some(open) = place.take()
            && let Ok(signature) = self.sign_in(&open, &digest)
        {
            *place = Some(open);
            return Ok(signature);
        }
        let signed = self.open().and_then(|open| Ok((self.sign_in(&open, &digest)?, open)));
        let (signature, open) = signed.map_err(|error| SealError::KeyAway(error.to_string()))?;
        *place = Some(open);
        Ok(signature)
    }

    fn open(&self) -> Result<Open, Error> {
        let module = Pkcs11::new(&self.module)?;
        match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            // The seal of another library in the same module.
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(error),
        }
        let session = module.open_ro_session(self.slot(&module)?)?;
        match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(error) => return Err(error),
        }
        let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Label(self.label.clone().into_bytes())];
        let key = session.find_objects(&wanted)?.first().copied();
        Ok(Open {
            key: key.ok_or(Error::Pkcs11(RvError::KeyHandleInvalid, cryptoki::context::Function::FindObjects))?,
            session,
        })
    }

    fn slot(&self, module: &Pkcs11) -> Result<Slot, Error> {
        let label = match &self.place {
            TokenPlace::Slot(number) => return Slot::try_from(*number),
            TokenPlace::Token(label) => label,
        };
        for slot in module.get_slots_with_initialized_token()? {
            if module.get_token_info(slot)?.label() == label {
                return Ok(slot);
            }
        }
        Err(Error::Pkcs11(RvError::TokenNotPresent, cryptoki::context::Function::GetSlotList))
    }

    fn sign_in(&self, open: &Open, digest: &[u8; 32]) -> Result<Vec<u8>, Error> {
        match self.algorithm {
            SealAlgorithm::EcdsaP256 => {
                let both = open.session.sign(&Mechanism::Ecdsa, open.key, digest)?;
                let (r, s) = both.split_at(both.len() / 2);
                Ok(sequence(&[&unsigned_integer(r), &unsigned_integer(s)]))
            }
            SealAlgorithm::Rsa => {
                let digest_info = [&SHA256_DIGEST_INFO_PREFIX[..], digest].concat();
                open.session.sign(&Mechanism::RsaPkcs, open.key, &digest_info)
            }
        }
    }
}
