//! A guardian (保護者) who signs beside a young applicant: who was named, how they are asked, and whether a card may sign.
//!
//! The applicant signs first; the guardian then signs the same bytes. Whoever holds the token of an invitation learns
//! nothing personal before they have typed the code that stands on the applicant's screen: a mail may go astray. That
//! the signer is really the guardian no certificate says: that remains for a person to judge.

use super::answers::{Answers, DraftAnswers};
use super::guardianship::{AGE_OF_MAJORITY, Cosigner};
use super::ids::{ApplicationId, CosignInvitationId, LibraryId};
use super::library::LibraryRules;
use super::likeness::{Comparison, compare_declared_name, is_holder};
use super::person::BirthDate;
use super::procedure::UnknownName;
use crate::jpki::{CertifiedBirth, Holder};
use std::str::FromStr;
use time::{Date, Duration, Month, OffsetDateTime};

/// Below this age a My Number card holds no certificate for signing (公的個人認証法施行規則).
pub const SIGNING_AGE: u32 = 15;
/// How long the guardian's browser may go on once the code was typed.
pub const COSIGNING_SESSION: Duration = Duration::hours(1);
/// After so many wrong codes an invitation is closed: forty bits are not to be tried.
pub const MOST_TRIES: u32 = 10;

/// Who signs an application beside its applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CosignerNeed {
    /// Nobody.
    None,
    /// A guardian, online.
    Guardian,
    /// A guardian, and the applicant has no certificate to sign with yet.
    TooYoung,
}

impl DraftAnswers {
    /// Who has to sign beside the applicant.
    #[must_use]
    pub fn cosigner_need(&self, rules: &LibraryRules, today: Date) -> CosignerNeed {
        if !self.needs_cosigner(rules, today) {
            return CosignerNeed::None;
        }
        match self.birth {
            Some(birth) if birth.age_on(today) < SIGNING_AGE => CosignerNeed::TooYoung,
            _ => CosignerNeed::Guardian,
        }
    }
}

/// Why an invitation has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationEnd {
    /// The guardian has signed.
    Cosigned,
    /// The guardian does not agree.
    Declined,
    /// Whoever got the mail is not the guardian.
    WrongAddress,
    /// The applicant has had another one sent.
    Replaced,
    /// Too many wrong codes.
    Locked,
    /// The application was taken back, changed, or has run out.
    Closed,
}

impl InvitationEnd {
    const ALL: [Self; 6] =
        [Self::Cosigned, Self::Declined, Self::WrongAddress, Self::Replaced, Self::Locked, Self::Closed];

    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cosigned => "cosigned",
            Self::Declined => "declined",
            Self::WrongAddress => "wrong_address",
            Self::Replaced => "replaced",
            Self::Locked => "locked",
            Self::Closed => "closed",
        }
    }
}

impl FromStr for InvitationEnd {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|end| end.as_str() == name).ok_or(UnknownName)
    }
}

/// The guardian's browser, once the code was typed in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CosigningSession {
    /// SHA-256 of its token.
    pub hash: [u8; 32],
    /// Until when it may go on.
    pub until: OffsetDateTime,
}

/// One mail to one guardian, for one signed version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Internal identity; in addresses it opens nothing without the guardian's session.
    pub id: CosignInvitationId,
    /// The library of the application.
    pub library_id: LibraryId,
    /// The application.
    pub application_id: ApplicationId,
    /// The version that the applicant has signed, and no other.
    pub version: u32,
    /// When it was made.
    pub asked_at: OffsetDateTime,
    /// How often a wrong code was typed.
    pub tries: u32,
    /// The browser that goes on with it.
    pub session: Option<CosigningSession>,
    /// How and when it ended.
    pub ended: Option<(InvitationEnd, OffsetDateTime)>,
}

/// Why an invitation cannot go on: it has ended, or is another browser's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the invitation cannot be used")]
pub struct InvitationVoid;

impl Invitation {
    /// True while the guardian can still sign by it.
    #[must_use]
    pub const fn is_living(&self) -> bool {
        self.ended.is_none()
    }

    /// Takes one typed code. A right one makes it that browser's; a wrong one counts, and one too many ends it.
    ///
    /// # Errors
    /// Void.
    pub fn answer(self, is_right: bool, session: [u8; 32], now: OffsetDateTime) -> Result<Self, InvitationVoid> {
        if !self.is_living() {
            return Err(InvitationVoid);
        }
        if is_right {
            let session = CosigningSession { hash: session, until: now + COSIGNING_SESSION };
            return Ok(Self { session: Some(session), ..self });
        }
        let tries = self.tries + 1;
        let ended = (tries >= MOST_TRIES).then_some((InvitationEnd::Locked, now));
        Ok(Self { tries, ended, ..self })
    }

    /// Ends it.
    ///
    /// # Errors
    /// Void already.
    pub fn end(self, end: InvitationEnd, now: OffsetDateTime) -> Result<Self, InvitationVoid> {
        if !self.is_living() {
            return Err(InvitationVoid);
        }
        Ok(Self { ended: Some((end, now)), ..self })
    }

    /// True of the browser in which the code was typed, for as long as that counts.
    #[must_use]
    pub fn is_of(&self, session: &[u8; 32], now: OffsetDateTime) -> bool {
        self.session.is_some_and(|own| own.hash == *session && own.until > now)
    }
}

/// Why a good signature of somebody's is not that of the guardian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is the applicant's own card.
    #[error("the applicant's own card")]
    Applicant,
    /// The certificate bears another name than the applicant wrote.
    #[error("another name than was declared")]
    OtherName,
    /// The holder is not of age.
    #[error("not of age")]
    Minor,
    /// The certificate does not say when the holder was born.
    #[error("the age is unknown")]
    AgeUnknown,
}

/// Compares the guardian's certificate with what the applicant wrote.
///
/// # Errors
/// Why it may not sign.
pub fn fits(cosigner: &Cosigner, applicant: &Answers, holder: &Holder, today: Date) -> Result<Comparison, Unfit> {
    if is_holder(&applicant.name, applicant.birth, holder) {
        return Err(Unfit::Applicant);
    }
    let comparison = compare_declared_name(&cosigner.name, holder);
    if comparison.is_another_person() {
        return Err(Unfit::OtherName);
    }
    let born = holder.birth.and_then(born_at_latest).ok_or(Unfit::AgeUnknown)?;
    if born.age_on(today) < AGE_OF_MAJORITY {
        return Err(Unfit::Minor);
    }
    Ok(comparison)
}

/// The last day on which somebody may have been born: what is unknown must not make anybody older.
fn born_at_latest(birth: CertifiedBirth) -> Option<BirthDate> {
    let year = i32::from(birth.year?);
    let month = Month::try_from(birth.month.unwrap_or(12)).ok()?;
    let day = birth.day.unwrap_or_else(|| month.length(year));
    format!("{year:04}-{:02}-{day:02}", u8::from(month)).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answers::Delivery;
    use crate::domain::person::{PostalAddress, TypedAddress};
    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-20 01:00 UTC);
    const TODAY: Date = date!(2026 - 11 - 20);

    fn invitation() -> Invitation {
        Invitation {
            id: CosignInvitationId::new(NOW),
            library_id: LibraryId::new(NOW),
            application_id: ApplicationId::new(NOW),
            version: 1,
            asked_at: NOW,
            tries: 0,
            session: None,
            ended: None,
        }
    }

    fn applicant() -> Answers {
        let address =
            TypedAddress {
                postcode: "670-0012", prefecture: "28", municipality: "姫路市", line1: "本町68", line2: ""
            };
        Answers {
            category: "resident".parse().unwrap(),
            email: Some("minato@example.jp".parse().unwrap()),
            name: "潮見　湊".parse().unwrap(),
            kana: "シオミ　ミナト".parse().unwrap(),
            birth: "2010-04-01".parse().unwrap(),
            address: PostalAddress::parse(address).unwrap(),
            phone: None,
            branch: "jonai".parse().unwrap(),
            delivery: Delivery::Electronic,
            plastic_card: false,
            attachments: Vec::new(),
            guardianship: None,
            by_guardian: None,
        }
    }

    fn judged(name: &str, birth: &str) -> Result<(), Unfit> {
        let cosigner = Cosigner {
            name: "潮見　汐里".parse().unwrap(),
            relation: "guardian".parse().unwrap(),
            email: "shiori@example.jp".parse().unwrap(),
        };
        let holder = Holder {
            name: name.to_owned(),
            name_substitutes: Vec::new(),
            birth: Some(CertifiedBirth::parse(birth).unwrap()),
            address: None,
            address_substitutes: Vec::new(),
        };
        fits(&cosigner, &applicant(), &holder, TODAY).map(|_| ())
    }

    #[test]
    fn a_guardian_is_an_adult_of_the_declared_name_and_somebody_else() {
        assert_eq!(judged("潮見　汐里", "319820514"), Ok(()));
        assert_eq!(judged("潮見　湊", "420100401"), Err(Unfit::Applicant));
        assert_eq!(judged("試験　太郎", "319750320"), Err(Unfit::OtherName));
        assert_eq!(judged("潮見　汐里", "420081122"), Err(Unfit::Minor), "eighteen tomorrow");
        assert_eq!(judged("潮見　汐里", "420081121"), Ok(()), "eighteen on the eve of the birthday");
    }

    #[test]
    fn what_a_certificate_does_not_say_makes_nobody_older() {
        assert_eq!(judged("潮見　汐里", "000000000"), Err(Unfit::AgeUnknown));
        assert_eq!(judged("潮見　汐里", "420080000"), Err(Unfit::Minor), "perhaps in December");
        assert_eq!(judged("潮見　汐里", "420070000"), Ok(()));
    }

    #[test]
    fn one_wrong_code_too_many_ends_it() {
        let mut tried = invitation();
        for _ in 1..MOST_TRIES {
            tried = tried.answer(false, [1; 32], NOW).unwrap();
            assert!(tried.is_living());
        }
        assert!(tried.clone().answer(true, [1; 32], NOW).unwrap().is_of(&[1; 32], NOW), "the last try may be right");
        let ended = tried.answer(false, [1; 32], NOW).unwrap();
        assert_eq!(ended.ended, Some((InvitationEnd::Locked, NOW)));
        assert_eq!(ended.answer(true, [1; 32], NOW), Err(InvitationVoid));
    }

    #[test]
    fn it_is_one_browsers_for_an_hour() {
        let confirmed = invitation().answer(true, [1; 32], NOW).unwrap();
        assert!(confirmed.is_of(&[1; 32], NOW) && !confirmed.is_of(&[2; 32], NOW));
        assert!(!confirmed.is_of(&[1; 32], NOW + COSIGNING_SESSION));
        let again = confirmed.answer(true, [2; 32], NOW).unwrap();
        assert!(again.is_of(&[2; 32], NOW) && !again.is_of(&[1; 32], NOW), "the telephone, after the PC");
    }

    #[test]
    fn it_ends_once() {
        let ended = invitation().end(InvitationEnd::Declined, NOW).unwrap();
        assert_eq!(ended.end(InvitationEnd::Cosigned, NOW), Err(InvitationVoid));
        for end in InvitationEnd::ALL {
            assert_eq!(end.as_str().parse(), Ok(end));
        }
    }

    #[test]
    fn under_fifteen_nobody_has_a_certificate_to_sign_with() {
        let rules = LibraryRules::parse(include_str!("../../deploy/libraries/shiomi.toml")).unwrap();
        let need = |birth: &str| {
            let answers = DraftAnswers { birth: Some(birth.parse().unwrap()), ..DraftAnswers::default() };
            answers.cosigner_need(&rules, TODAY)
        };
        assert_eq!(need("2010-04-01"), CosignerNeed::Guardian);
        assert_eq!(need("2011-11-21"), CosignerNeed::Guardian, "fifteen on the eve of the birthday");
        assert_eq!(need("2011-11-22"), CosignerNeed::TooYoung);
        assert_eq!(need("2008-11-20"), CosignerNeed::None);
    }
}
