//! A request as no browser of ours would make it: fields and headers forged, redirects not followed.

use reqwest::{Client, Method, Url, header};
use todoke::demo::browser::{Browser, Form, Page};

/// Between the parts of a form with a file.
const BOUNDARY: &str = "----todoke-story-7f3a";

/// One request, about to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Sending {
    method: Method,
    url: Url,
    fields: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
    cookies: String,
    file: Option<Vec<u8>>,
    file_name: String,
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
        Self {
            method,
            url,
            fields: Vec::new(),
            headers: Vec::new(),
            cookies,
            file: None,
            file_name: "a.bin".to_owned(),
        }
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

    /// Adds a file called `file` after the fields, as a form for files does.
    pub(crate) fn file(mut self, file: &[u8]) -> Self {
        self.fields.retain(|(name, _)| name != "file");
        self.file = Some(file.to_vec());
        self
    }

    /// Calls the file so.
    pub(crate) fn named(self, file_name: &str) -> Self {
        Self { file_name: file_name.to_owned(), ..self }
    }

    /// The fields and the file as RFC 7578 writes them.
    fn multipart(&self, file: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "Content-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: application/octet-stream",
            self.file_name
        );
        body.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        body
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
        match &self.file {
            Some(file) => {
                let form = format!("multipart/form-data; boundary={BOUNDARY}");
                request = request.header(header::CONTENT_TYPE, form).body(self.multipart(file));
            }
            None if self.method == Method::POST => request = request.form(&self.fields),
            None => {}
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
