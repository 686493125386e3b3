//! Who reads: the session's own application, begun in this browser or signed in to, and whatever else the session proves
//! to be theirs.

use crate::domain::ids::ApplicationId;
use crate::http::error::Error;
use crate::http::languages;
use crate::http::page::Here;
use crate::service::session::{Session, SessionSubject};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::Future;
use std::pin::Pin;

/// A browser session that may read what has become of one application. Without one, the way leads to the sign-in page.
pub(in crate::http) struct Reader {
    pub(super) here: Here,
    pub(super) id: ApplicationId,
    /// The session, for what belongs to the person and not to one application.
    pub(super) session: Session,
    /// True if the draft can be worked on in this session, not only read.
    pub(super) may_edit: bool,
}

impl FromRequest for Reader {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let here = Here::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let (here, session) = signed_in(here.await?, &request).await?;
            match session.subject {
                SessionSubject::Applicant(id) => Ok(Self { here, id, session, may_edit: true }),
                SessionSubject::Reader(id) => Ok(Self { here, id, session, may_edit: false }),
                // No application tells of them: what they have is the card's page.
                SessionSubject::Patron(_) => Err(Error::SeeOther(here.urls.card())),
                SessionSubject::Visitor | SessionSubject::Staff(_) => Err(Error::SeeOther(here.urls.sign_in_first())),
            }
        })
    }
}

/// The session of whoever asks; without one, the way leads to the sign-in page. The language that they choose, or do
/// something in, is the one in which they are written to.
async fn signed_in(here: Here, request: &HttpRequest) -> Result<(Here, Session), Error> {
    let session = here.session().await?;
    let Some(session) = session else { return Err(Error::SeeOther(here.urls.sign_in_first())) };
    here.portal.note_device(&session, here.device().kind).await?;
    if languages::is_used(request, here.layout.own_address()) {
        here.portal.note_chosen_language(&session, here.language()).await?;
    }
    Ok((here, session))
}

/// A browser session that may stand for a patron, whether an application tells of them or not. Without one, the way leads
/// to the sign-in page.
pub(in crate::http) struct Holder {
    pub(super) here: Here,
    pub(super) session: Session,
}

impl Holder {
    /// Where whoever turns out to be no patron is led: to what became of their application, or to the way in.
    pub(super) fn elsewhere(&self) -> String {
        match self.session.subject {
            SessionSubject::Reader(_) | SessionSubject::Applicant(_) => self.here.urls.status(),
            SessionSubject::Patron(_) | SessionSubject::Visitor | SessionSubject::Staff(_) => {
                self.here.urls.sign_in_first()
            }
        }
    }
}

impl FromRequest for Holder {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let here = Here::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let (here, session) = signed_in(here.await?, &request).await?;
            match session.subject {
                SessionSubject::Applicant(_) | SessionSubject::Reader(_) | SessionSubject::Patron(_) => {
                    Ok(Self { here, session })
                }
                SessionSubject::Visitor | SessionSubject::Staff(_) => Err(Error::SeeOther(here.urls.sign_in_first())),
            }
        })
    }
}
