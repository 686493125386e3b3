//! The steps of the story as a person takes them: each opens pages, fills in what it finds
//! and sends it. The walk and the stories in `tests` are made of these.

use super::browser::{Browser, BrowserError, Page};
use crate::gateway::mail::Mailbox;
use crate::words::{Lang, Words};

/// What an applicant types.
#[derive(Debug, Clone)]
pub struct Person {
    /// The value of the category's radio button.
    pub category: &'static str,
    /// E-mail address.
    pub email: String,
    /// Name.
    pub name: &'static str,
    /// Reading, in any kana.
    pub kana: &'static str,
    /// Year (western or era), month, day.
    pub birth: [&'static str; 3],
    /// Postcode, prefecture code, municipality, street.
    pub address: [&'static str; 4],
    /// The branch's code.
    pub branch: &'static str,
}

impl Person {
    /// 姫路 花子, who holds the simulated app's normal card and writes as people do.
    #[must_use]
    pub fn hanako() -> Self {
        Self {
            category: "resident",
            email: "hanako@example.jp".to_owned(),
            name: "姫路 花子",
            kana: "ひめじ はなこ",
            birth: ["平成2年", "4", "１"],
            address: ["６７０ー００１２", "28", "姫路市", "本町68"],
            branch: "jonai",
        }
    }

    /// The same person under another address for mails.
    #[must_use]
    pub fn with_email(self, email: &str) -> Self {
        Self { email: email.to_owned(), ..self }
    }
}

/// A person at a browser, on the way through one library's pages.
#[derive(Debug, Clone)]
pub struct Journey {
    /// The browser.
    pub browser: Browser,
    /// The library's pages, such as `http://127.0.0.1:8080/himeji`.
    pub library: String,
    /// Where the codes arrive.
    pub mailbox: Mailbox,
    /// The language in which the public pages are opened.
    pub lang: Lang,
}

impl Journey {
    /// A fresh browser before the pages of one library.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn new(base_url: &str, slug: &str, mailbox: &Mailbox) -> Result<Self, BrowserError> {
        Ok(Self {
            browser: Browser::new()?,
            library: format!("{base_url}/{slug}"),
            mailbox: mailbox.clone(),
            lang: Lang::Ja,
        })
    }

    /// The same person at the pages of another language.
    #[must_use]
    pub fn speaking(self, lang: Lang) -> Self {
        Self { lang, ..self }
    }

    /// Opens one of the library's public pages.
    ///
    /// # Errors
    /// The browser's.
    pub async fn open(&self, path: &str) -> Result<Page, BrowserError> {
        self.browser.open(&format!("{}/{}/{path}", self.library, self.lang)).await
    }

    /// Opens one of the library's staff pages.
    ///
    /// # Errors
    /// The browser's.
    pub async fn open_staff(&self, path: &str) -> Result<Page, BrowserError> {
        self.browser.open(&format!("{}/staff/{path}", self.library)).await
    }

    /// Opens a page, fills fields in and sends the form that has the first of them.
    ///
    /// # Errors
    /// The browser's, if a field is not there.
    pub async fn answer(&self, path: &str, fields: &[(&str, &str)]) -> Result<Page, BrowserError> {
        let page = self.open(path).await?;
        self.send(&page, fields).await
    }

    /// Fills in the form of `page` that has the first of `fields`, and sends it.
    ///
    /// # Errors
    /// The browser's, if a field is not there.
    pub async fn send(&self, page: &Page, fields: &[(&str, &str)]) -> Result<Page, BrowserError> {
        let mut form = page.form(fields.first().map_or("", |(name, _)| name))?;
        for (name, value) in fields {
            form = form.fill(name, value)?;
        }
        self.browser.submit(&form).await
    }

    /// Presses a button.
    ///
    /// # Errors
    /// The browser's, if it is not there.
    pub async fn press(&self, page: &Page, button: &str) -> Result<Page, BrowserError> {
        self.browser.submit(&page.form(button)?).await
    }

    /// From the first question to the page that shows all answers. `deliver` hands over the mail with the code.
    ///
    /// # Errors
    /// The browser's, or whatever `deliver` fails with.
    pub async fn fill_in<E: From<BrowserError>>(
        &self,
        person: &Person,
        deliver: impl AsyncFnOnce() -> Result<(), E>,
    ) -> Result<Page, E> {
        self.answer("apply/who", &[("category", person.category), ("age", "yes")]).await?;
        let page = self.answer("apply/email", &[("email", &person.email)]).await?;
        deliver().await?;
        let code = self.newest_code(&person.email).unwrap_or_default();
        self.send(&page, &[("code", &code)]).await?;
        Ok(self.answer_the_rest(person).await?)
    }

    /// From the name to the page that shows all answers.
    ///
    /// # Errors
    /// The browser's.
    pub async fn answer_the_rest(&self, person: &Person) -> Result<Page, BrowserError> {
        self.answer("apply/name", &[("name", person.name), ("kana", person.kana)]).await?;
        let [year, month, day] = person.birth;
        self.answer("apply/birth", &[("year", year), ("month", month), ("day", day)]).await?;
        let [postcode, prefecture, municipality, line1] = person.address;
        let address =
            [("postcode", postcode), ("prefecture", prefecture), ("municipality", municipality), ("line1", line1)];
        self.answer("apply/address", &address).await?;
        self.answer("apply/contact", &[("branch", person.branch)]).await
    }

    /// Gives every consent and chooses electronic delivery: freezes the document and arrives at the page to sign.
    ///
    /// # Errors
    /// The browser's.
    pub async fn agree(&self, check: &Page) -> Result<Page, BrowserError> {
        let mut form = check.form("delivery")?.fill("delivery", "electronic")?;
        for consent in form.choices("consent") {
            form = form.fill("consent", &consent)?;
        }
        self.browser.submit(&form).await
    }

    /// Goes to the signing app and takes a card there: arrives at the page that says what came of it.
    ///
    /// # Errors
    /// The browser's.
    pub async fn sign_with(&self, sign: &Page, card: &str) -> Result<Page, BrowserError> {
        let cards = self.press(sign, &Words::new(self.lang).apply_sign_with_app().plain()).await?;
        self.send(&cards, &[("card", card)]).await
    }

    /// Signs in to read what became of an application. Mail must have been delivered in between: `deliver` does it.
    ///
    /// # Errors
    /// The browser's, or whatever `deliver` fails with.
    pub async fn sign_in<E: From<BrowserError>>(
        &self,
        person: &Person,
        reference: &str,
        deliver: impl AsyncFnOnce() -> Result<(), E>,
    ) -> Result<Page, E> {
        let [year, month, day] = person.birth;
        let fields = [("reference", reference), ("year", year), ("month", month), ("day", day)];
        let page = self.answer("sign-in", &fields).await?;
        deliver().await?;
        let code = self.newest_code(&person.email).unwrap_or_default();
        Ok(self.send(&page, &[("code", &code)]).await?)
    }

    /// Signs a staff member in and arrives at the queue.
    ///
    /// # Errors
    /// The browser's.
    pub async fn sign_in_staff(&self, login: &str, password: &str, code: &str) -> Result<Page, BrowserError> {
        let page = self.open_staff("sign-in").await?;
        self.send(&page, &[("login", login), ("password", password), ("code", code)]).await
    }

    /// Claims a file, and decides on what it shows: arrives at the decided file, or where it is refused.
    ///
    /// # Errors
    /// The browser's.
    pub async fn decide(&self, reference: &str, outcome: &str, reason: &str) -> Result<Page, BrowserError> {
        let file = self.open_staff(&format!("applications/{reference}")).await?;
        let claimed = self.press(&file, "担当する").await?;
        let confirmation = self.send(&claimed, &[("outcome", outcome), ("reason", reason)]).await?;
        if confirmation.status != 200 {
            return Ok(confirmation);
        }
        self.send(&confirmation, &[("outcome", outcome)]).await
    }

    /// The six digits of the newest mail with a code to `address`.
    #[must_use]
    pub fn newest_code(&self, address: &str) -> Option<String> {
        let letters = self.mailbox.letters();
        letters.iter().rev().filter(|letter| letter.to.to_string() == address).find_map(|letter| {
            letter.text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6).map(ToOwned::to_owned)
        })
    }
}
