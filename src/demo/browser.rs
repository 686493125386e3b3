//! A browser without a screen: it opens pages, fills in the forms that it finds there, and
//! follows redirects with its cookies. Because it submits the form it received, hidden
//! fields, addresses and field names are proved by every story that uses it.

use reqwest::{Client, Method, Url, header};
use scraper::{ElementRef, Html, Selector};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Longest chain of redirects that is followed.
const MOST_REDIRECTS: usize = 10;

/// Why a page could not be used as a person would.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The request failed.
    #[error(transparent)]
    Network(#[from] reqwest::Error),
    /// An address cannot be read.
    #[error("unreadable address {0:?}")]
    Address(String),
    /// The page has no such form, field, option or link.
    #[error("{url} has no {what}")]
    Missing {
        /// The page.
        url: String,
        /// What was looked for.
        what: String,
    },
    /// Redirects without end.
    #[error("too many redirects")]
    Redirects,
}

/// A browser with its cookies. Clones share them, as tabs do.
#[derive(Debug, Clone)]
pub struct Browser {
    client: Client,
    cookies: Arc<Mutex<BTreeMap<(String, String), String>>>,
    visited: Arc<Mutex<Vec<Url>>>,
}

/// A page as it was received.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it was found, after redirects.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: header::HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// A form of a page, filled in as it was received and then by the person.
#[derive(Debug, Clone)]
pub struct Form {
    page: Url,
    /// Where it is sent.
    pub action: Url,
    /// How.
    pub method: Method,
    /// Names and values, in order.
    pub fields: Vec<(String, String)>,
    controls: Vec<Control>,
}

#[derive(Debug, Clone)]
struct Control {
    name: String,
    /// The fixed value of a radio, checkbox or button; options of a select; `None` for text.
    choices: Option<Vec<String>>,
    single: bool,
}

impl Browser {
    /// A browser without cookies.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn new() -> Result<Self, BrowserError> {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        Ok(Self { client, cookies: Arc::default(), visited: Arc::default() })
    }

    /// Opens an address as if it were typed.
    ///
    /// # Errors
    /// [`BrowserError::Network`], [`BrowserError::Redirects`].
    pub async fn open(&self, address: &str) -> Result<Page, BrowserError> {
        let url = Url::parse(address).map_err(|_| BrowserError::Address(address.to_owned()))?;
        self.follow(Method::GET, url, None, "none").await
    }

    /// Follows the link whose text contains `text`.
    ///
    /// # Errors
    /// [`BrowserError::Missing`] if there is none.
    pub async fn click(&self, page: &Page, text: &str) -> Result<Page, BrowserError> {
        let url = page.link(text)?;
        let site = site_of(&page.url, &url);
        self.follow(Method::GET, url, None, site).await
    }

    /// Sends a form.
    ///
    /// # Errors
    /// [`BrowserError::Network`], [`BrowserError::Redirects`].
    pub async fn submit(&self, form: &Form) -> Result<Page, BrowserError> {
        let site = site_of(&form.page, &form.action);
        if form.method == Method::GET {
            let mut url = form.action.clone();
            url.query_pairs_mut().clear().extend_pairs(&form.fields);
            return self.follow(Method::GET, url, None, site).await;
        }
        let origin = form.page.origin().ascii_serialization();
        self.follow(Method::POST, form.action.clone(), Some((&form.fields, origin)), site).await
    }

    /// The value of a cookie for the page's origin.
    #[must_use]
    pub fn cookie(&self, url: &Url, name: &str) -> Option<String> {
        let origin = url.origin().ascii_serialization();
        self.jar().get(&(origin, name.to_owned())).cloned()
    }

    /// Forgets every cookie, as a closed private window does.
    pub fn forget(&self) {
        self.jar().clear();
    }

    /// Every address that was asked for so far, those of redirects too: what logs and histories keep.
    #[must_use]
    pub fn visited(&self) -> Vec<Url> {
        self.visited.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, String), String>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn follow(
        &self,
        mut method: Method,
        mut url: Url,
        mut form: Option<(&Vec<(String, String)>, String)>,
        site: &str,
    ) -> Result<Page, BrowserError> {
        for _ in 0..MOST_REDIRECTS {
            self.visited.lock().unwrap_or_else(PoisonError::into_inner).push(url.clone());
            let mut request = self
                .client
                .request(method.clone(), url.clone())
                .header("Sec-Fetch-Site", site)
                .header("Sec-Fetch-Mode", "navigate")
                .header(header::ACCEPT, "text/html,*/*");
            let cookies = self.cookies_for(&url);
            if !cookies.is_empty() {
                request = request.header(header::COOKIE, cookies);
            }
            if let Some((fields, origin)) = &form {
                request = request.header(header::ORIGIN, origin).form(fields);
            }
            let response = request.send().await?;
            self.remember(&url, response.headers());
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            let target = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
            if let (300..=399, Some(target)) = (status, target) {
                url = url.join(target).map_err(|_| BrowserError::Address(target.to_owned()))?;
                method = Method::GET;
                form = None;
                continue;
            }
            let body = response.bytes().await?.to_vec();
            return Ok(Page { url, status, headers, body });
        }
        Err(BrowserError::Redirects)
    }

    /// The cookies that go with a request to `url`, as the header says them.
    #[must_use]
    pub fn cookies_for(&self, url: &Url) -> String {
        let origin = url.origin().ascii_serialization();
        let jar = self.jar();
        let pairs = jar.iter().filter(|((of, _), _)| *of == origin).map(|((_, name), value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn remember(&self, url: &Url, headers: &header::HeaderMap) {
        let origin = url.origin().ascii_serialization();
        for cookie in headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let mut parts = cookie.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let key = (origin.clone(), name.to_owned());
            if parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) || value.is_empty() {
                self.jar().remove(&key);
            } else {
                self.jar().insert(key, value.to_owned());
            }
        }
    }
}

impl Page {
    /// The body as text.
    #[must_use]
    pub fn html(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What a person reads, white space folded.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_of("body").unwrap_or_default()
    }

    /// The text of the first element that `selector` finds.
    #[must_use]
    pub fn text_of(&self, selector: &str) -> Option<String> {
        let document = Html::parse_document(&self.html());
        let selector = Selector::parse(selector).ok()?;
        let text = document.select(&selector).next()?.text().collect::<Vec<_>>().join(" ");
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The page's title.
    #[must_use]
    pub fn title(&self) -> String {
        self.text_of("title").unwrap_or_default()
    }

    /// The address behind the first link whose text contains `text`.
    ///
    /// # Errors
    /// [`BrowserError::Missing`].
    pub fn link(&self, text: &str) -> Result<Url, BrowserError> {
        let document = Html::parse_document(&self.html());
        let links = selector("a[href]");
        document
            .select(&links)
            .find(|link| link.text().collect::<String>().contains(text))
            .and_then(|link| link.value().attr("href"))
            .and_then(|href| self.url.join(href).ok())
            .ok_or_else(|| self.missing(format!("link {text:?}")))
    }

    /// The addresses behind all links within what `within` finds.
    #[must_use]
    pub fn links(&self, within: &str) -> Vec<Url> {
        let document = Html::parse_document(&self.html());
        let css = format!("{within} a[href]");
        let Ok(links) = Selector::parse(&css) else { return Vec::new() };
        let hrefs = document.select(&links).filter_map(|link| link.value().attr("href"));
        hrefs.filter_map(|href| self.url.join(href).ok()).collect()
    }

    /// The form that holds a control or button called `name`, or whose button says `name`.
    ///
    /// # Errors
    /// [`BrowserError::Missing`].
    pub fn form(&self, name: &str) -> Result<Form, BrowserError> {
        let document = Html::parse_document(&self.html());
        let (forms, named, buttons) = (selector("form"), selector("[name]"), selector("button"));
        let form = document.select(&forms).find(|form| {
            form.select(&named).any(|control| control.value().attr("name") == Some(name))
                || form.select(&buttons).any(|button| button.text().collect::<String>().contains(name))
        });
        let read = form.map(|form| {
            let says = |button: &ElementRef<'_>| button.text().collect::<String>().contains(name);
            let button = form.select(&buttons).find(says);
            let elsewhere = button.and_then(|button| self.url.join(button.value().attr("formaction")?).ok());
            let form = self.read_form(form);
            Form { action: elsewhere.unwrap_or_else(|| form.action.clone()), ..form }
        });
        read.ok_or_else(|| self.missing(format!("form {name:?}")))
    }

    fn read_form(&self, form: ElementRef<'_>) -> Form {
        let action = form.value().attr("action").and_then(|action| self.url.join(action).ok());
        let method = match form.value().attr("method") {
            Some(method) if method.eq_ignore_ascii_case("post") => Method::POST,
            _ => Method::GET,
        };
        let mut fields = Vec::new();
        let mut controls = Vec::new();
        for element in form.select(&selector("input[name], select[name], textarea[name], button[name]")) {
            let name = element.value().attr("name").unwrap_or_default().to_owned();
            let value = element.value().attr("value").unwrap_or_default().to_owned();
            let kind = element.value().attr("type").unwrap_or("text");
            match (element.value().name(), kind) {
                ("input", "radio" | "checkbox") => {
                    if element.value().attr("checked").is_some() {
                        fields.push((name.clone(), value.clone()));
                    }
                    controls.push(Control { name, choices: Some(vec![value]), single: kind == "radio" });
                }
                ("button", _) => controls.push(Control { name, choices: Some(vec![value]), single: true }),
                ("select", _) => {
                    let options = options_of(element);
                    let chosen = options.iter().find(|(_, selected)| *selected).or_else(|| options.first());
                    fields.push((name.clone(), chosen.map(|(value, _)| value.clone()).unwrap_or_default()));
                    let choices = options.into_iter().map(|(value, _)| value).collect();
                    controls.push(Control { name, choices: Some(choices), single: true });
                }
                ("textarea", _) => {
                    fields.push((name.clone(), element.text().collect()));
                    controls.push(Control { name, choices: None, single: true });
                }
                _ => {
                    fields.push((name.clone(), value));
                    controls.push(Control { name, choices: None, single: true });
                }
            }
        }
        Form { page: self.url.clone(), action: action.unwrap_or_else(|| self.url.clone()), method, fields, controls }
    }

    fn missing(&self, what: String) -> BrowserError {
        BrowserError::Missing { url: self.url.to_string(), what }
    }
}

impl Form {
    /// Types into a field, chooses an option or radio, ticks a checkbox, or picks a button.
    ///
    /// # Errors
    /// [`BrowserError::Missing`] if the form has no such control, or the control no such choice.
    pub fn fill(mut self, name: &str, value: &str) -> Result<Self, BrowserError> {
        let control = self.controls.iter().find(|control| {
            control.name == name
                && control.choices.as_ref().is_none_or(|choices| choices.iter().any(|choice| choice == value))
        });
        let Some(control) = control else {
            let what = format!("field {name:?} that takes {value:?}");
            return Err(BrowserError::Missing { url: self.page.to_string(), what });
        };
        if control.single {
            self.fields.retain(|(field, _)| field != name);
        }
        self.fields.push((name.to_owned(), value.to_owned()));
        Ok(self)
    }

    /// Sets a field without asking whether the form has it: for stories about forged input.
    #[must_use]
    pub fn forge(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The values that a group of checkboxes or radios offers.
    #[must_use]
    pub fn choices(&self, name: &str) -> Vec<String> {
        let controls = self.controls.iter().filter(|control| control.name == name);
        controls.flat_map(|control| control.choices.clone().unwrap_or_default()).collect()
    }

    /// The present value of a field.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

fn options_of(select: ElementRef<'_>) -> Vec<(String, bool)> {
    select
        .select(&selector("option"))
        .map(|option| {
            let value = option.value().attr("value").map(ToOwned::to_owned);
            (value.unwrap_or_else(|| option.text().collect()), option.value().attr("selected").is_some())
        })
        .collect()
}

fn selector(css: &'static str) -> Selector {
    Selector::parse(css).unwrap_or_else(|_| unreachable!("a fixed selector is sound"))
}

fn site_of(from: &Url, to: &Url) -> &'static str {
    if from.origin() == to.origin() { "same-origin" } else { "cross-site" }
}
