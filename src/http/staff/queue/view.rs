//! What of the queue is looked at, as it stands in the address.

use crate::domain::card_number::CardNumber;
use crate::domain::library::Library;
use crate::domain::person::{Kana, PersonName};
use crate::domain::reference::Reference;
use crate::http::form::FieldErrors;
use crate::http::page::Layout;
use crate::http::staff::listing::{between, key_text, parse_key, with_query};
use crate::http::urls::Urls;
use crate::http::wording::Wording;
use crate::service::review::{QueueFilter, QueueFlag, QueueKey, QueueSearch, QueueTab, QueueWalk, due_by};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What is looked at; stands whole in the address, so that it can be bookmarked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::http) struct View {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::http::staff) tab: String,
    /// What is looked for. A name never stands in an address: [`sought`](Self::sought) does.
    #[serde(skip)]
    pub(in crate::http::staff) q: String,
    /// The same, concealed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::http::staff) sought: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::http::staff) procedure: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::http::staff) branch: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::http::staff) flag: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::http::staff) from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::http::staff) until: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::http::staff) after: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::http::staff) before: String,
}

/// The parts of the queue: name in the address, name for people.
pub(super) const TABS: [(&str, &str); 9] = [
    ("unclaimed", "未担当"),
    ("mine", "自分の担当"),
    ("colleagues", "ほかの職員の担当"),
    ("on_hold", "保留中"),
    ("with_applicant", "申込者の対応待ち"),
    ("awaiting_registration", "登録待ち"),
    ("due", "期限が近い"),
    ("decided", "処理済み"),
    ("all", "すべて"),
];

impl View {
    /// Only a part.
    pub(in crate::http::staff) fn of_tab(tab: &str) -> Self {
        Self { tab: tab.to_owned(), ..Self::default() }
    }

    /// The same with what is looked for, as it can be read.
    pub(in crate::http::staff) fn revealed(self, layout: &Layout) -> Self {
        Self { q: layout.reveal(&self.sought), ..self }
    }

    pub(super) fn tab_name(&self) -> &'static str {
        TABS.iter().find(|(name, _)| *name == self.tab).map_or(TABS[0].0, |(name, _)| name)
    }

    /// The part.
    pub(in crate::http::staff) fn part(&self, library: &Library, now: OffsetDateTime) -> QueueTab {
        match self.tab_name() {
            "mine" => QueueTab::Mine,
            "colleagues" => QueueTab::Colleagues,
            "on_hold" => QueueTab::OnHold,
            "with_applicant" => QueueTab::WithApplicant,
            "awaiting_registration" => QueueTab::AwaitingRegistration,
            "due" => QueueTab::DueBy(due_by(library, now)),
            "decided" => QueueTab::Decided,
            "all" => QueueTab::All,
            _ => QueueTab::Unclaimed,
        }
    }

    /// What narrows it. What nobody could have chosen narrows nothing.
    pub(in crate::http::staff) fn filter(&self) -> QueueFilter {
        let (from, until) = between(&self.from, &self.until);
        QueueFilter {
            procedure: self.procedure.parse().ok(),
            branch: self.branch.parse().ok(),
            flag: QueueFlag::FILTERS.into_iter().find(|flag| flag.as_str() == self.flag),
            from,
            until,
        }
    }

    /// Where the page begins. A key that somebody has changed begins the list anew.
    pub(in crate::http::staff) fn walk(&self) -> QueueWalk {
        match (key_of(&self.after), key_of(&self.before)) {
            (Some(key), _) => QueueWalk::After(key),
            (None, Some(key)) => QueueWalk::Before(key),
            (None, None) => QueueWalk::First,
        }
    }

    /// What the search box may mean; nothing if it is empty.
    pub(in crate::http::staff) fn searches(&self) -> Result<Vec<QueueSearch>, FieldErrors> {
        let q = self.q.trim();
        if q.is_empty() {
            return Ok(Vec::new());
        }
        if let Ok(reference) = q.parse::<Reference>() {
            return Ok(vec![QueueSearch::Reference(reference)]);
        }
        if let Some(number) = card_number(q) {
            return Ok(vec![QueueSearch::Card(number)]);
        }
        let name = self.q.parse::<PersonName>().map_err(|error| FieldErrors::one("q", error.wording()))?;
        let mut searches: Vec<_> = q.parse::<Kana>().map(QueueSearch::Kana).into_iter().collect();
        searches.push(QueueSearch::Name(name.clone()));
        searches.push(QueueSearch::NameStart(name));
        Ok(searches)
    }

    /// True if anything is sought or narrowed.
    pub(super) fn is_narrowed(&self) -> bool {
        let View { q, procedure, branch, flag, from, until, .. } = self;
        [q, procedure, branch, flag, from, until].iter().any(|value| !value.is_empty())
    }

    /// The same part from its beginning.
    pub(super) fn at_the_beginning(&self) -> Self {
        Self { after: String::new(), before: String::new(), ..self.clone() }
    }

    pub(super) fn after(&self, key: QueueKey) -> Self {
        Self { after: key_text(key.submitted_at, key.id), before: String::new(), ..self.clone() }
    }

    pub(super) fn before(&self, key: QueueKey) -> Self {
        Self { before: key_text(key.submitted_at, key.id), after: String::new(), ..self.clone() }
    }

    /// Its query, without the question mark.
    pub(in crate::http::staff) fn query(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }

    pub(super) fn url(&self, urls: &Urls) -> String {
        with_query(urls.staff_queue(), self)
    }

    /// The address of a file that was opened from here.
    pub(in crate::http::staff) fn file_url(&self, urls: &Urls, reference: &Reference) -> String {
        with_query(urls.staff_application(reference), &self.at_the_beginning())
    }
}

/// Digits, perhaps with letters and spaces, that could be a card's number; a name has none.
fn card_number(q: &str) -> Option<CardNumber> {
    let digits: String = q.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    digits.chars().any(|c| c.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

pub(super) fn key_of(text: &str) -> Option<QueueKey> {
    let (submitted_at, id) = parse_key(text)?;
    Some(QueueKey { submitted_at, id: id.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ApplicationId;
    use time::macros::datetime;

    fn view(q: &str) -> View {
        View { q: q.to_owned(), ..View::default() }
    }

    #[test]
    fn a_key_survives_the_address_and_a_changed_one_begins_anew() {
        let id = ApplicationId::from_uuid(uuid::Uuid::from_u128(7));
        let key = QueueKey { submitted_at: datetime!(2026-11-20 05:05:00.123456 UTC), id };
        assert_eq!(key_of(&key_text(key.submitted_at, key.id)), Some(key));
        for text in ["", "1", "x.y", "99999999999999999999.0", "1.not-an-id"] {
            assert_eq!(key_of(text), None, "{text}");
        }
    }

    #[test]
    fn the_box_takes_numbers_names_and_readings() {
        use QueueSearch::{Kana, Name, NameStart};
        let reference = Reference::from_random(7);
        let lower = reference.to_string().to_lowercase();
        assert_eq!(view(&lower).searches().unwrap(), [QueueSearch::Reference(reference)]);
        assert!(matches!(view("300000014").searches().unwrap()[..], [QueueSearch::Card(_)]));
        assert!(matches!(view("髙橋 花子").searches().unwrap()[..], [Name(_), NameStart(_)]));
        assert!(matches!(view("たかはし").searches().unwrap()[..], [Kana(_), Name(_), NameStart(_)]));
        assert!(view("  ").searches().unwrap().is_empty());
        assert!(view("髙\u{202e}橋").searches().unwrap_err().has("q"));
    }

    #[test]
    fn days_are_japans_and_the_last_one_counts_whole() {
        let view = View { from: "2026-11-20".into(), until: "2026-11-20".into(), ..View::default() };
        let filter = view.filter();
        assert_eq!(filter.from, Some(datetime!(2026-11-19 15:00 UTC)));
        assert_eq!(filter.until, Some(datetime!(2026-11-20 15:00 UTC)));
        let nonsense = View { from: "x".into(), flag: "x".into(), procedure: "x".into(), ..View::default() };
        assert_eq!(nonsense.filter(), QueueFilter::default());
    }

    #[test]
    fn an_unknown_part_is_the_first_one() {
        assert_eq!(View::of_tab("everything").tab_name(), "unclaimed");
    }
}
