//! Beginning a procedure about one's own card: everything that the library knows is filled in.

use super::reader::Holder;
use crate::domain::obstacle::Obstacle;
use crate::domain::procedure::Procedure;
use crate::http::error::Error;
use crate::http::form::{CsrfForm, Press};
use crate::http::page::{self, Here, Layout};
use crate::http::procedure_wording as wording;
use crate::service;
use crate::words::{AsWritten, Phrase};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// Which procedure the address means.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::http) struct ProcedurePath {
    procedure: String,
}

/// Why it was not begun.
#[derive(Template)]
#[template(path = "patron/obstacle.html")]
struct ObstaclePage {
    layout: Layout,
    title: Phrase,
    sentence: Phrase,
    /// True if a new card is the way that is left.
    leads_to_new_card: bool,
    telephone: String,
    hours: AsWritten,
}

/// Leads on from the address of a form that was sent: its answer may have been read in another language.
pub(in crate::http) async fn lead_there(
    here: Here,
    holder: Result<Holder, Error>,
    path: web::Path<ProcedurePath>,
) -> Result<HttpResponse, Error> {
    path.procedure.parse::<Procedure>().map_err(|_| Error::NotFound)?;
    match holder {
        Ok(_) => Ok(page::see_other(here.urls.card())),
        Err(Error::SeeOther(_)) => Ok(page::see_other(here.urls.procedures())),
        Err(error) => Err(error),
    }
}

/// Begins it, or says what stands against it.
pub(in crate::http) async fn submit(
    here: Here,
    holder: Result<Holder, Error>,
    path: web::Path<ProcedurePath>,
    form: CsrfForm<Press>,
) -> Result<HttpResponse, Error> {
    let procedure: Procedure = path.procedure.parse().map_err(|_| Error::NotFound)?;
    if !procedure.needs_card() {
        return Err(Error::NotFound);
    }
    // What is still to be said is asked first; otherwise the check page is all there is.
    let asks_more = matches!(procedure, Procedure::Renewal | Procedure::Reissue | Procedure::Change);
    let first = if asks_more { here.urls.apply_card() } else { here.urls.apply_check() };
    let location = if asks_more { format!("{first}?from=check") } else { first };
    let once = here.once(form.once, "procedures", location.clone());
    let (token, language) = (here.visit.token(), here.language());
    let begun = match holder {
        Ok(_) => here.portal.begin_for_holder(&here.library, &token, procedure, language, &once).await,
        // A second click may come when the session has gone over to what the first has begun.
        Err(refused) => Ok(here.portal.begun_before(&here.library, &token, &once).await?.ok_or(refused)?),
    };
    let words = here.layout.words;
    let (sentence, leads_to_new_card) = match begun {
        Ok(fresh) => {
            here.visit.become_session(fresh);
            return Ok(page::see_other(location));
        }
        Err(service::Error::AlreadyOpen(reference)) => (words.obstacle_already_open(reference.to_string()), false),
        Err(service::Error::Obstacle(obstacle)) => {
            (wording::of_obstacle(words, &obstacle), matches!(obstacle, Obstacle::TooLate { .. }))
        }
        Err(error) => return Err(error.into()),
    };
    let contact = &here.library.rules.contact;
    page::conflict(&ObstaclePage {
        title: wording::title(words, procedure),
        sentence,
        leads_to_new_card,
        telephone: contact.telephone.clone(),
        hours: (&contact.hours).into(),
        layout: here.layout,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_against_it_is_told_with_the_other_ways() {
        let page = ObstaclePage {
            layout: Layout::sample(),
            title: wording::title(Layout::sample().words, Procedure::Renewal),
            sentence: "2029年9月20日(木)から手続きできます。".into(),
            leads_to_new_card: true,
            telephone: "076-000-0000".into(),
            hours: "9:30〜18:00".into(),
        };
        let page = page.render().unwrap();
        for part in ["2029年9月20日", "/aozora/ja/status", "/aozora/ja/counter", "076-000-0000", "procedure=new_card"]
        {
            assert!(page.contains(part), "{part}");
        }
    }
}
