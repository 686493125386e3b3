//! A request as no browser of ours would make it: fields and headers forged, redirects not followed.

use reqwest::{Client, Method, Url, header};
use todoke::demo::browser::{Browser, Form, Page};

/// One request, about to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Sending {
    method: Method,
    url: Url,
    fields: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
    cookies: String,
}

impl Sending {
    /// The form as the browser would send it.
    pub(crate) fn form(form: &Form, browser: &Browser) -> Self {
        let mut sending = Self::to(form.method.clone(), form.action.clone(), browser);
        sending.fields.clone_from(&form.fields);
        sending.header("sec-fetch-site", "same-origin")
    }

    /// An address as the browser would open it.
    pub(crate) fn get(url: Url, browser: &Browser) -> Self {
        Self::to(Method::GET, url, browser).header("sec-fetch-site", "none")
    }

    /// A bare request with the browser's cookies.
    pub(crate) fn to(method: Method, url: Url, browser: &Browser) -> Self {
        let cookies = browser.cookies_for(&url);
        Self { method, url, fields: Vec::new(), headers: Vec::new(), cookies }
    }

    /// Adds a field, even if there is one of this name.
    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a field out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self
    }

    /// Sets a header.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Leaves a header out.
    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self
    }

    /// Sends it and takes the very first answer.
    pub(crate) async fn send(&self) -> Page {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let mut request = client.request(self.method.clone(), self.url.clone());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.cookies.is_empty() {
            request = request.header(header::COOKIE, &self.cookies);
        }
        if self.method == Method::POST {
            request = request.form(&self.fields);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap().to_vec();
        Page { url: self.url.clone(), status, headers, body }
    }
}

/// Where an answer leads.
pub(crate) fn location(page: &Page) -> Option<String> {
    let location = page.headers.get(header::LOCATION)?;
    Some(location.to_str().unwrap().to_owned())
}

/// Sends them all at once and waits for every answer.
pub(crate) async fn all_at_once(sendings: Vec<Sending>) -> Vec<Page> {
    let sent: Vec<_> =
        sendings.into_iter().map(|sending| actix_web::rt::spawn(async move { sending.send().await })).collect();
    let mut answers = Vec::with_capacity(sent.len());
    for answer in sent {
        answers.push(answer.await.unwrap());
    }
    answers
}
