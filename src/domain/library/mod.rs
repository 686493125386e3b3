//! A library and its rules, which stand in one TOML file per library.

mod category;
mod compare;
mod evidence;
mod guardian;
mod holidays;
mod notice_words;
mod open_days;
mod parse;
mod reissue;
mod renewal;
mod shown_proof;
mod span;
mod terms;
mod validity;
mod ways;

pub use category::{Category, Ineligible};
pub use compare::{Difference, RuledCard, RuledPerson};
pub use evidence::{DayFault, Demand, EvidenceDemand, EvidenceKind, EvidenceValidity, Forbidden, Proof, Signing};
pub use guardian::{CardLinkRules, GuardianPart, GuardianRules, ProxyRules, Relation, UnsignedRules};
pub use holidays::{Holiday, holiday};
pub use notice_words::{NoticeKind, NoticeWords};
pub use open_days::{ClosedBecause, InvalidCalendar, OpenDays};
pub use parse::{InvalidRules, RuleFault};
pub use reissue::{CardDates, FoundAgain, NumberAfter, ReissueReason, ReissueRules, ReissueTerms};
pub use renewal::{AfterExpiry, EvidenceAgain, PatronService, RenewalRules, RenewalWindow, TermFrom};
pub(super) use shown_proof::Renewed;
pub use shown_proof::{PlannedExpiry, ProofEnd, ProvedBefore, ShownProof};
pub use span::{DayOfYear, InvalidDayOfYear, Reach, Span};
pub use terms::{
    BlockKind, Circumstance, CorrectionRules, FourEyes, PlasticCardRules, PlasticCards, ProcedureTerms, RetentionRules,
    SecondBecause, UnreadRules,
};
pub use validity::Validity;
pub use ways::{AgeBand, Way, WaysOfTheYoung};

pub use super::code::{
    BlockCode, BranchCode, CategoryCode, ConsentId, EvidenceCode, InvalidCode, LibrarySlug, ProfileName, RelationCode,
};

pub use super::library_text::LibraryText;

use super::card_number::NumberSeries;
use super::exchange::{ExchangeRules, KnownCodes};
use super::ids::LibraryId;
use super::person::{BirthDate, EmailAddress};
use super::procedure::Procedure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::Date;

/// A library: the tenant that owns every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// Internal identity.
    pub id: LibraryId,
    /// Counts the changes of the rules; applications keep the version that they began with.
    pub rules_version: u32,
    /// The rules of this version.
    pub rules: LibraryRules,
}

/// Everything in which libraries differ. Read with [`LibraryRules::parse`], which also checks that the parts fit together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryRules {
    /// The short name in the portal's addresses: lower-case letters, digits, hyphens.
    pub slug: String,
    /// The library's name.
    pub name: LibraryText,
    /// The town that keeps it, with its prefecture, such as `兵庫県姫路市`.
    pub municipality: LibraryText,
    /// Who speaks in notices: the library's head, with title.
    pub issuer: LibraryText,
    /// The branch that reviews applications and answers questions about them.
    pub head_branch: BranchCode,
    /// The age from which one may apply online, in full years (see [`BirthDate::age_on`]).
    pub minimum_age: u32,
    /// In how many open days the library means to answer.
    pub promised_open_days: u32,
    /// After how many days an untouched draft is erased.
    #[serde(default = "seven")]
    pub draft_days: u32,
    /// What can be done online.
    pub procedures: Vec<Procedure>,
    /// What is particular to single procedures.
    #[serde(default)]
    pub procedure: BTreeMap<Procedure, ProcedureTerms>,
    /// When a second person has to approve.
    #[serde(default)]
    pub four_eyes: FourEyes,
    /// Longer validity.
    #[serde(default)]
    pub renewal: RenewalRules,
    /// What becomes of cards that are not renewed.
    #[serde(default)]
    pub after_expiry: AfterExpiry,
    /// A card in place of another.
    #[serde(default)]
    pub reissue: ReissueRules,
    /// Linked My Number cards.
    #[serde(default)]
    pub card_link: CardLinkRules,
    /// Plastic cards.
    #[serde(default)]
    pub plastic_card: PlasticCardRules,
    /// Children.
    #[serde(default)]
    pub guardian: GuardianRules,
    /// People who cannot sign.
    #[serde(default)]
    pub unsigned: UnsignedRules,
    /// People for whom others apply.
    #[serde(default)]
    pub proxy: ProxyRules,
    /// Corrections, holds and reopening.
    #[serde(default)]
    pub correction: CorrectionRules,
    /// What the library itself says in its notices.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notice: BTreeMap<NoticeKind, NoticeWords>,
    /// Notices that nobody opens.
    #[serde(default)]
    pub unread: UnreadRules,
    /// How long what is over is kept.
    #[serde(default)]
    pub retention: RetentionRules,
    /// When a card expires, unless its category says otherwise.
    pub validity: Validity,
    /// Where people turn to.
    pub contact: Contact,
    /// In whose name mails are sent.
    pub mail: MailSender,
    /// When the library is open.
    #[serde(default)]
    pub open_days: OpenDays,
    /// How card numbers are made.
    pub number_series: NumberSeries,
    /// How the reservation password is handed out.
    pub password: PasswordRules,
    /// Branches, in the order in which they are offered.
    pub branches: Vec<Branch>,
    /// Reasons for which one may use the library, in the order in which they are offered.
    pub categories: Vec<Category>,
    /// What everybody has to prove, whatever the category.
    #[serde(default)]
    pub evidence_asked: Vec<EvidenceDemand>,
    /// Documents that are accepted, in the order in which they are offered.
    #[serde(default)]
    pub evidence: Vec<EvidenceKind>,
    /// Reasons for which staff stop procedures of a patron.
    #[serde(default)]
    pub blocks: Vec<BlockKind>,
    /// Texts to which every applicant agrees.
    pub consents: Vec<Consent>,
    /// How files are exchanged with the library system.
    #[serde(default)]
    pub exchange: ExchangeRules,
}

const fn seven() -> u32 {
    7
}

/// Where people turn to with questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Telephone number, as it is printed.
    pub telephone: String,
    /// Opening hours, in words.
    pub hours: LibraryText,
    /// Postal address, in one line.
    pub address: LibraryText,
}

/// The sender of the library's mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSender {
    /// Address.
    pub address: EmailAddress,
    /// Name shown beside it.
    pub name: LibraryText,
}

/// How the reservation password (予約用パスワード) is handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordRules {
    /// Signs of an initial password, 8 to 32.
    pub length: usize,
    /// For how many days after the decision it can be looked at.
    pub viewable_days: u32,
    /// For how many days an initial password opens anything unless it is changed. `None`: until it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub initial_days: Option<u32>,
    /// The fewest signs of a password that patrons choose themselves.
    #[serde(default = "eight")]
    pub minimum_length: usize,
    /// True if what everybody tries first cannot be chosen.
    #[serde(default = "yes")]
    pub refuse_common: bool,
    /// Whether the My Number card has to be shown to see an initial password.
    #[serde(default)]
    pub card_sign_in: CardSignIn,
    /// How often a password may be reissued. `None`: as often as one asks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reissue_limit: Option<ReissueLimit>,
}

const fn eight() -> usize {
    8
}

const fn yes() -> bool {
    true
}

/// Whether whoever signed with a My Number card shows it again to see the initial password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardSignIn {
    /// They have to: the collection code does not open it. Whoever signed with no card uses the code.
    Required,
    /// They may, or type the collection code.
    #[default]
    Offered,
}

/// So many reissued passwords within so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReissueLimit {
    /// How many.
    pub times: u32,
    /// Within how many days.
    pub days: u32,
}

/// A branch of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// Its code.
    pub code: BranchCode,
    /// Its name.
    pub name: LibraryText,
    /// When it is open, if not as the library.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub open_days: Option<OpenDays>,
}

/// A text to which the applicant agrees. The Japanese is signed as it was read, whatever stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Which text.
    pub id: ConsentId,
    /// Counts its changes, from 1.
    pub version: u32,
    /// Heading.
    pub title: LibraryText,
    /// The text itself; blank lines part paragraphs.
    pub text: LibraryText,
}

impl Consent {
    /// What an applicant's answer names.
    #[must_use]
    pub fn version(&self) -> ConsentVersion {
        ConsentVersion { id: self.id.clone(), version: self.version }
    }
}

/// A consent given: which text, in which version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentVersion {
    /// Which text.
    pub id: ConsentId,
    /// The version that was on the page.
    pub version: u32,
}

impl LibraryRules {
    /// The category with this code.
    #[must_use]
    pub fn category(&self, code: &CategoryCode) -> Option<&Category> {
        self.categories.iter().find(|category| category.code == *code)
    }

    /// The branch with this code.
    #[must_use]
    pub fn branch(&self, code: &BranchCode) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.code == *code)
    }

    /// What files of the library system name by codes and numbers.
    #[must_use]
    pub fn known_codes(&self) -> KnownCodes<'_> {
        KnownCodes {
            series: &self.number_series,
            categories: self.categories.iter().map(|category| &category.code).collect(),
            branches: self.branches.iter().map(|branch| &branch.code).collect(),
        }
    }

    /// The age from which people of `category` may apply online.
    #[must_use]
    pub fn minimum_age_in(&self, category: &Category) -> u32 {
        category.minimum_age.unwrap_or(self.minimum_age)
    }

    /// Tells whether a person born on `birth` has the age to apply online on `today`.
    ///
    /// # Errors
    /// [`Ineligible::TooYoung`] or [`Ineligible::TooOld`] with the age that is needed.
    pub fn eligible_age(&self, category: &Category, birth: BirthDate, today: Date) -> Result<(), Ineligible> {
        let age = birth.age_on(today);
        let minimum = self.minimum_age_in(category).max(category.lowest_age);
        match category.maximum_age {
            _ if age < minimum => Err(Ineligible::TooYoung { minimum }),
            Some(maximum) if age > maximum => Err(Ineligible::TooOld { maximum }),
            _ => Ok(()),
        }
    }

    /// How many items may be borrowed, with or without a linked My Number card.
    #[must_use]
    pub fn loan_limit(&self, category: &Category, linked: bool) -> u32 {
        category.loan_limit_linked.filter(|_| linked).unwrap_or(category.loan_limit)
    }

    /// When a branch is open.
    #[must_use]
    pub fn open_days_of(&self, branch: &BranchCode) -> &OpenDays {
        self.branch(branch).and_then(|branch| branch.open_days.as_ref()).unwrap_or(&self.open_days)
    }

    /// The last day on which a card issued on `issued_on` may be used.
    #[must_use]
    pub fn expiry_for(&self, category: &Category, birth: BirthDate, issued_on: Date) -> Date {
        category.validity.as_ref().unwrap_or(&self.validity).expiry(birth.date(), issued_on)
    }
}

#[cfg(test)]
mod tests;
