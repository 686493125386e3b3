//! What a changed rule file would treat differently, among what is stored. Nothing is written.

use super::Error;
use super::proofs::shown_with;
use crate::document::read_statement;
use crate::domain::answers::Answers;
use crate::domain::application::{Application, ApplicationState};
use crate::domain::card::Card;
use crate::domain::card_number::CardNumber;
use crate::domain::ids::ApplicationId;
use crate::domain::library::{Difference, Library, LibraryRules, RuledCard, RuledPerson};
use crate::domain::reference::Reference;
use crate::store::{
    Db, StoreError, Tx, applications, cards, certificate_links, libraries, patron_proofs, patrons, versions,
};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use time::Date;

/// How many rows are read in one look at the database.
const BATCH: u32 = 200;

/// Something stored that was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Case {
    /// The card with this number.
    Card(CardNumber),
    /// The open application with this public number.
    Application(Reference),
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card(number) => write!(f, "card {number}"),
            Self::Application(reference) => write!(f, "application {reference}"),
        }
    }
}

/// What the comparison came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many cards were compared.
    pub cards: usize,
    /// How many open applications.
    pub applications: usize,
    /// How many of either have no facts to compare: erased, or never kept.
    pub unreadable: usize,
    of_cards: BTreeMap<Difference, usize>,
    of_applications: BTreeMap<Difference, usize>,
}

impl Totals {
    /// How many cards, and how many applications, differ in this.
    #[must_use]
    pub fn counted(&self, difference: Difference) -> (usize, usize) {
        let of = |counts: &BTreeMap<Difference, usize>| counts.get(&difference).copied().unwrap_or(0);
        (of(&self.of_cards), of(&self.of_applications))
    }

    fn add(&mut self, case: &Case, differences: &[Difference]) {
        let (compared, counts) = match case {
            Case::Card(_) => (&mut self.cards, &mut self.of_cards),
            Case::Application(_) => (&mut self.applications, &mut self.of_applications),
        };
        *compared += 1;
        for difference in differences {
            *counts.entry(*difference).or_default() += 1;
        }
    }
}

/// Compares `new` rules with those in force for every card, and with its own for every open application
/// that was frozen; tells `found` each that differs.
///
/// # Errors
/// [`Error::NotFound`] if the library is not stored yet.
pub async fn simulate(
    db: &Db,
    new: &LibraryRules,
    today: Date,
    mut found: impl FnMut(&Case, &[Difference]),
) -> Result<Totals, Error> {
    let library = {
        let mut tx = db.read().await?;
        libraries::find_by_slug(&mut tx, &new.slug).await?.ok_or(Error::NotFound)?
    };
    let comparison = Comparison { library: &library, new, today };
    let mut totals = Totals::default();
    let mut tell = |totals: &mut Totals, compared: Option<(Case, Vec<Difference>)>| {
        let Some((case, differences)) = compared else {
            totals.unreadable += 1;
            return;
        };
        totals.add(&case, &differences);
        if !differences.is_empty() {
            found(&case, &differences);
        }
    };

    let mut after = None;
    loop {
        let mut tx = db.read().await?;
        let batch = cards::list_after(&mut tx, library.id, after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        for card in batch {
            let compared = comparison.card(&mut tx, card).await?;
            tell(&mut totals, compared);
        }
    }

    let mut after = None;
    let mut rules_of = BTreeMap::new();
    loop {
        let mut tx = db.read().await?;
        let ids = applications::list_ids_after(&mut tx, Some(library.id), after, BATCH).await?;
        let Some(last) = ids.last() else { return Ok(totals) };
        after = Some(*last);
        for id in ids {
            let Some(application) = applications::find(&mut tx, library.id, id).await? else { continue };
            if !is_open(&application) {
                continue;
            }
            let version = application.rules_version;
            if let Entry::Vacant(missing) = rules_of.entry(version) {
                let rules = libraries::find_rules(&mut tx, library.id, version).await?;
                missing.insert(rules.ok_or(Error::Internal("an application without its rules"))?);
            }
            let compared = comparison.application(&mut tx, application, &rules_of[&version]).await?;
            tell(&mut totals, compared);
        }
    }
}

/// An application is open once it is frozen and as long as it is undecided. Drafts follow the new rules anyway
/// when they are begun anew.
fn is_open(application: &Application) -> bool {
    !application.state.is_final() && !matches!(application.state, ApplicationState::Draft { .. })
}

struct Comparison<'a> {
    library: &'a Library,
    new: &'a LibraryRules,
    today: Date,
}

impl Comparison<'_> {
    async fn card(&self, tx: &mut Tx, card: Card) -> Result<Option<(Case, Vec<Difference>)>, Error> {
        let Some(patron) = readable(patrons::find(tx, self.library.id, card.patron_id).await)?.flatten() else {
            return Ok(None);
        };
        let facts = patron.facts;
        // Of patrons registered before the category was kept, the statement that they signed knows it.
        let (category, branch) = if let Some(category) = facts.category {
            (category, facts.branch)
        } else {
            // Whoever was a patron before the portal has signed nothing here.
            let Some(id) = patron.application_id else { return Ok(None) };
            let Some(answers) = self.answers_of(tx, id).await? else { return Ok(None) };
            (answers.category, Some(answers.branch))
        };
        let shown = patron_proofs::list(tx, self.library.id, card.patron_id).await?;
        let linked = certificate_links::is_linked(tx, self.library.id, card.patron_id).await?;
        let person = RuledPerson {
            category: &category,
            birth: facts.birth,
            address: facts.address.as_ref(),
            branch: branch.as_ref(),
            shown: &shown,
        };
        let ruled = RuledCard { expires_on: card.expires_on, linked };
        let differences = self.library.rules.differences_for_card(self.new, person, ruled, self.today);
        Ok(Some((Case::Card(card.number), differences)))
    }

    async fn application(
        &self,
        tx: &mut Tx,
        application: Application,
        rules: &LibraryRules,
    ) -> Result<Option<(Case, Vec<Difference>)>, Error> {
        let Some(answers) = self.answers_of(tx, application.id).await? else { return Ok(None) };
        let shown = shown_with(tx, rules, &application, &answers).await?;
        let person = RuledPerson {
            category: &answers.category,
            birth: answers.birth,
            address: Some(&answers.address),
            branch: Some(&answers.branch),
            shown: &shown,
        };
        let differences = rules.differences_for_application(self.new, application.procedure, person, self.today);
        Ok(Some((Case::Application(application.reference), differences)))
    }

    async fn answers_of(&self, tx: &mut Tx, id: ApplicationId) -> Result<Option<Answers>, Error> {
        let Some(application) = applications::find(tx, self.library.id, id).await? else { return Ok(None) };
        let frozen = readable(versions::find(tx, application.id, application.signed_number()).await)?.flatten();
        Ok(match frozen {
            Some(frozen) => Some(read_statement(&frozen.document)?.answers),
            None => None,
        })
    }
}

/// What was erased is not there; any other failure is one.
fn readable<T>(found: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::Unsealable { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
