//! A simulated signing app for trying the portal out: the Digital Authentication App's
//! protocol on the server's side, and in place of a telephone a page with test cards.
//!
//! It is strict where the real one is strict (client assertions, PKCE, registered redirect
//! addresses, single use of codes, tokens bound to their transaction), so that a portal
//! which works here does not work by somebody's leniency. Everything lives in memory and
//! ends with the process. It belongs on an origin of its own, as the real app does.
//!
//! - `cards`: the cards on the table and what each does
//! - `authorize`: the page and the way back
//! - `card_reader`: the same cards at a PC
//! - `token`: client assertions, codes, ID tokens
//! - `transactions`: what is to be signed, and the result, plain or `sealed`

mod authorize;
mod bearer;
mod card_reader;
mod cards;
mod client;
mod page;
mod refusal;
mod sealed;
mod state;
#[cfg(test)]
mod story;
mod token;
mod transactions;

pub use cards::{error_meanings, hanako, takahashi, taro};
pub use client::RegisteredClient;

use crate::clock::Clock;
use crate::demo::authority::{Failed, Revocation, TestAuthority};
use actix_web::web;
use cards::Card;
use state::State;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use token::IssuerKey;

/// The path of the issuer below its origin.
const REALM: &str = "/api/realms/main";

/// How long a slow result takes: longer than anybody likes, shorter than the portal's patience.
const SLOWNESS: Duration = Duration::from_secs(3);

/// The simulated app; clones share their memory.
#[derive(Clone)]
pub struct SimulatedApp(Arc<Inner>);

struct Inner {
    base_url: String,
    client: RegisteredClient,
    cards: Vec<Card>,
    issuer_key: IssuerKey,
    clock: Clock,
    slowness: Duration,
    state: Mutex<State>,
}

impl SimulatedApp {
    /// Sets the table: an app at `base_url` (an origin, without a final slash) that serves
    /// one client with the cards of one authority.
    ///
    /// # Errors
    /// [`Failed`] if the random source does.
    pub fn new(
        authority: &TestAuthority,
        client: RegisteredClient,
        base_url: &str,
        clock: Clock,
    ) -> Result<Self, Failed> {
        Ok(Self(Arc::new(Inner {
            base_url: base_url.to_owned(),
            client,
            cards: cards::laid_out(authority, clock.now())?,
            issuer_key: IssuerKey::generate()?,
            clock,
            slowness: SLOWNESS,
            state: Mutex::default(),
        })))
    }

    /// What the authority's revocation list must say for the revoked card to be one.
    #[must_use]
    pub fn revoked(&self) -> Vec<Revocation> {
        cards::revoked(&self.0.cards, self.0.clock.now())
    }

    /// The issuer's name, as it stands in its tokens.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}{REALM}", self.0.base_url)
    }

    /// The name that the client learns for the holder of a card, if there is such a card.
    #[must_use]
    pub fn subject_of(&self, card: &str) -> Option<String> {
        let card = self.0.cards.iter().find(|known| known.key == card)?;
        Some(card.subject(&self.issuer(), &self.0.client.client_id))
    }

    /// Adds the app's routes to a server.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        let protocol = |name: &str| format!("{REALM}/protocol/openid-connect/{name}");
        config
            .app_data(web::Data::new(self.clone()))
            .route(&protocol("auth"), web::get().to(authorize::show))
            .route(authorize::CHOICE_PATH, web::post().to(authorize::submit))
            .route(&protocol("token"), web::post().to(token::issue))
            .route(&protocol("certs"), web::get().to(token::show_keys))
            .route(&protocol("userinfo"), web::get().to(bearer::show_person))
            .route("/api/sign-transactions", web::post().to(transactions::open))
            .route("/api/sign-transactions/{id}/result", web::get().to(transactions::show_result))
            .route(card_reader::PATH, web::get().to(card_reader::show))
            .route(card_reader::PATH, web::post().to(card_reader::submit))
            .route(page::STYLE_PATH, web::get().to(page::show_style));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn token_endpoint(&self) -> String {
        format!("{}/protocol/openid-connect/token", self.issuer())
    }
}
