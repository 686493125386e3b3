//! What an authenticator says of itself and of whoever used it (authenticator data, §6.1).

use super::PasskeyFault;

/// Somebody was there.
const USER_PRESENT: u8 = 0x01;
/// The device recognised them: by finger, face or its own code.
const USER_VERIFIED: u8 = 0x04;
/// A credential that was made follows.
const HAS_CREDENTIAL: u8 = 0x40;
/// The identity of the make, in front of the credential's.
const AAGUID: usize = 16;
/// No credential is called by more bytes (§5.8.3).
const LONGEST_ID: usize = 1023;

/// The parts that count.
#[derive(Debug)]
pub(super) struct AuthenticatorData<'a> {
    party: [u8; 32],
    flags: u8,
    pub(super) sign_count: u32,
    /// What the credential is called that was made.
    pub(super) credential_id: Option<&'a [u8]>,
}

impl<'a> AuthenticatorData<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, PasskeyFault> {
        let (party, rest) = bytes.split_first_chunk::<32>().ok_or(PasskeyFault::Malformed)?;
        let (flags, rest) = rest.split_first().ok_or(PasskeyFault::Malformed)?;
        let (count, rest) = rest.split_first_chunk::<4>().ok_or(PasskeyFault::Malformed)?;
        let credential_id = if flags & HAS_CREDENTIAL == 0 { None } else { Some(credential_id(rest)?) };
        Ok(Self { party: *party, flags: *flags, sign_count: u32::from_be_bytes(*count), credential_id })
    }

    pub(super) fn check(&self, party: &[u8; 32]) -> Result<(), PasskeyFault> {
        if self.party != *party {
            return Err(PasskeyFault::OtherParty);
        }
        let recognised = USER_PRESENT | USER_VERIFIED;
        if self.flags & recognised == recognised { Ok(()) } else { Err(PasskeyFault::NobodyRecognised) }
    }
}

/// The name of the credential; the key behind it is read from elsewhere.
fn credential_id(bytes: &[u8]) -> Result<&[u8], PasskeyFault> {
    let rest = bytes.get(AAGUID..).ok_or(PasskeyFault::Malformed)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(PasskeyFault::Malformed)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let id = rest.get(..length).ok_or(PasskeyFault::Malformed)?;
    if (1..=LONGEST_ID).contains(&id.len()) { Ok(id) } else { Err(PasskeyFault::Malformed) }
}
