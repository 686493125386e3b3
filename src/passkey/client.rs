//! What the browser itself says of a ceremony (`clientDataJSON`, §5.8.1).

use super::PasskeyFault;
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// The longest that is read.
const LONGEST: usize = 4096;

/// What was to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ceremony {
    Create,
    Get,
}

impl Ceremony {
    const fn name(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// The fields that count; browsers may add others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

pub(super) fn check_client_data(
    json: &[u8],
    ceremony: Ceremony,
    challenge: &[u8; 32],
    origin: &str,
) -> Result<(), PasskeyFault> {
    if json.len() > LONGEST {
        return Err(PasskeyFault::Malformed);
    }
    let said: ClientData = serde_json::from_slice(json).map_err(|_| PasskeyFault::Malformed)?;
    if said.kind != ceremony.name() {
        return Err(PasskeyFault::OtherCeremony);
    }
    let answered = BASE64URL_NOPAD.decode(said.challenge.as_bytes()).map_err(|_| PasskeyFault::Malformed)?;
    if !bool::from(answered.as_slice().ct_eq(challenge)) {
        return Err(PasskeyFault::OtherChallenge);
    }
    if said.origin != origin || said.cross_origin {
        return Err(PasskeyFault::OtherOrigin);
    }
    Ok(())
}
