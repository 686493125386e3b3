//! In place of a card reader and signing software on a PC: signs a PDF that was downloaded, and hands it back.

use super::SimulatedApp;
use super::cards::Card;
use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use askama::Template;
use futures_util::StreamExt;

/// Where it stands.
pub(super) const PATH: &str = "/card-reader";
/// The largest part of the form: applications are far smaller.
const LARGEST_PART: usize = 8 << 20;

/// The reader with the cards that sign.
#[derive(Template)]
#[template(path = "demo/signing_app/card_reader.html")]
struct ReaderPage<'a> {
    cards: Vec<&'a Card>,
    /// What went wrong just now; empty at first.
    message: &'static str,
}

/// Shows the reader.
pub(super) async fn show(app: web::Data<SimulatedApp>) -> HttpResponse {
    app.reader_page(StatusCode::OK, "")
}

/// Signs.
pub(super) async fn submit(app: web::Data<SimulatedApp>, form: Multipart) -> HttpResponse {
    let Some((pdf, key)) = read(form).await else {
        return app.reader_page(StatusCode::BAD_REQUEST, "ファイルを読み取れませんでした。");
    };
    let now = app.0.clock.now();
    let signed = app.0.cards.iter().find(|card| card.key == key).and_then(|card| card.sign_pdf(&pdf, now));
    match signed {
        Some(pdf) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "application/pdf"))
            .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"signed.pdf\""))
            .body(pdf),
        None => app.reader_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            "このファイルには署名できません。申込書のPDFを選んでください。",
        ),
    }
}

/// The file and the card.
async fn read(mut form: Multipart) -> Option<(Vec<u8>, String)> {
    let (mut file, mut card) = (None, None);
    while let Some(part) = form.next().await {
        let mut part = part.ok()?;
        let name = part.name()?.to_owned();
        let bytes = part.bytes(LARGEST_PART).await.ok()?.ok()?.to_vec();
        match name.as_str() {
            "file" => file = Some(bytes),
            "card" => card = String::from_utf8(bytes).ok(),
            _ => return None,
        }
    }
    Some((file?, card?))
}

impl SimulatedApp {
    fn reader_page(&self, status: StatusCode, message: &'static str) -> HttpResponse {
        let cards = self.0.cards.iter().filter(|card| card.signs_at_once()).collect();
        self.page(status, &ReaderPage { cards, message })
    }
}
