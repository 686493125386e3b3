//! What the simulated app remembers, and for how long.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use data_encoding::BASE64URL_NOPAD;
use std::collections::HashMap;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long a request to sign waits for its card.
pub(super) const TRANSACTION_LIFE: Duration = Duration::minutes(30);
/// How long somebody may take to sign in.
pub(super) const VISIT_LIFE: Duration = Duration::minutes(10);
/// How long a code may take from browser to token endpoint.
pub(super) const CODE_LIFE: Duration = Duration::minutes(1);
/// How long a token may be used.
pub(super) const TOKEN_LIFE: Duration = Duration::minutes(5);

/// Length of a `DigestInfo` with SHA-256.
pub(super) const DIGEST_INFO_LENGTH: usize = 51;

/// All that the app knows between two requests.
#[derive(Default)]
pub(super) struct State {
    pub(super) transactions: HashMap<Uuid, Transaction>,
    pub(super) visits: HashMap<String, Visit>,
    pub(super) codes: HashMap<String, Grant>,
    pub(super) tokens: HashMap<String, Token>,
    /// The `jti` of assertions and until when each must be remembered.
    pub(super) assertions: HashMap<String, OffsetDateTime>,
}

/// A request to sign.
pub(super) struct Transaction {
    pub(super) digest_info: [u8; DIGEST_INFO_LENGTH],
    pub(super) expires_at: OffsetDateTime,
    pub(super) signed: Option<Signed>,
}

/// What the card gave, and how it is handed over.
#[derive(Clone)]
pub(super) struct Signed {
    pub(super) signature: Vec<u8>,
    pub(super) certificate: Vec<u8>,
    pub(super) manner: Manner,
    /// Whether the result is encrypted for the client.
    pub(super) sealed: bool,
}

/// How the app's server behaves once a card has signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Prompt,
    /// The result takes a few seconds.
    Slow,
    /// The first question for the result fails, the second does not.
    Hiccup,
    /// Nothing answers any more, as far as this signature goes.
    Offline,
}

/// A person in front of the cards, with what the client asked for.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) redirect_uri: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) code_challenge: String,
    /// What is to be signed; none where somebody only signs in.
    pub(super) transaction: Option<Uuid>,
    /// How often the password was wrong so far.
    pub(super) wrong_passwords: u32,
    pub(super) expires_at: OffsetDateTime,
}

/// What a code stands for.
pub(super) struct Grant {
    pub(super) visit: Visit,
    pub(super) subject: String,
    pub(super) manner: Manner,
    pub(super) expires_at: OffsetDateTime,
}

/// What an access token stands for.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) holder: Holder,
    pub(super) expires_at: OffsetDateTime,
}

/// For whom a token speaks.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Holder {
    /// The client itself.
    Client,
    /// A person who used a card, perhaps for a transaction.
    Person { subject: String, transaction: Option<Uuid> },
}

impl State {
    /// Forgets what has run out, so that memory does not grow with every visit.
    pub(super) fn forget_expired(&mut self, now: OffsetDateTime) {
        self.transactions.retain(|_, transaction| transaction.expires_at > now);
        self.visits.retain(|_, visit| visit.expires_at > now);
        self.codes.retain(|_, grant| grant.expires_at > now);
        self.tokens.retain(|_, token| token.expires_at > now);
        self.assertions.retain(|_, until| *until > now);
    }
}

/// A name that nobody guesses: 32 random bytes.
pub(super) fn unguessable() -> Result<String, Unspecified> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn what_has_run_out_is_forgotten_and_the_rest_is_kept() {
        let now = datetime!(2026-11-20 09:00 UTC);
        let mut state = State::default();
        for (name, expires_at) in [("old", now), ("young", now + Duration::seconds(1))] {
            state.tokens.insert(name.to_owned(), Token { holder: Holder::Client, expires_at });
            state.assertions.insert(name.to_owned(), expires_at);
        }
        state.forget_expired(now);
        assert!(state.tokens.keys().eq(["young"]));
        assert!(state.assertions.keys().eq(["young"]));
    }
}
