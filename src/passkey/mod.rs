//! Passkeys: what a browser brings back, judged (W3C Web Authentication level 2, §7.1 and §7.2). Pure.
//!
//! No attestation is asked for, so nothing says which make an authenticator is of, and the public key is taken from where
//! browsers give it ready for use (`getPublicKey()`): a statement that nobody has signed makes it no truer. A signature
//! later on proves that whoever comes back holds the key that was registered, was there, and was recognised by the device.

mod authenticator;
mod client;

use crate::sha256::sha256;
use authenticator::AuthenticatorData;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};
use client::{Ceremony, check_client_data};

/// For whom passkeys are: the host of the portal, and its origin as browsers write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    origin: String,
    id_hash: [u8; 32],
}

impl RelyingParty {
    /// The portal at this origin, such as `https://card.example.jp`.
    #[must_use]
    pub fn at(origin: &str) -> Self {
        let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
        // A port is no part of the name; a bare IPv6 address has its colons in brackets.
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        };
        Self { origin: origin.to_owned(), id_hash: sha256(host.as_bytes()) }
    }
}

/// The kinds of signatures that are taken, by their COSE numbers (RFC 9053, RFC 8812).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// `EdDSA` over Curve25519.
    EdDsa,
    /// RSA PKCS#1 v1.5 with SHA-256, at least 2048 bits.
    Rs256,
}

impl Algorithm {
    /// All of them, the most usual first.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// The number that stands for it.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }

    /// The kind behind a number.
    #[must_use]
    pub fn of_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.number() == number)
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &ECDSA_P256_SHA256_ASN1,
            Self::EdDsa => &ED25519,
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

/// Why what came back proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyFault {
    /// Some part cannot be read.
    #[error("malformed")]
    Malformed,
    /// It is about another ceremony: made where it should be shown, or the other way round.
    #[error("another ceremony")]
    OtherCeremony,
    /// It answers another challenge.
    #[error("another challenge")]
    OtherChallenge,
    /// It answers a challenge that was drawn too long ago.
    #[error("too late")]
    TooLate,
    /// It was made on another site, or within one.
    #[error("another origin")]
    OtherOrigin,
    /// It is for another site.
    #[error("another relying party")]
    OtherParty,
    /// Nobody was there, or the device did not recognise them.
    #[error("nobody was recognised")]
    NobodyRecognised,
    /// A kind of key that is not taken, or none at all.
    #[error("an unsuitable key")]
    UnsuitableKey,
    /// The signature is not by the key.
    #[error("a wrong signature")]
    WrongSignature,
    /// The counter went back: there may be a copy of the authenticator.
    #[error("the counter went back")]
    CounterWentBack,
}

/// What a browser brings back after a passkey was made.
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    /// `clientDataJSON`.
    pub client_data: &'a [u8],
    /// The authenticator's data.
    pub authenticator_data: &'a [u8],
    /// `SubjectPublicKeyInfo`.
    pub public_key: &'a [u8],
    /// The COSE number of its algorithm.
    pub algorithm: i64,
}

/// A passkey to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    /// What the authenticator calls it.
    pub credential_id: Vec<u8>,
    /// How it signs.
    pub algorithm: Algorithm,
    /// `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
    /// The authenticator's counter; 0 for those that do not count.
    pub sign_count: u32,
}

/// What a browser brings back when a passkey is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// `clientDataJSON`.
    pub client_data: &'a [u8],
    /// The authenticator's data.
    pub authenticator_data: &'a [u8],
    /// The signature over both.
    pub signature: &'a [u8],
}

/// What is kept of a passkey, as far as it counts here.
#[derive(Debug, Clone, Copy)]
pub struct KnownKey<'a> {
    /// How it signs.
    pub algorithm: Algorithm,
    /// `SubjectPublicKeyInfo`.
    pub public_key: &'a [u8],
    /// The counter as it was last.
    pub sign_count: u32,
}

/// Judges a passkey that was made.
///
/// # Errors
/// See [`PasskeyFault`].
pub fn register(party: &RelyingParty, challenge: &[u8; 32], made: &Made<'_>) -> Result<NewPasskey, PasskeyFault> {
    check_client_data(made.client_data, Ceremony::Create, challenge, &party.origin)?;
    let data = AuthenticatorData::parse(made.authenticator_data)?;
    data.check(&party.id_hash)?;
    let credential_id = data.credential_id.ok_or(PasskeyFault::Malformed)?.to_vec();
    let algorithm = Algorithm::of_number(made.algorithm).ok_or(PasskeyFault::UnsuitableKey)?;
    key_of(algorithm, made.public_key)?;
    let public_key = made.public_key.to_vec();
    Ok(NewPasskey { credential_id, algorithm, public_key, sign_count: data.sign_count })
}

/// Judges a passkey that is shown, and gives back the counter from now on.
///
/// # Errors
/// See [`PasskeyFault`].
pub fn authenticate(
    party: &RelyingParty,
    challenge: &[u8; 32],
    known: &KnownKey<'_>,
    shown: &Shown<'_>,
) -> Result<u32, PasskeyFault> {
    check_client_data(shown.client_data, Ceremony::Get, challenge, &party.origin)?;
    let data = AuthenticatorData::parse(shown.authenticator_data)?;
    data.check(&party.id_hash)?;
    let signed = [shown.authenticator_data, &sha256(shown.client_data)].concat();
    let key = key_of(known.algorithm, known.public_key)?;
    key.verify_sig(&signed, shown.signature).map_err(|_| PasskeyFault::WrongSignature)?;
    // Passkeys that are kept in several devices do not count (§6.1.1).
    let counts = known.sign_count != 0 || data.sign_count != 0;
    if counts && data.sign_count <= known.sign_count {
        return Err(PasskeyFault::CounterWentBack);
    }
    Ok(data.sign_count)
}

fn key_of(algorithm: Algorithm, spki: &[u8]) -> Result<ParsedPublicKey, PasskeyFault> {
    ParsedPublicKey::new(algorithm.verification(), spki).map_err(|_| PasskeyFault::UnsuitableKey)
}

#[cfg(test)]
mod tests;
