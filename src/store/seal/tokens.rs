//! Keyed hashes: what can be compared without being readable.

use super::DataKey;
use crate::domain::ids::LibraryId;
use crate::store::gather::Statement;
use crate::store::{StoreError, Tx, on};
use aws_lc_rs::hmac;
use std::collections::BTreeSet;
use uuid::Uuid;

/// For how many more tokens at a time there is room in a statement that writes them.
const TOKENS_IN_STEPS_OF: usize = 8;

/// What a keyed hash is for; the same value has another hash for every purpose and library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashPurpose {
    /// A six-digit code sent by e-mail. Hash it together with the code's id.
    EmailCode,
    /// The collection code printed on the "done" page: made from the application's id, so that it
    /// needs to rest nowhere, or hashed together with it.
    CollectionCode,
    /// The token in the address that a guardian is mailed. Made from the invitation's nonce, so that it needs to rest
    /// nowhere.
    CosignToken,
    /// The code that a guardian types. Made from the same nonce.
    CosignCode,
    /// The second factor that a staff invitation offers. Hash it together with the invitation's token.
    SecondFactor,
    /// The session that follows another at sign-in. Hash it together with the old token's hash and the code's id.
    SessionSuccessor,
    /// The certificate of a signer: issuer and serial number.
    Signer,
    /// The number of a patron's user-authentication certificate.
    CertificateNumber,
    /// A signing app's name for a person: its issuer and the subject.
    AppSubject,
    /// One line of a file for the library system.
    ExportRow,
    /// The facts of a person as they were when somebody compared them.
    ComparedFacts,
    /// The code by which anybody can ask about a notice.
    NoticeCode,
    /// The number that somebody typed to sign in, with the device if that is known to the account.
    SignInAccount,
    /// What authenticators call a patron.
    PasskeyUser,
    /// The mark in the address to which a mail comes back. Made from the mail's id.
    BounceMark,
}

impl HashPurpose {
    const fn label(self) -> &'static str {
        match self {
            Self::EmailCode => "code/email",
            Self::CollectionCode => "code/collection",
            Self::CosignToken => "cosign/token",
            Self::CosignCode => "cosign/code",
            Self::SecondFactor => "second-factor",
            Self::SessionSuccessor => "session-successor",
            Self::Signer => "signer",
            Self::CertificateNumber => "certificate-number",
            Self::AppSubject => "app-subject",
            Self::ExportRow => "export-row",
            Self::ComparedFacts => "compared-facts",
            Self::NoticeCode => "notice-code",
            Self::SignInAccount => "sign-in-account",
            Self::PasskeyUser => "passkey-user",
            Self::BounceMark => "bounce-mark",
        }
    }
}

/// A searchable property of an owner of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::store) enum SearchField {
    Email,
    Name,
    /// The reading's first signs: one token for each length up to eight; and one for the whole.
    Kana,
    Birth,
    Phone,
    Address,
}

impl SearchField {
    const ALL: [Self; 6] = [Self::Email, Self::Name, Self::Kana, Self::Birth, Self::Phone, Self::Address];

    /// The name in storage.
    pub(in crate::store) const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Name => "name",
            Self::Kana => "kana",
            Self::Birth => "birth",
            Self::Phone => "phone",
            Self::Address => "address",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Email => "search/email",
            Self::Name => "search/name",
            Self::Kana => "search/kana",
            Self::Birth => "search/birth",
            Self::Phone => "search/phone",
            Self::Address => "search/address",
        }
    }
}

/// HMAC-SHA-256 of the parts under a key of the library, each part preceded by its length.
///
/// # Errors
/// [`StoreError::Unsealable`] if the library has no key, that is: it does not exist.
pub async fn keyed_hash(
    tx: &mut Tx,
    library_id: LibraryId,
    purpose: HashPurpose,
    parts: &[&[u8]],
) -> Result<[u8; 32], StoreError> {
    hash(tx, library_id, purpose.label(), parts).await
}

/// What a keyed hash of the whole portal is for: of what is shown before a library is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum PortalHash {
    /// The typed code of a hand-off.
    HandoffCode,
}

/// HMAC-SHA-256 under a key of this installation; another one after the master key changes, so only for what lives
/// for minutes.
pub(in crate::store) fn portal_hash(tx: &Tx, purpose: PortalHash, value: &[u8]) -> [u8; 32] {
    let label = match purpose {
        PortalHash::HandoffCode => "todoke/1|code/hand-off",
    };
    let key = tx.keyring.secret_for(label);
    let mut hash = [0; 32];
    hash.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key[..]), value).as_ref());
    hash
}

/// The token by which `value` is found in one library.
pub(in crate::store) async fn token(
    tx: &mut Tx,
    library_id: LibraryId,
    field: SearchField,
    value: &str,
) -> Result<[u8; 32], StoreError> {
    hash(tx, library_id, field.label(), &[value.as_bytes()]).await
}

/// Makes `values` the only things that `owner` is found by.
pub(in crate::store) async fn replace_tokens(
    tx: &mut Tx,
    library_id: LibraryId,
    owner: Uuid,
    values: &[(SearchField, String)],
) -> Result<(), StoreError> {
    let mut wanted = tokens_of(tx, library_id, values).await?;
    let present: Vec<(String, Vec<u8>)> = on!(tx, |conn| {
        sqlx::query_as("SELECT field, token FROM search_tokens WHERE owner_id = $1").bind(owner).fetch_all(conn).await
    })?;
    for (field, token) in present {
        let known = wanted.iter().find(|(name, value)| *name == field && *value == token).cloned();
        if known.is_some_and(|known| wanted.remove(&known)) {
            continue;
        }
        on!(tx, |conn| {
            sqlx::query("DELETE FROM search_tokens WHERE owner_id = $1 AND field = $2 AND token = $3")
                .bind(owner)
                .bind(field)
                .bind(token)
                .execute(conn)
                .await
                .map(drop)
        })?;
    }
    write_tokens(tx, library_id, owner, wanted).await
}

/// Lets `owner`, who was not there before, be found by `values`.
pub(in crate::store) async fn insert_tokens(
    tx: &mut Tx,
    library_id: LibraryId,
    owner: Uuid,
    values: &[(SearchField, String)],
) -> Result<(), StoreError> {
    let tokens = tokens_of(tx, library_id, values).await?;
    write_tokens(tx, library_id, owner, tokens).await
}

async fn tokens_of(
    tx: &mut Tx,
    library_id: LibraryId,
    values: &[(SearchField, String)],
) -> Result<BTreeSet<(&'static str, Vec<u8>)>, StoreError> {
    if values.is_empty() {
        return Ok(BTreeSet::new());
    }
    let keys = TokenKeys::of(tx, library_id).await?;
    Ok(values.iter().map(|(field, value)| (field.as_str(), keys.token(*field, value).to_vec())).collect())
}

/// All of them in one statement: every statement is a way to the database and back. They come in the order of the
/// table's key. Nearly all of these statements have the same text, which the database has to understand once.
async fn write_tokens(
    tx: &mut Tx,
    library_id: LibraryId,
    owner: Uuid,
    tokens: BTreeSet<(&'static str, Vec<u8>)>,
) -> Result<(), StoreError> {
    if tokens.is_empty() {
        return Ok(());
    }
    let room = tokens.len().next_multiple_of(TOKENS_IN_STEPS_OF);
    let rows = (0..room).map(|row| format!("(${}, ${})", 2 * row + 3, 2 * row + 4)).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "INSERT INTO search_tokens (library_id, owner_id, field, token)
         SELECT $1, $2, column1, column2 FROM (VALUES {rows}) AS given WHERE column2 IS NOT NULL"
    );
    let mut write = Statement::new(sql).bind(library_id.as_uuid()).bind(owner);
    let empty = std::iter::repeat_n((None, None), room - tokens.len());
    let given = tokens.into_iter().map(|(field, token)| (Some(field), Some(token)));
    for (field, token) in given.chain(empty) {
        write = write.bind(field).bind(token);
    }
    Ok(tx.write(write).await?)
}

/// The keys by which the values of one library become tokens: derived once, and of use outside the transaction.
pub(in crate::store) struct TokenKeys([hmac::Key; 6]);

impl TokenKeys {
    pub(in crate::store) async fn of(tx: &mut Tx, library_id: LibraryId) -> Result<Self, StoreError> {
        let library_key = library_key(tx, library_id).await?;
        Ok(Self(SearchField::ALL.map(|field| derive(&library_key, field.label()))))
    }

    /// As [`token`].
    pub(in crate::store) fn token(&self, field: SearchField, value: &str) -> [u8; 32] {
        sign(&self.0[field as usize], &[value.as_bytes()])
    }
}

async fn hash(tx: &mut Tx, library_id: LibraryId, label: &str, parts: &[&[u8]]) -> Result<[u8; 32], StoreError> {
    Ok(sign(&derive(&library_key(tx, library_id).await?, label), parts))
}

async fn library_key(tx: &mut Tx, library_id: LibraryId) -> Result<DataKey, StoreError> {
    let unknown = || StoreError::Unsealable { table: "libraries", id: library_id.to_string() };
    super::find_key(tx, library_id.as_uuid()).await?.ok_or_else(unknown)
}

fn derive(library_key: &DataKey, label: &str) -> hmac::Key {
    let root = hmac::Key::new(hmac::HMAC_SHA256, library_key.as_bytes());
    let derived = hmac::sign(&root, format!("todoke/1|{label}").as_bytes());
    hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
}

fn sign(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.sign().as_ref());
    hash
}
