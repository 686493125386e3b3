//! Writing a letter: from the outbox's facts to the text that is sent.

mod lines;
mod wording;

use super::{MailError, markup};
use crate::document::wording::words_of;
use crate::domain::ids::MailId;
use crate::domain::library::{LibraryRules, LibraryText};
use crate::domain::notice::QueuedMail;
use crate::domain::person::EmailAddress;
use crate::words::Words;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};
use lettre::{Address, Message};
use time::OffsetDateTime;
use wording::Wording;

/// A letter, ready to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The mail of the outbox that it is made from.
    pub id: MailId,
    /// `<mail id@host>`: the same for every try.
    pub message_id: String,
    /// The library's name and address for mails.
    pub from: Mailbox,
    /// The sender in the envelope: where the letter comes back to if it does not arrive.
    pub returns_to: Address,
    /// The one recipient.
    pub to: Address,
    /// The words of the language that it speaks.
    pub words: Words,
    /// The subject, one line.
    pub subject: String,
    /// The body, plain text with `\n`; what travels as text has its long lines broken.
    pub text: String,
    /// When it was written.
    pub date: OffsetDateTime,
}

impl Letter {
    /// Writes the letter for `mail` in the name of the library that `rules` describe, in the language of the mail. Every
    /// try writes the same letter: it is dated when it was queued.
    ///
    /// `base_url` is the portal's configured address without a final slash; it alone decides
    /// the link and the host in the `Message-ID`, never what a request says about itself.
    ///
    /// # Errors
    /// [`MailError::Permanent`] if an address cannot stand in a letter.
    pub fn compose(mail: &QueuedMail, rules: &LibraryRules, base_url: &str) -> Result<Self, MailError> {
        let host = host_of(base_url).ok_or(MailError::permanent("the portal's address is unsound"))?;
        let words = words_of(mail.language);
        let wording = Wording::of(&mail.content, words, base_url);
        let subject = format!("【{}】{}", one_line(&words.say(&rules.name).plain()), wording.subject.spelled());
        let from = address(&rules.mail.address)?;
        Ok(Self {
            id: mail.id,
            message_id: format!("<{}@{host}>", mail.id),
            returns_to: from.clone(),
            from: Mailbox::new(Some(one_line(&words.say(&rules.mail.name).plain())), from),
            to: address(&mail.recipient)?,
            words,
            subject: one_line(&subject),
            text: format!("{}\n\n{}", wording.body.spelled(), foot(&wording, rules, words, base_url)),
            date: mail.queued_at,
        })
    }

    /// The same, to come back to another address than the one in `From`.
    #[must_use]
    pub fn returning_to(self, returns_to: Option<Address>) -> Self {
        Self { returns_to: returns_to.unwrap_or(self.returns_to), ..self }
    }

    /// The letter in the form in which it travels (RFC 5322, MIME): text, and the same as HTML. Every try makes the
    /// same octets.
    pub(super) fn to_message(&self) -> Result<Message, MailError> {
        let html = markup::of_text(self.words, &self.subject, &self.text)
            .map_err(|_| MailError::permanent("the template cannot be filled in"))?;
        let both = MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(format!("todoke-{}", self.id))
            .singlepart(SinglePart::plain(lines::broken(&self.text)))
            .singlepart(SinglePart::html(html));
        let envelope = Envelope::new(Some(self.returns_to.clone()), vec![self.to.clone()])
            .map_err(|_| MailError::permanent("the letter has no recipient"))?;
        Message::builder()
            .envelope(envelope)
            .message_id(Some(self.message_id.clone()))
            .date(self.date.into())
            .from(self.from.clone())
            .to(Mailbox::new(None, self.to.clone()))
            .subject(&self.subject)
            // RFC 3834: no out-of-office answers to a machine.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            // RFC 3282: by this a reader that speaks knows how to pronounce it.
            .raw_header(header("Content-Language", self.words.lang().as_str()))
            .multipart(both)
            .map_err(|_| MailError::permanent("the letter has no sound form"))
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn address(address: &EmailAddress) -> Result<Address, MailError> {
    address.as_str().parse().map_err(|_| MailError::permanent("an e-mail address is unsound"))
}

/// What stands below every letter: what the library never asks for, who writes, and the way to the portal.
fn foot(wording: &Wording, rules: &LibraryRules, words: Words, base_url: &str) -> String {
    let unexpected = wording.may_be_unexpected.then(|| words.mail_unexpected().spelled());
    let never_asks = words.mail_never_asks().spelled();
    let contact = &rules.contact;
    let said = |text: &LibraryText| words.say(text).spelled();
    let library = [said(&rules.name), contact.telephone.clone(), said(&contact.hours)].map(|text| one_line(&text));
    let link = format!("{base_url}/{}/{}/", rules.slug, words.lang());
    let bookmark = words.mail_bookmark().spelled();
    let above = unexpected.into_iter().chain([never_asks, String::new(), "--".to_owned()]);
    above.chain(library).chain([link, bookmark]).collect::<Vec<_>>().join("\n")
}

/// A header is one line, whatever somebody wrote into the library's name.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The host of an address, without port; a bare IP address in the brackets that mail wants (RFC 5321 §4.1.3).
fn host_of(base_url: &str) -> Option<String> {
    let url = reqwest::Url::parse(base_url).ok()?;
    let host = url.host_str()?;
    Some(match host.trim_matches(['[', ']']).parse() {
        Ok(std::net::IpAddr::V4(address)) => format!("[{address}]"),
        Ok(std::net::IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Err(_) => host.to_owned(),
    })
}

#[cfg(test)]
pub(super) mod tests;
