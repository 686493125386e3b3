//! Pages: what every one of them shows around its own contents, and how it is answered.
//!
//! A page is an askama struct beside its handler, with a `layout: Layout` field, whose
//! template extends `layout/public.html` (or `layout/staff.html`). Handlers answer
//! [`ok`], [`again`] (422, with what was wrong) or [`see_other`] (303 after success).

use super::assets;
use super::error::Error;
use super::form::OneTime;
use super::languages::{self, LanguageLink};
use super::session::Visit;
use super::site::Site;
use super::urls::{self, Urls};
use crate::domain::language::Language;
use crate::domain::library::Library;
use crate::random;
use crate::service::devices::Device;
use crate::service::session::{Session, SessionToken};
use crate::service::{Once, Portal};
use crate::words::{AsWritten, Lang, Words};
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use data_encoding::BASE64URL_NOPAD;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The media type of pages.
pub const HTML: &str = "text/html; charset=utf-8";

/// What stands around the contents of a page.
#[derive(Clone)]
pub struct Layout {
    site: web::Data<Site>,
    visit: Visit,
    /// The library, unless the page belongs to none.
    pub library: Option<LibraryHead>,
    /// Every text of the page, in its language.
    pub words: Words,
    /// The same page in each language that it speaks; empty where there is no choice.
    pub languages: Vec<LanguageLink>,
    /// Where the page stands, with its query.
    address: String,
    /// The addresses of this library in this language.
    pub urls: Urls,
    /// The name of the member of staff who is signed in.
    pub staff_name: Option<String>,
    /// Where else the member of staff may go: words and address.
    pub staff_links: Vec<(&'static str, String)>,
    /// True if they have switched the keys of the keyboard on.
    pub has_keys: bool,
}

/// What header and footer say of a library.
#[derive(Debug, Clone)]
pub struct LibraryHead {
    /// Its name.
    pub name: AsWritten,
    /// Telephone.
    pub phone: String,
    /// When somebody answers it.
    pub hours: AsWritten,
}

impl Layout {
    /// The layout of a page that belongs to no library.
    #[must_use]
    pub fn bare(site: &web::Data<Site>, visit: &Visit) -> Self {
        Self {
            site: site.clone(),
            visit: visit.clone(),
            library: None,
            words: Words::default(),
            languages: Vec::new(),
            address: String::new(),
            urls: Urls::nowhere(),
            staff_name: None,
            staff_links: Vec::new(),
            has_keys: false,
        }
    }

    /// The layout of a library's page.
    #[must_use]
    pub fn of(library: &Library, words: Words, site: &web::Data<Site>, visit: &Visit) -> Self {
        let head = LibraryHead {
            name: (&library.rules.name).into(),
            phone: library.rules.contact.telephone.clone(),
            hours: (&library.rules.contact.hours).into(),
        };
        let urls = Urls::new(&library.rules.slug, words.lang());
        Self { library: Some(head), urls, words, ..Self::bare(site, visit) }
    }

    /// The same at an address that names no language: in the words that the browser likes, with the ways to others.
    #[must_use]
    pub fn as_spoken(self, request: &HttpRequest) -> Self {
        let words = languages::spoken(request);
        let address = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        Self { words, languages: languages::spoken_links(request), address, ..self }
    }

    /// The same in the language of the request's path, with the ways to the others.
    ///
    /// # Errors
    /// No such language, or one that the page does not speak: they are led to one that it does.
    fn on_page(library: &Library, request: &HttpRequest, site: &web::Data<Site>, visit: &Visit) -> Result<Self, Error> {
        let Some(lang) = request.match_info().get("lang") else {
            // The staff's addresses carry no language: those pages exist in Japanese only.
            return Ok(Self::of(library, Words::default(), site, visit));
        };
        let lang: Lang = lang.parse().map_err(|_| Error::NotFound)?;
        let offered = languages::offered(request.path());
        let slug = &library.rules.slug;
        if let Some(other) = languages::instead_of(lang, offered) {
            return Err(Error::SeeOther(languages::in_language(slug, request, other)));
        }
        let links = if offered.len() > 1 { languages::links(slug, request, offered) } else { Vec::new() };
        Ok(Self {
            languages: links,
            address: languages::in_language(slug, request, lang),
            ..Self::of(library, languages::words(request, lang), site, visit)
        })
    }

    /// The address that switches the readings above kanji; none where there are no readings.
    #[must_use]
    pub fn readings_switch(&self) -> Option<String> {
        let has_readings = self.words.lang() == Lang::JaSimple && !self.address.is_empty();
        has_readings.then(|| urls::readings(!self.words.has_ruby(), &self.address))
    }

    /// The hidden `csrf` field; drawing it makes the browser keep its cookie.
    #[must_use]
    pub fn csrf(&self) -> String {
        self.visit.csrf_field(&self.site.csrf_key)
    }

    /// A one-time key for the hidden `idem` field: another one for each form.
    #[must_use]
    pub fn one_time_key(&self) -> String {
        BASE64URL_NOPAD.encode(&random::bytes::<16>())
    }

    /// The address of the style sheet.
    #[must_use]
    pub fn css(&self) -> &'static str {
        assets::css()
    }

    /// The address of the script.
    #[must_use]
    pub fn js(&self) -> &'static str {
        assets::js()
    }

    /// The address of the script of passkeys.
    #[must_use]
    pub fn passkey_js(&self) -> &'static str {
        assets::passkey_js()
    }

    /// The address of the tab's picture.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        assets::icon()
    }

    /// The portal's own address, by which people recognise the real one.
    #[must_use]
    pub fn own_address(&self) -> &str {
        self.site.base.origin()
    }

    /// Words as they stand in an address of this library, where nobody else reads them.
    #[must_use]
    pub fn conceal(&self, words: &str) -> String {
        self.site.address_key.conceal(&self.urls.staff(), words)
    }

    /// Such words again; empty for what was never concealed here.
    #[must_use]
    pub fn reveal(&self, text: &str) -> String {
        self.site.address_key.reveal(&self.urls.staff(), text).unwrap_or_default()
    }

    /// The whole address of a path, as it stands in a QR code.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        self.site.base.absolute(path)
    }
}

/// The library that a request is about: slug and language from the path.
#[derive(Clone)]
pub struct Here {
    /// The portal.
    pub portal: web::Data<Portal>,
    /// The library.
    pub library: Arc<Library>,
    /// The addresses of this library in this language.
    pub urls: Urls,
    /// The browser.
    pub visit: Visit,
    /// What stands around the page.
    pub layout: Layout,
}

impl Here {
    /// The same for a form that carries a password.
    #[must_use]
    pub fn once_of_secret(&self, form: OneTime, route: &'static str, location: String) -> Once {
        // A quick hash over a password must not rest anywhere: whoever reads the store would try all words on it.
        Once { body_hash: [0; 32], ..self.once(form, route, location) }
    }

    /// What recognises a repeated sending of a form in `route`, whose success leads to `location`.
    #[must_use]
    pub fn once(&self, form: OneTime, route: &'static str, location: String) -> Once {
        Once {
            library_id: self.library.id,
            actor: self.visit.token().hash(),
            route,
            key: form.key,
            body_hash: form.body_hash,
            location,
        }
    }
}

impl Here {
    /// Whose session the browser has with this library, if any. A browser that has brought nothing has none: nobody
    /// needs to be asked.
    ///
    /// # Errors
    /// Only the store's.
    pub async fn session(&self) -> Result<Option<Session>, Error> {
        if self.visit.is_new() {
            return Ok(None);
        }
        Ok(self.portal.session(self.library.id, &self.visit.token()).await?)
    }

    /// The language in which whoever reads this page is written to.
    #[must_use]
    pub fn language(&self) -> Language {
        languages::written(self.layout.words.lang())
    }

    /// The device that the browser runs on, as this library knows it.
    #[must_use]
    pub fn device(&self) -> Device {
        self.visit.device(&self.library.rules.slug)
    }

    /// Gives the browser the session that a sign-in opened, and lets the device be known again.
    pub fn become_signed_in(&self, fresh: SessionToken, device: &Device) {
        self.visit.become_session(fresh);
        self.visit.keep_device(&self.library.rules.slug, device);
    }
}

impl FromRequest for Here {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let missing = || Error::internal("the application is not put together");
            let portal = request.app_data::<web::Data<Portal>>().cloned().ok_or_else(missing)?;
            let site = request.app_data::<web::Data<Site>>().cloned().ok_or_else(missing)?;
            let visit = request.extensions().get::<Visit>().cloned().ok_or_else(missing)?;
            let slug = request.match_info().get("library").ok_or(Error::NotFound)?;
            let library = portal.library(slug).await?;
            let layout = Layout::on_page(&library, &request, &site, &visit)?;
            // Should the handler fail, its error page wears the library's dress.
            request.extensions_mut().insert(layout.clone());
            Ok(Self { portal, library, urls: layout.urls.clone(), visit, layout })
        })
    }
}

/// A page of one person's: never kept by any cache.
///
/// # Errors
/// The template failed.
pub fn ok(page: &impl Template) -> Result<HttpResponse, Error> {
    answer(StatusCode::OK, page)
}

/// The same page once more, because something in the form was wrong.
///
/// # Errors
/// The template failed.
pub fn again(page: &impl Template) -> Result<HttpResponse, Error> {
    answer(StatusCode::UNPROCESSABLE_ENTITY, page)
}

/// The page that explains why something was not done: the state is another by now (409).
///
/// # Errors
/// The template failed.
pub fn conflict(page: &impl Template) -> Result<HttpResponse, Error> {
    answer(StatusCode::CONFLICT, page)
}

/// The page that explains why there is nothing yet at an address (404).
///
/// # Errors
/// The template failed.
pub fn missing(page: &impl Template) -> Result<HttpResponse, Error> {
    answer(StatusCode::NOT_FOUND, page)
}

/// The page that explains why an address no longer leads anywhere (410).
///
/// # Errors
/// The template failed.
pub fn gone(page: &impl Template) -> Result<HttpResponse, Error> {
    answer(StatusCode::GONE, page)
}

/// The page that explains why something must wait, and that it is worth asking again after so many seconds (503).
///
/// # Errors
/// The template failed.
pub fn later(page: &impl Template, seconds: u32) -> Result<HttpResponse, Error> {
    let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, page)?;
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    Ok(response)
}

/// A page that is the same for everybody and holds no form.
///
/// # Errors
/// The template failed.
pub fn for_everybody(page: &impl Template) -> Result<HttpResponse, Error> {
    let mut response = answer(StatusCode::OK, page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// Sends the browser to the signing app. The way back has no language in its address, so the browser remembers it.
///
/// # Errors
/// Only if the cookie cannot be written.
pub fn see_app(address: String, words: Words, request: &HttpRequest) -> Result<HttpResponse, Error> {
    let mut answer = see_other(address);
    let cookie = languages::cookie(words.lang(), languages::words(request, Lang::JaSimple).has_ruby());
    answer.add_cookie(&cookie).map_err(Error::internal)?;
    Ok(answer)
}

/// Leads on after a success (Post/Redirect/Get).
#[must_use]
pub fn see_other(location: impl AsRef<str>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location.as_ref())).finish()
}

fn answer(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Error> {
    let body = page.render().map_err(Error::internal)?;
    Ok(HttpResponse::build(status).content_type(HTML).body(body))
}

#[cfg(test)]
impl Layout {
    /// A layout to draw pages with in tests.
    pub(crate) fn sample() -> Self {
        use super::session::Door;
        let base = "https://card.example.jp".parse().unwrap();
        let site = web::Data::new(
            Site::new(base, &[1; 32], &[], Vec::new(), &crate::http::limits::LimitSettings::default()).unwrap(),
        );
        let visit = Visit::recognise(Door::Public, "aozora", []).unwrap();
        let library = LibraryHead {
            name: "あおぞら市立図書館".into(),
            phone: "076-000-0000".into(),
            hours: "9:30〜18:00（月曜休館）".into(),
        };
        Self { library: Some(library), ..Self::bare(&site, &visit) }.speaking(Lang::Ja)
    }

    /// The same in another language.
    pub(crate) fn speaking(self, lang: Lang) -> Self {
        Self { urls: Urls::new("aozora", lang), words: Words::new(lang), ..self }
    }
}
