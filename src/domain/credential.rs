//! The reservation password (予約用パスワード): approved first, generated only when its owner looks.

use super::ids::{ApplicationId, CredentialId, LibraryId, PatronId};
use super::short_code::ShortCode;
use std::fmt;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

/// For how long the first view can be repeated in the same browser session.
pub const SHOWN_AGAIN_FOR: Duration = Duration::minutes(10);

/// Signs that nobody confuses, whether read or heard: no `0 O 1 I l 5 S`.
const ALPHABET: &[u8; 52] = b"abcdefghijkmnpqrtuvwxyzACDEFGHJKLMNPQRTUVWXY2346789B";

/// The right to see an initial password, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Internal identity.
    pub id: CredentialId,
    /// The library.
    pub library_id: LibraryId,
    /// Whose password.
    pub patron_id: PatronId,
    /// Through which application alone it is collected. `None` for those from before there were several: through any of
    /// the patron's.
    pub application_id: Option<ApplicationId>,
    /// After this the right to see it is gone.
    pub viewable_until: OffsetDateTime,
    /// Where it stands.
    pub state: CredentialState,
}

/// The life of an initial password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialState {
    /// Nobody has looked, so there is no password yet.
    Unseen,
    /// Generated and shown; only its hash rests.
    Shown {
        /// Argon2id in PHC form.
        hash: String,
        /// When it was generated and shown.
        shown_at: OffsetDateTime,
    },
    /// The patron has taken one of their own.
    Chosen {
        /// Argon2id in PHC form.
        hash: String,
        /// When the initial one was shown.
        shown_at: OffsetDateTime,
        /// When it was chosen last.
        chosen_at: OffsetDateTime,
    },
}

impl CredentialState {
    /// What a typed password is compared with.
    #[must_use]
    pub fn hash(&self) -> Option<&str> {
        match self {
            Self::Unseen => None,
            Self::Shown { hash, .. } | Self::Chosen { hash, .. } => Some(hash),
        }
    }

    /// True for a password that the patron has not chosen.
    #[must_use]
    pub const fn is_initial(&self) -> bool {
        matches!(self, Self::Shown { .. })
    }

    /// True for an initial password whose time is over: it was not changed within `initial_days` after it was shown.
    #[must_use]
    pub fn has_run_out(&self, initial_days: Option<u32>, now: OffsetDateTime) -> bool {
        match (self, initial_days) {
            (Self::Shown { shown_at, .. }, Some(days)) => *shown_at + Duration::days(i64::from(days)) <= now,
            _ => false,
        }
    }
}

impl Credential {
    /// The right to see an initial password, which does not exist yet.
    #[must_use]
    pub const fn grant(
        id: CredentialId,
        library_id: LibraryId,
        patron_id: PatronId,
        application_id: ApplicationId,
        viewable_until: OffsetDateTime,
    ) -> Self {
        let state = CredentialState::Unseen;
        Self { id, library_id, patron_id, application_id: Some(application_id), viewable_until, state }
    }

    /// Puts a new right in the place of what there was: whatever was shown before opens nothing from now on. It is
    /// collected through the application that asked for it, with that application's code.
    #[must_use]
    pub fn reissue(self, application_id: ApplicationId, viewable_until: OffsetDateTime) -> Self {
        let state = CredentialState::Unseen;
        Self { application_id: Some(application_id), viewable_until, state, ..self }
    }

    /// Tells whether it is collected through this application.
    #[must_use]
    pub fn is_collected_through(&self, application_id: ApplicationId) -> bool {
        self.application_id.is_none_or(|own| own == application_id)
    }
}

/// An initial password in the clear: lives in memory while one page is made.
pub struct InitialPassword(Zeroizing<String>);

impl InitialPassword {
    /// Spells random bytes as a password of `length` signs; bytes that would favour some signs are skipped.
    /// `None` if there were too few usable bytes: give four times `length`.
    #[must_use]
    pub fn from_random(random: &[u8], length: usize) -> Option<Self> {
        let signs = ALPHABET.len();
        let fair = 256 - 256 % signs;
        let mut text = Zeroizing::new(String::with_capacity(length));
        for byte in random.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair).take(length) {
            text.push(char::from(ALPHABET[byte % signs]));
        }
        (text.len() == length).then_some(Self(text))
    }

    /// Takes a password back out of its seal.
    #[must_use]
    pub fn from_sealed(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The password itself. Show it, hash it, seal it; never log or mail it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InitialPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InitialPassword(…)")
    }
}

/// The collection code printed on the "done" page: what a mailbox thief does not have.
#[derive(Clone, PartialEq, Eq)]
pub struct CollectionCode(ShortCode);

impl CollectionCode {
    /// Spells 64 random bits as eight digits and capitals (about 40 bits).
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        Self(ShortCode::from_random(random))
    }

    /// Reads a code as people type it: any case, width, spaces and hyphens.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        ShortCode::parse(text).map(Self)
    }

    /// The bare code, for hashing.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for CollectionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CollectionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CollectionCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_collection_code_survives_being_typed(random: u64) {
            let code = CollectionCode::from_random(random);
            let typed = format!(" {} ", code.to_string().to_lowercase().replace('-', "－"));
            prop_assert_eq!(CollectionCode::parse(&typed), Some(code));
        }
    }

    #[test]
    fn a_password_has_its_length_and_no_confusing_signs() {
        let random: Vec<u8> = (0..=255).collect();
        let password = InitialPassword::from_random(&random, 10).unwrap();
        assert_eq!(password.expose().len(), 10);
        assert!(ALPHABET.iter().all(|sign| !b"0O1Il5Sso".contains(sign)));
        assert!(InitialPassword::from_random(&[255; 40], 10).is_none(), "unfair bytes are skipped");
    }

    #[test]
    fn a_reissued_right_forgets_the_old_password_and_the_old_way_to_it() {
        let now = time::macros::datetime!(2026-11-20 09:00 UTC);
        let (first, second) = (ApplicationId::new(now), ApplicationId::new(now + Duration::SECOND));
        let granted = Credential::grant(CredentialId::new(now), LibraryId::new(now), PatronId::new(now), first, now);
        let shown =
            Credential { state: CredentialState::Shown { hash: "$argon2id$".into(), shown_at: now }, ..granted };
        let again = shown.reissue(second, now + Duration::DAY);
        assert_eq!(again.state, CredentialState::Unseen);
        assert!(again.is_collected_through(second) && !again.is_collected_through(first));
        assert!(Credential { application_id: None, ..again }.is_collected_through(first));
    }

    #[test]
    fn only_an_initial_password_runs_out() {
        let shown_at = time::macros::datetime!(2026-11-20 09:00 UTC);
        let shown = CredentialState::Shown { hash: "$argon2id$".into(), shown_at };
        assert!(!shown.has_run_out(Some(30), shown_at + Duration::days(30) - Duration::SECOND));
        assert!(shown.has_run_out(Some(30), shown_at + Duration::days(30)));
        assert!(!shown.has_run_out(None, shown_at + Duration::days(3000)));
        let chosen = CredentialState::Chosen { hash: "$argon2id$".into(), shown_at, chosen_at: shown_at };
        assert!(!chosen.has_run_out(Some(1), shown_at + Duration::days(9)));
    }

    #[test]
    fn secrets_do_not_show_in_debug() {
        let password = InitialPassword::from_sealed("hunter22".into());
        assert!(!format!("{password:?}").contains("hunter"));
        assert!(!format!("{:?}", CollectionCode::from_random(7)).contains('2'));
    }
}
