//! Children and their guardians (保護者), and people whom others stand in for.

use super::{Ineligible, LibraryRules, LibraryText, RelationCode};
use serde::{Deserialize, Serialize};

/// What a guardian does for a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardianRules {
    /// Below this age a guardian applies and signs for the child; 0 if never.
    pub signs_below_age: u32,
    /// Below this age, and from the former on, the child applies and a guardian signs as well; 0 if never.
    pub cosigns_below_age: u32,
    /// For how many children one application may be.
    pub children_at_once: u32,
    /// Within how many days the guardian signs as well.
    pub cosign_days: u32,
    /// How many days before the end of that time the guardian is reminded, the longest first.
    pub reminder_days: Vec<u16>,
    /// Who can be a guardian, in the order in which they are offered.
    pub relations: Vec<Relation>,
}

impl Default for GuardianRules {
    fn default() -> Self {
        Self {
            signs_below_age: 0,
            cosigns_below_age: 0,
            children_at_once: 1,
            cosign_days: 14,
            reminder_days: vec![7, 3, 1],
            relations: Vec::new(),
        }
    }
}

/// How a guardian is related to the child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// Its code.
    pub code: RelationCode,
    /// What the form calls it.
    pub label: LibraryText,
}

/// The part of a guardian in an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardianPart {
    /// None: the applicant acts alone.
    None,
    /// The applicant signs, then a guardian.
    CoSigns,
    /// A guardian applies and signs for the child.
    Signs,
}

/// Whether somebody else may apply for an adult.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum ProxyRules {
    /// Never.
    #[default]
    Never,
    /// Only guardians for children.
    GuardianOnly,
    /// With a letter of attorney (委任状), at the counter.
    WithLetter {
        /// For whom, such as people who cannot come because of an illness; empty means for anybody.
        #[serde(default)]
        only_for: Vec<LibraryText>,
    },
}

/// The way of people who cannot sign: they moved, are under 15, or have no card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UnsignedRules {
    /// True if pictures of documents may be sent instead.
    pub upload: bool,
    /// True if the form may end in a slip with which one comes to the counter.
    pub visit_slip: bool,
    /// For how many days a slip can be used.
    pub visit_slip_days: u32,
}

impl Default for UnsignedRules {
    fn default() -> Self {
        Self { upload: false, visit_slip: true, visit_slip_days: 30 }
    }
}

/// Who may link a My Number card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CardLinkRules {
    /// The age from which a My Number card is linked; below it only the library's own number is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_age: Option<u32>,
    /// How many days before a certificate ends its holder is asked to link the next one, the longest first.
    pub reminder_days: Vec<u16>,
}

impl LibraryRules {
    /// The part that a guardian has in the application of somebody of this age.
    #[must_use]
    pub fn guardian_part(&self, age: u32) -> GuardianPart {
        if age < self.guardian.signs_below_age {
            GuardianPart::Signs
        } else if age < self.guardian.cosigns_below_age {
            GuardianPart::CoSigns
        } else {
            GuardianPart::None
        }
    }

    /// Tells whether a My Number card is linked at this age.
    ///
    /// # Errors
    /// [`Ineligible::TooYoung`] with the age from which it is.
    pub fn eligible_to_link(&self, age: u32) -> Result<(), Ineligible> {
        match self.card_link.minimum_age {
            Some(minimum) if age < minimum => Err(Ineligible::TooYoung { minimum }),
            _ => Ok(()),
        }
    }
}
