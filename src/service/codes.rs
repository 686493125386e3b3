//! Six-digit codes by e-mail: sent, limited, and confirmed.
//!
//! A code belongs to the browser session that asked for it and to one purpose. Older codes
//! stay valid until their own end, because mail overtakes mail; each dies at its fifth
//! wrong try.

use super::session::SessionToken;
use super::{Error, Portal};
use crate::domain::ids::{ApplicationId, EmailCodeId, LibraryId, MailId};
use crate::domain::language::Language;
use crate::domain::library::Library;
use crate::domain::notice::{MailContent, QueuedMail};
use crate::domain::person::EmailAddress;
use crate::random;
pub use crate::store::email_codes::CodePurpose;
use crate::store::email_codes::EmailCode;
use crate::store::seal::{self, HashPurpose};
use crate::store::{Tx, dead_addresses, email_codes, libraries, outbox};
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};

/// How long a code can be used.
pub const CODE_LIFE: Duration = Duration::minutes(15);
/// How soon the next code may be asked for.
pub const RESEND_AFTER: Duration = Duration::seconds(60);
/// Within this time a used code may come again from the same browser session.
const SECOND_CLICK: Duration = Duration::minutes(1);
/// Codes for one purpose that one address gets in an hour.
const MOST_PER_HOUR: u64 = 6;
/// Codes that one browser session may ask for in an hour, whatever the address.
const MOST_PER_SESSION: u64 = 12;

/// A code as typed: digits of any width, spaces and hyphens ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypedCode(u32);

/// The text is not six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not six digits")]
pub struct NotSixDigits;

impl std::str::FromStr for TypedCode {
    type Err = NotSixDigits;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digits = 0;
        let mut value = 0;
        for c in text.chars() {
            let digit = match c {
                '0'..='9' => u32::from(c) - u32::from('0'),
                '０'..='９' => u32::from(c) - u32::from('０'),
                ' ' | '\u{3000}' | '-' | '－' | '‐' | 'ー' | '−' => continue,
                _ => return Err(NotSixDigits),
            };
            digits += 1;
            if digits > 6 {
                return Err(NotSixDigits);
            }
            value = value * 10 + digit;
        }
        if digits == 6 { Ok(Self(value)) } else { Err(NotSixDigits) }
    }
}

/// What a code is for and to whom it goes.
pub(super) struct CodeRequest<'a> {
    pub(super) library_id: LibraryId,
    pub(super) session: &'a SessionToken,
    pub(super) purpose: CodePurpose,
    pub(super) email: &'a EmailAddress,
    pub(super) application_id: Option<ApplicationId>,
    /// The language of the page that asks for it.
    pub(super) language: Language,
    /// False when the address must only seem to get a code, so that nobody learns who is known.
    pub(super) deliver: bool,
}

impl Portal {
    /// Records a code and queues its mail, within the limits.
    pub(super) async fn issue_code(
        &self,
        tx: &mut Tx,
        request: &CodeRequest<'_>,
        now: OffsetDateTime,
    ) -> Result<OffsetDateTime, Error> {
        let library_id = request.library_id;
        // One sending at a time: parallel ones would all see the same count.
        libraries::lock(tx, library_id).await?;
        let (email, purpose) = (request.email, request.purpose);
        let last = email_codes::last_sent_at(tx, library_id, email, purpose).await?;
        if let Some(last) = last.filter(|last| *last + RESEND_AFTER > now) {
            return Err(Error::TooMany { retry_at: last + RESEND_AFTER });
        }
        let since = now - Duration::hours(1);
        if email_codes::count_sent_since(tx, library_id, email, purpose, since).await? >= MOST_PER_HOUR
            || email_codes::count_asked_since(tx, &request.session.hash(), since).await? >= MOST_PER_SESSION
        {
            return Err(Error::TooMany { retry_at: now + Duration::minutes(10) });
        }
        let code = random_code();
        let valid_until = now + CODE_LIFE;
        let id = EmailCodeId::new(now);
        let row = EmailCode {
            id,
            library_id,
            session_hash: request.session.hash(),
            purpose: request.purpose,
            email: request.email.clone(),
            application_id: request.application_id,
            code_hash: code_hash(tx, library_id, id, code).await?,
            sent_at: now,
            expires_at: valid_until,
            tries: 0,
            used_at: None,
        };
        email_codes::insert(tx, &row).await?;
        if request.deliver {
            let mail = QueuedMail {
                id: MailId::new(now),
                library_id,
                application_id: request.application_id,
                recipient: request.email.clone(),
                language: request.language,
                content: MailContent::Code { code: format!("{code:06}"), valid_until },
                queued_at: now,
                attempts: 0,
            };
            outbox::insert(tx, &mail, None).await?;
        }
        Ok(valid_until)
    }

    /// Uses up the code that `typed` matches, and returns the open transaction in which it is used up together
    /// with what it was for. Sent again from the same browser session within a minute (a second click), it counts
    /// once more.
    ///
    /// A wrong try is committed even though it returns an error: otherwise tries would be free.
    pub(super) async fn spend_code(
        &self,
        library: &Library,
        session: &SessionToken,
        purpose: CodePurpose,
        typed: TypedCode,
    ) -> Result<(Tx, EmailCode), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        for code in email_codes::list_used_since(&mut tx, &session.hash(), purpose, now - SECOND_CLICK).await? {
            if code.library_id == library.id && fits(&mut tx, &code, typed).await? {
                return Ok((tx, code));
            }
        }
        let mut live = email_codes::list_live(&mut tx, &session.hash(), purpose, now).await?;
        live.retain(|code| code.library_id == library.id);
        if live.is_empty() {
            return Err(Error::ExpiredCode);
        }
        let mut left = 0;
        for code in live {
            // Counted before it is compared, so that parallel tries share one allowance.
            let Some(tries) = email_codes::count_try(&mut tx, code.id).await? else { continue };
            left += email_codes::MOST_TRIES.saturating_sub(tries);
            if fits(&mut tx, &code, typed).await? {
                if !email_codes::mark_used(&mut tx, code.id, now).await? {
                    return Err(Error::ExpiredCode);
                }
                // Whoever has typed the code reads mail there.
                dead_addresses::delete(&mut tx, library.id, &code.email).await?;
                return Ok((tx, code));
            }
        }
        tx.commit().await?;
        Err(if left == 0 { Error::TooMany { retry_at: now + RESEND_AFTER } } else { Error::WrongCode })
    }
}

async fn fits(tx: &mut Tx, code: &EmailCode, typed: TypedCode) -> Result<bool, Error> {
    let hash = code_hash(tx, code.library_id, code.id, typed.0).await?;
    Ok(bool::from(hash.ct_eq(&code.code_hash)))
}

/// A code's trace in the store: keyed, because a million codes are soon tried.
async fn code_hash(tx: &mut Tx, library_id: LibraryId, id: EmailCodeId, code: u32) -> Result<[u8; 32], Error> {
    let (id, code) = (id.as_uuid(), code.to_be_bytes());
    let parts: [&[u8]; 2] = [id.as_bytes(), &code];
    Ok(seal::keyed_hash(tx, library_id, HashPurpose::EmailCode, &parts).await?)
}

fn random_code() -> u32 {
    // 2^64 / 10^6 leaves a bias of less than one in 10^13.
    (u64::from_be_bytes(random::bytes()) % 1_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in ["123456", "１２３４５６", " 123 456 ", "123-456"] {
            assert_eq!(typed.parse(), Ok(TypedCode(123_456)), "{typed}");
        }
        for typed in ["", "12345", "1234567", "12345a"] {
            assert_eq!(typed.parse::<TypedCode>(), Err(NotSixDigits), "{typed}");
        }
    }
}
