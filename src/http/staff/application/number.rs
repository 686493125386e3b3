//! The number of the user-authentication certificate, for those who hold a card.

use crate::domain::application::{Application, ApplicationState};
use crate::domain::certificate_number::NumberState;
use crate::http::filters::Moment;
use crate::http::staff::wording;

/// What the page shows of it, and what can be done.
pub(super) struct NumberSection {
    /// Where the forms are sent.
    pub(super) url: String,
    pub(super) standing: Standing,
}

/// How far it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing is known.
    Nothing,
    /// The register is being asked.
    Pending { next_at: Moment },
    /// A number waits for its confirmation.
    Recorded { number: String, source: &'static str, at: Moment },
    /// The number is confirmed.
    Confirmed { number: String, source: &'static str, at: Moment },
}

impl NumberSection {
    /// Nothing before the issue.
    pub(super) fn of(application: &Application, state: Option<&NumberState>, url: String) -> Option<Self> {
        if !matches!(application.state, ApplicationState::Issued { .. }) {
            return None;
        }
        let shown = |number: &crate::domain::certificate_number::CertificateNumber| number.as_str().to_owned();
        let standing = match state {
            None => Standing::Nothing,
            Some(NumberState::Pending { next_try_at, .. }) => Standing::Pending { next_at: Moment(*next_try_at) },
            Some(NumberState::Recorded { number, source, recorded_at }) => Standing::Recorded {
                number: shown(number),
                source: wording::of_number_source(*source),
                at: Moment(*recorded_at),
            },
            Some(NumberState::Confirmed { number, source, confirmed_at, .. }) => Standing::Confirmed {
                number: shown(number),
                source: wording::of_number_source(*source),
                at: Moment(*confirmed_at),
            },
        };
        Some(Self { url, standing })
    }
}
