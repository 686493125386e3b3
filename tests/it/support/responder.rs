//! An OCSP responder of the stories' authority, on loopback.

use super::loopback;
use reqwest::Url;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use todoke::demo::authority::Revocation;
use todoke::demo::stage::Stage;

/// The responders by the portal that asks them: a stage is set before its story has hands.
static RESPONDERS: LazyLock<Mutex<HashMap<String, Responder>>> = LazyLock::new(Mutex::default);

/// What a responder does; at first everybody is good.
#[derive(Clone, Default)]
pub(crate) struct Responder(Arc<Mutex<Conduct>>);

#[derive(Default)]
struct Conduct {
    is_down: bool,
    revoked: Vec<Revocation>,
    questions: u32,
}

impl Responder {
    /// Starts the responder of one portal, and tells where it is.
    pub(crate) fn start(stage: &Stage) -> Url {
        let responder = Self::default();
        RESPONDERS.lock().unwrap().insert(stage.portal.base_url.clone(), responder.clone());
        let (authority, clock) = (Arc::clone(&stage.authority), stage.portal.clock.clone());
        loopback::serve("application/ocsp-request", move |question| {
            let mut conduct = responder.0.lock().unwrap();
            conduct.questions += 1;
            (!conduct.is_down).then(|| authority.answer_ocsp(question, &conduct.revoked, clock.now()).unwrap())
        })
    }

    /// The responder of one portal.
    pub(crate) fn of(portal: &str) -> Self {
        RESPONDERS.lock().unwrap()[portal].clone()
    }

    /// Takes it away, or brings it back.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.0.lock().unwrap().is_down = is_down;
    }

    /// Tells it of a revocation.
    pub(crate) fn revoke(&self, revocation: Revocation) {
        self.0.lock().unwrap().revoked.push(revocation);
    }

    /// How often it was asked.
    pub(crate) fn questions(&self) -> u32 {
        self.0.lock().unwrap().questions
    }
}
