//! Reading the rules, and checking that their parts fit together before the first applicant finds out.

mod evidence;
mod exchange;
mod fault;
mod terms;

pub use fault::RuleFault;

use super::{InvalidCalendar, LibraryRules, LibraryText, OpenDays};
use crate::domain::code::is_code;
use std::fmt;
use toml::de::{DeTable, DeValue};

/// What addresses of the portal itself begin with.
const RESERVED_SLUGS: [&str; 6] = ["g", "health", "readings", "s", "signing", "static"];

/// The rules cannot be used; prints as `line 12: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRules {
    /// The line of the file, from 1, if the fault has one.
    pub line: Option<usize>,
    /// What is wrong.
    pub fault: RuleFault,
}

impl fmt::Display for InvalidRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.fault),
            None => self.fault.fmt(f),
        }
    }
}

impl std::error::Error for InvalidRules {}

impl LibraryRules {
    /// Reads the rules of one library and checks them.
    ///
    /// # Errors
    /// The first fault and its line.
    pub fn parse(text: &str) -> Result<Self, InvalidRules> {
        let rules: Self = toml::from_str(text).map_err(|error| InvalidRules {
            line: error.span().map(|span| line_of(text, span.start)),
            fault: RuleFault::Unreadable(error.message().to_owned()),
        })?;
        match rules.first_fault() {
            None => Ok(rules),
            Some((path, fault)) => Err(InvalidRules { line: find_line(text, &path), fault }),
        }
    }

    /// The first fault, with the way to it through the file's tables.
    fn first_fault(&self) -> Option<(Vec<Step>, RuleFault)> {
        self.fault_of_head()
            .or_else(|| self.fault_of_branches())
            .or_else(|| self.fault_of_categories())
            .or_else(|| self.fault_of_consents())
            .or_else(|| self.fault_of_notices())
            .or_else(|| self.fault_of_terms())
            .or_else(|| self.fault_of_people())
            .or_else(|| self.fault_of_evidence())
            .or_else(|| self.fault_of_exchange())
    }

    fn fault_of_head(&self) -> Option<(Vec<Step>, RuleFault)> {
        let texts = [
            ("name", self.name.as_str()),
            ("municipality", self.municipality.as_str()),
            ("issuer", self.issuer.as_str()),
            ("telephone", self.contact.telephone.as_str()),
            ("hours", self.contact.hours.as_str()),
            ("address", self.contact.address.as_str()),
        ];
        if !is_code(&self.slug) {
            return Some((way(["slug"]), RuleFault::Slug));
        }
        if RESERVED_SLUGS.contains(&self.slug.as_str()) {
            return Some((way(["slug"]), RuleFault::ReservedSlug));
        }
        for (index, (field, text)) in texts.into_iter().enumerate() {
            if text.trim().is_empty() {
                let path = if index < 3 { way([field]) } else { way(["contact", field]) };
                return Some((path, RuleFault::EmptyText(field)));
            }
        }
        if self.mail.name.is_blank() {
            return Some((way(["mail", "name"]), RuleFault::EmptyText("name")));
        }
        for (field, days) in [("draft_days", self.draft_days), ("promised_open_days", self.promised_open_days)] {
            if days == 0 {
                return Some((way([field]), RuleFault::NoDays(field)));
            }
        }
        if self.procedures.is_empty() {
            return Some((way(["procedures"]), RuleFault::EmptyList("procedures")));
        }
        if !self.validity.is_sound() {
            return Some((way(["validity"]), RuleFault::Validity));
        }
        if let Some(fault) = calendar_fault(way(["open_days"]), &self.open_days) {
            return Some(fault);
        }
        if let Err(fault) = self.number_series.check_soundness() {
            return Some((way(["number_series"]), fault.into()));
        }
        if !(8..=32).contains(&self.password.length) {
            return Some((way(["password", "length"]), RuleFault::PasswordLength));
        }
        if !(8..=32).contains(&self.password.minimum_length) {
            return Some((way(["password", "minimum_length"]), RuleFault::PasswordLength));
        }
        if self.password.viewable_days == 0 {
            return Some((way(["password", "viewable_days"]), RuleFault::NoDays("viewable_days")));
        }
        None
    }

    fn fault_of_branches(&self) -> Option<(Vec<Step>, RuleFault)> {
        if self.branches.is_empty() {
            return Some((way(["branches"]), RuleFault::EmptyList("branches")));
        }
        for (index, branch) in self.branches.iter().enumerate() {
            if branch.name.is_blank() {
                return Some((entry("branches", index, "name"), RuleFault::EmptyText("name")));
            }
            if self.branches[..index].iter().any(|earlier| earlier.code == branch.code) {
                return Some((entry("branches", index, "code"), RuleFault::RepeatedBranch(branch.code.clone())));
            }
            let calendar = branch.open_days.as_ref();
            let fault = calendar.and_then(|days| calendar_fault(entry("branches", index, "open_days"), days));
            if fault.is_some() {
                return fault;
            }
        }
        if self.branch(&self.head_branch).is_none() {
            return Some((way(["head_branch"]), RuleFault::UnknownBranch(self.head_branch.clone())));
        }
        None
    }

    fn fault_of_categories(&self) -> Option<(Vec<Step>, RuleFault)> {
        if self.categories.is_empty() {
            return Some((way(["categories"]), RuleFault::EmptyList("categories")));
        }
        for (index, category) in self.categories.iter().enumerate() {
            let fault = |field, fault| Some((entry("categories", index, field), fault));
            if category.label.is_blank() {
                return fault("label", RuleFault::EmptyText("label"));
            }
            if category.hint.as_ref().is_some_and(LibraryText::is_blank) {
                return fault("hint", RuleFault::EmptyText("hint"));
            }
            if self.categories[..index].iter().any(|earlier| earlier.code == category.code) {
                return fault("code", RuleFault::RepeatedCategory(category.code.clone()));
            }
            if category.loan_limit == 0 {
                return fault("loan_limit", RuleFault::LoanLimit(category.code.clone()));
            }
            if category.loan_limit_linked == Some(0) {
                return fault("loan_limit_linked", RuleFault::LoanLimit(category.code.clone()));
            }
            if category.maximum_age.is_some_and(|maximum| maximum < category.lowest_age) {
                return fault("maximum_age", RuleFault::CategoryAges(category.code.clone()));
            }
            if category.validity.as_ref().is_some_and(|validity| !validity.is_sound()) {
                return fault("validity", RuleFault::Validity);
            }
            if let Some(area) = category.areas.iter().find(|area| !category_area_is_sound(area)) {
                return fault("areas", RuleFault::Area(area.clone()));
            }
        }
        None
    }

    fn fault_of_notices(&self) -> Option<(Vec<Step>, RuleFault)> {
        let (kind, _) = self.notice.iter().find(|(_, notice)| notice.words.is_blank())?;
        Some((way(["notice", kind.as_str(), "words"]), RuleFault::EmptyText("words")))
    }

    fn fault_of_consents(&self) -> Option<(Vec<Step>, RuleFault)> {
        if self.consents.is_empty() {
            return Some((way(["consents"]), RuleFault::EmptyList("consents")));
        }
        for (index, consent) in self.consents.iter().enumerate() {
            let fault = |field, fault| Some((entry("consents", index, field), fault));
            if self.consents[..index].iter().any(|earlier| earlier.id == consent.id) {
                return fault("id", RuleFault::RepeatedConsent(consent.id.clone()));
            }
            if consent.version == 0 {
                return fault("version", RuleFault::ConsentVersion(consent.id.clone()));
            }
            if consent.title.is_blank() {
                return fault("title", RuleFault::EmptyText("title"));
            }
            if consent.text.is_blank() {
                return fault("text", RuleFault::EmptyText("text"));
            }
        }
        None
    }
}

fn category_area_is_sound(area: &str) -> bool {
    crate::domain::person::Prefecture::all().any(|prefecture| area.starts_with(prefecture.name()))
}

fn calendar_fault(mut path: Vec<Step>, days: &OpenDays) -> Option<(Vec<Step>, RuleFault)> {
    let (list, index, fault): (_, _, InvalidCalendar) = days.first_fault()?;
    path.push(Step::Field(list));
    path.extend(index.map(Step::Entry));
    Some((path, fault.into()))
}

/// One step on the way to a value.
enum Step {
    Field(&'static str),
    Entry(usize),
}

fn way<const N: usize>(fields: [&'static str; N]) -> Vec<Step> {
    fields.into_iter().map(Step::Field).collect()
}

fn entry(list: &'static str, index: usize, field: &'static str) -> Vec<Step> {
    vec![Step::Field(list), Step::Entry(index), Step::Field(field)]
}

/// The line of the value at the end of the way, or of the nearest table that exists on it.
fn find_line(text: &str, path: &[Step]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut steps = path.iter();
    let Some(Step::Field(first)) = steps.next() else {
        return None;
    };
    let mut value = document.get_ref().get(*first)?;
    for step in steps {
        let next = match (value.get_ref(), step) {
            (DeValue::Table(table), Step::Field(field)) => table.get(*field),
            (DeValue::Array(list), Step::Entry(index)) => list.get(*index),
            _ => None,
        };
        let Some(next) = next else { break };
        value = next;
    }
    // A text in several languages stands where its Japanese does, which is what was looked at.
    if let DeValue::Table(table) = value.get_ref()
        && let Some(japanese) = table.get("ja")
    {
        value = japanese;
    }
    Some(line_of(text, value.span().start))
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests;
