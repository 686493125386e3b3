//! The way from the screen of a PC to a telephone: shown as a QR code, opened, matched by a number, signed.
//!
//! Whoever reads the QR code learns nothing before they have said which number stands beside it
//! on the screen; one wrong answer ends it. Each transition consumes the value, as those of an
//! application do; the store's guarded `UPDATE` decides between two who try at once.

use super::application::SIGNING_TIME;
use super::ids::{ApplicationId, HandoffId, LibraryId};
use super::procedure::UnknownName;
use std::fmt;
use std::str::FromStr;
use time::{Duration, OffsetDateTime};

/// How long a QR code can be used.
pub const HANDOFF_LIFE: Duration = Duration::minutes(10);

/// The number to match: two digits, the first not a nought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchNumber(u8);

/// Not a number of two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number of two digits")]
pub struct NotTwoDigits;

impl TryFrom<u8> for MatchNumber {
    type Error = NotTwoDigits;

    fn try_from(number: u8) -> Result<Self, NotTwoDigits> {
        if (10..100).contains(&number) { Ok(Self(number)) } else { Err(NotTwoDigits) }
    }
}

impl FromStr for MatchNumber {
    type Err = NotTwoDigits;

    fn from_str(text: &str) -> Result<Self, NotTwoDigits> {
        if text.len() != 2 {
            return Err(NotTwoDigits);
        }
        text.parse::<u8>().map_err(|_| NotTwoDigits)?.try_into()
    }
}

impl fmt::Display for MatchNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The three numbers that the telephone offers, and which of them the PC shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberMatch {
    choices: [MatchNumber; 3],
    right: MatchNumber,
}

impl NumberMatch {
    /// Three different numbers, in rising order so that their places tell nothing, one of them the right one.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        let mut rest = random;
        let mut draw = |sides: u64| {
            let drawn = rest % sides;
            rest /= sides;
            u8::try_from(drawn).unwrap_or_default()
        };
        // The second and third are drawn from what the earlier ones left over.
        let first = draw(90);
        let mut second = draw(89);
        second += u8::from(second >= first);
        let mut third = draw(88);
        for taken in [first.min(second), first.max(second)] {
            third += u8::from(third >= taken);
        }
        let mut numbers = [first, second, third].map(|number| MatchNumber(10 + number));
        numbers.sort_by_key(|number| number.0);
        Self { choices: numbers, right: numbers[usize::from(draw(3))] }
    }

    /// Takes the numbers back out of storage; `None` if they are not three, or the right one is not among them.
    #[must_use]
    pub fn from_stored(choices: &str, right: &str) -> Option<Self> {
        let numbers: Vec<MatchNumber> = choices.split(' ').filter_map(|number| number.parse().ok()).collect();
        let choices: [MatchNumber; 3] = numbers.try_into().ok()?;
        let right = right.parse().ok()?;
        choices.contains(&right).then_some(Self { choices, right })
    }

    /// What the telephone offers.
    #[must_use]
    pub const fn choices(&self) -> [MatchNumber; 3] {
        self.choices
    }

    /// What the PC shows (照合番号).
    #[must_use]
    pub const fn right(&self) -> MatchNumber {
        self.right
    }
}

/// Where a hand-off stands. `phone` is the SHA-256 of the telephone's own session token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoffState {
    /// The QR code stands on the screen.
    Shown,
    /// Somebody (or a program that previews links) has opened its address.
    Opened,
    /// A telephone has named the right number: from here on it is this one's alone.
    Matched {
        /// Whose.
        phone: [u8; 32],
    },
    /// The telephone has gone to the signing app.
    Signing {
        /// Whose.
        phone: [u8; 32],
    },
    /// Signed and submitted.
    Finished {
        /// Whose.
        phone: [u8; 32],
    },
    /// A wrong number was named.
    Mismatched,
    /// Another QR code took its place.
    Replaced,
}

impl HandoffState {
    /// The name in storage.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Opened => "opened",
            Self::Matched { .. } => "matched",
            Self::Signing { .. } => "signing",
            Self::Finished { .. } => "finished",
            Self::Mismatched => "mismatched",
            Self::Replaced => "replaced",
        }
    }

    /// The telephone that it belongs to by now.
    #[must_use]
    pub const fn phone(&self) -> Option<&[u8; 32]> {
        match self {
            Self::Matched { phone } | Self::Signing { phone } | Self::Finished { phone } => Some(phone),
            Self::Shown | Self::Opened | Self::Mismatched | Self::Replaced => None,
        }
    }

    /// Takes a state back out of storage.
    ///
    /// # Errors
    /// No such name, or a telephone where there can be none.
    pub fn from_stored(name: &str, phone: Option<[u8; 32]>) -> Result<Self, UnknownName> {
        match (name, phone) {
            ("shown", None) => Ok(Self::Shown),
            ("opened", None) => Ok(Self::Opened),
            ("matched", Some(phone)) => Ok(Self::Matched { phone }),
            ("signing", Some(phone)) => Ok(Self::Signing { phone }),
            ("finished", Some(phone)) => Ok(Self::Finished { phone }),
            ("mismatched", None) => Ok(Self::Mismatched),
            ("replaced", None) => Ok(Self::Replaced),
            _ => Err(UnknownName),
        }
    }
}

/// Why a hand-off cannot go on: it was used, has run out, was replaced, or is another telephone's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the hand-off cannot be used")]
pub struct HandoffVoid;

/// One way from one screen to one telephone, for one frozen version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// Internal identity; in addresses it opens nothing without the telephone's session.
    pub id: HandoffId,
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// The frozen version that may be signed by it, and no other.
    pub version: u32,
    /// SHA-256 of the token of the browser session on the PC.
    pub session_hash: [u8; 32],
    /// The numbers to match.
    pub numbers: NumberMatch,
    /// When the QR code was first shown.
    pub shown_at: OffsetDateTime,
    /// When it becomes void.
    pub expires_at: OffsetDateTime,
    /// Where it stands.
    pub state: HandoffState,
    /// What kept the telephone's last signature from being accepted, as the problem pages name it.
    pub problem: Option<String>,
}

impl Handoff {
    /// True while somebody can still begin or go on with it.
    #[must_use]
    pub fn is_living(&self, now: OffsetDateTime) -> bool {
        let may_go_on = match self.state {
            HandoffState::Shown
            | HandoffState::Opened
            | HandoffState::Matched { .. }
            | HandoffState::Signing { .. } => true,
            HandoffState::Finished { .. } | HandoffState::Mismatched | HandoffState::Replaced => false,
        };
        may_go_on && self.expires_at > now
    }

    /// Notes that its address was opened. Nothing is used up by that: programs that preview links do it, too.
    ///
    /// # Errors
    /// Void.
    pub fn open(self, now: OffsetDateTime) -> Result<Self, HandoffVoid> {
        match self.state {
            HandoffState::Shown | HandoffState::Opened if self.is_living(now) => {
                Ok(Self { state: HandoffState::Opened, ..self })
            }
            _ => Err(HandoffVoid),
        }
    }

    /// Takes the one answer to which number the PC shows: the right one makes it `phone`'s, any other ends it.
    ///
    /// # Errors
    /// Void.
    pub fn answer(self, number: MatchNumber, phone: [u8; 32], now: OffsetDateTime) -> Result<Self, HandoffVoid> {
        match self.state {
            HandoffState::Shown | HandoffState::Opened if self.is_living(now) => {
                let is_right = number == self.numbers.right();
                let state = if is_right { HandoffState::Matched { phone } } else { HandoffState::Mismatched };
                Ok(Self { state, ..self })
            }
            _ => Err(HandoffVoid),
        }
    }

    /// Goes to the signing app, or goes there once more; from now on the app's own time counts.
    ///
    /// # Errors
    /// Void, or another telephone's.
    pub fn begin(self, phone: &[u8; 32], now: OffsetDateTime) -> Result<Self, HandoffVoid> {
        match self.state {
            HandoffState::Matched { phone: matched } | HandoffState::Signing { phone: matched }
                if matched == *phone && self.is_living(now) =>
            {
                let state = HandoffState::Signing { phone: matched };
                Ok(Self { state, expires_at: now + SIGNING_TIME, problem: None, ..self })
            }
            _ => Err(HandoffVoid),
        }
    }

    /// The signature was accepted.
    ///
    /// # Errors
    /// Void: the PC has shown another QR code meanwhile.
    pub fn finish(self) -> Result<Self, HandoffVoid> {
        match self.state {
            HandoffState::Signing { phone } => {
                Ok(Self { state: HandoffState::Finished { phone }, problem: None, ..self })
            }
            _ => Err(HandoffVoid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 01:00 UTC);
    const PHONE: [u8; 32] = [5; 32];

    fn shown() -> Handoff {
        Handoff {
            id: HandoffId::new(NOW),
            library_id: LibraryId::new(NOW),
            application_id: ApplicationId::new(NOW),
            version: 1,
            session_hash: [9; 32],
            numbers: NumberMatch::from_stored("12 47 83", "47").unwrap(),
            shown_at: NOW,
            expires_at: NOW + HANDOFF_LIFE,
            state: HandoffState::Shown,
            problem: None,
        }
    }

    fn number(text: &str) -> MatchNumber {
        text.parse().unwrap()
    }

    fn matched() -> Handoff {
        shown().open(NOW).unwrap().answer(number("47"), PHONE, NOW).unwrap()
    }

    proptest! {
        #[test]
        fn three_different_numbers_are_offered_and_one_is_right(random: u64) {
            let numbers = NumberMatch::from_random(random);
            let [a, b, c] = numbers.choices();
            prop_assert!(a.0 < b.0 && b.0 < c.0 && a.0 >= 10 && c.0 < 100);
            prop_assert!(numbers.choices().contains(&numbers.right()));
            let stored = format!("{a} {b} {c}");
            prop_assert_eq!(NumberMatch::from_stored(&stored, &numbers.right().to_string()), Some(numbers));
        }
    }

    #[test]
    fn every_place_is_the_right_one_about_as_often() {
        let mut places = [0; 3];
        for random in 0..3000_u64 {
            let numbers = NumberMatch::from_random(random.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let place = numbers.choices().iter().position(|number| *number == numbers.right()).unwrap();
            places[place] += 1;
        }
        assert!(places.iter().all(|count| (850..1150).contains(count)), "{places:?}");
    }

    #[test]
    fn numbers_have_two_digits() {
        for text in ["", "7", "07", "100", "4x", "+4", "４７"] {
            assert_eq!(text.parse::<MatchNumber>(), Err(NotTwoDigits), "{text}");
        }
        assert_eq!(NumberMatch::from_stored("12 47", "47"), None);
        assert_eq!(NumberMatch::from_stored("12 47 83", "48"), None);
    }

    #[test]
    fn the_way_leads_through_the_number_to_the_signature() {
        assert_eq!(matched().state, HandoffState::Matched { phone: PHONE });
        let later = NOW + Duration::minutes(9);
        let signing = matched().begin(&PHONE, later).unwrap();
        assert_eq!(signing.expires_at, later + SIGNING_TIME, "the app has its own time");
        let again = signing.begin(&PHONE, later + Duration::minutes(29)).unwrap();
        assert_eq!(again.finish().unwrap().state, HandoffState::Finished { phone: PHONE });
    }

    #[test]
    fn one_wrong_number_ends_it() {
        let wrong = shown().answer(number("12"), PHONE, NOW).unwrap();
        assert_eq!(wrong.state, HandoffState::Mismatched);
        assert_eq!(wrong.clone().answer(number("47"), PHONE, NOW), Err(HandoffVoid));
        assert_eq!(wrong.begin(&PHONE, NOW), Err(HandoffVoid));
    }

    #[test]
    fn it_is_one_telephones_and_matched_once() {
        assert_eq!(matched().begin(&[6; 32], NOW), Err(HandoffVoid));
        assert_eq!(matched().answer(number("47"), [6; 32], NOW), Err(HandoffVoid));
        assert_eq!(shown().begin(&PHONE, NOW), Err(HandoffVoid), "never before the number");
        assert_eq!(matched().open(NOW), Err(HandoffVoid));
    }

    #[test]
    fn after_ten_minutes_it_is_void() {
        let end = NOW + HANDOFF_LIFE;
        assert!(shown().is_living(end - Duration::SECOND) && !shown().is_living(end));
        assert_eq!(shown().open(end), Err(HandoffVoid));
        assert_eq!(shown().answer(number("47"), PHONE, end), Err(HandoffVoid));
        assert_eq!(matched().begin(&PHONE, end), Err(HandoffVoid));
    }

    #[test]
    fn nothing_comes_of_a_signature_after_another_code_was_shown() {
        let replaced = Handoff { state: HandoffState::Replaced, ..matched() };
        assert_eq!(replaced.finish(), Err(HandoffVoid));
        assert_eq!(matched().finish(), Err(HandoffVoid), "nor before the app was asked");
    }

    #[test]
    fn every_state_comes_back_from_storage() {
        let phone = PHONE;
        for state in [
            HandoffState::Shown,
            HandoffState::Opened,
            HandoffState::Matched { phone },
            HandoffState::Signing { phone },
            HandoffState::Finished { phone },
            HandoffState::Mismatched,
            HandoffState::Replaced,
        ] {
            assert_eq!(HandoffState::from_stored(state.name(), state.phone().copied()), Ok(state));
        }
        assert!(HandoffState::from_stored("matched", None).is_err());
        assert!(HandoffState::from_stored("shown", Some(phone)).is_err());
    }
}
