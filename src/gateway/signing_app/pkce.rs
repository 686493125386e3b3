//! Random values of the flow, and the pair that ties a code to whoever asked for it (RFC 7636).

use crate::random;
use crate::sha256::sha256;
use data_encoding::BASE64URL_NOPAD;
use std::fmt;
use zeroize::Zeroizing;

/// A code verifier and its S256 challenge.
#[derive(Clone, PartialEq, Eq)]
pub struct Pkce {
    /// Kept by the portal: 32 random bytes, base64url.
    pub verifier: String,
    /// Sent with the authorization request.
    pub challenge: String,
}

impl Pkce {
    /// Makes a new pair.
    #[must_use]
    pub fn random() -> Self {
        let verifier = random_token();
        Self { challenge: Self::challenge_of(&verifier), verifier }
    }

    /// The S256 challenge of a verifier: base64url of its SHA-256.
    #[must_use]
    pub fn challenge_of(verifier: &str) -> String {
        BASE64URL_NOPAD.encode(&sha256(verifier.as_bytes()))
    }
}

/// 32 random bytes in base64url: fit for `state`, `nonce` and `jti`.
#[must_use]
pub fn random_token() -> String {
    let mut bytes = Zeroizing::new([0; 32]);
    random::fill(bytes.as_mut());
    BASE64URL_NOPAD.encode(bytes.as_ref())
}

impl fmt::Debug for Pkce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pkce").field("challenge", &self.challenge).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standards_example() {
        let challenge = Pkce::challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn no_two_pairs_are_alike_and_none_shows_its_verifier() {
        let (one, other) = (Pkce::random(), Pkce::random());
        assert_ne!(one.verifier, other.verifier);
        assert_eq!(one.verifier.len(), 43);
        assert!(!format!("{one:?}").contains(one.verifier.as_str()));
    }
}
