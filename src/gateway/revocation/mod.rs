//! Whether certificates were revoked: lists from folders and addresses, and responders.
//!
//! Reading a list costs; asking one does not. So lists are read aside and put in force in
//! one step, and whoever verifies a signature holds on to the set that was in force then. A source
//! that fails takes nothing out of force: time does that. Responders are asked only about a
//! certificate that is good otherwise and whose state no list tells.

mod download;
mod folder;
mod ocsp;
mod reading;
mod schedule;
mod serials;
mod settings;
mod state;
mod web;

pub use serials::NamedSerials;
pub use settings::RevocationSettings;
pub use state::{Failure, ListFacts, SourceKind, SourceState};

use crate::jpki::{self, Crl, CrlSet, RevocationStatus, Trust};
use download::ListDownload;
use folder::ListFolder;
use ocsp::Responder;
use reading::{Fresh, Kept, parsed};
use reqwest::Url;
use schedule::Schedule;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use time::{Duration, OffsetDateTime};
use web::Web;

/// Where the answers come from, and the lists in force.
#[derive(Debug, Default)]
pub struct Revocation {
    in_force: RwLock<Arc<CrlSet>>,
    /// Where the DER of each list in force can be had again, by its SHA-256.
    kept: Mutex<HashMap<[u8; 32], Kept>>,
    sources: Vec<Source>,
    web: Option<Web>,
}

/// A list or responder, with its plan and what is known of it.
#[derive(Debug)]
struct Source {
    supply: Supply,
    record: Mutex<Record>,
}

#[derive(Debug)]
enum Supply {
    Folder(Arc<ListFolder>),
    Download(Arc<ListDownload>),
    Ocsp(Responder),
}

#[derive(Debug, Clone)]
struct Record {
    schedule: Schedule,
    state: SourceState,
}

/// Something that could not be used, and why.
#[derive(Debug)]
struct Problem {
    /// A file or an address, for the log.
    place: String,
    why: Failure,
}

/// Who said what about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What.
    pub status: RevocationStatus,
    /// Who.
    pub source: AnswerSource,
}

/// What an authority signed about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A list.
    List {
        /// SHA-256 of its DER.
        sha256: [u8; 32],
        /// Its DER, if it can still be had.
        contents: Option<Vec<u8>>,
    },
    /// An OCSP response, DER.
    Response(Vec<u8>),
}

/// Who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerSource {
    /// A list.
    List,
    /// A responder.
    Ocsp,
}

impl Revocation {
    /// No sources: the revocation of every certificate is unknown, unless lists are [added](Self::add).
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Sources as the settings name them, in their order. Lists that were fetched before are kept in `cache`.
    ///
    /// # Errors
    /// If the system gives no TLS roots, though an address needs them.
    pub fn new(settings: &[RevocationSettings], cache: Option<&Path>) -> reqwest::Result<Self> {
        let mut sources = Vec::new();
        let mut addresses: Vec<&Url> = Vec::new();
        for setting in settings {
            match setting {
                RevocationSettings::Folder { path, every_minutes } => {
                    let folder = Arc::new(ListFolder::new(path.clone()));
                    sources.push(Source::new(Supply::Folder(folder), SourceKind::Folder, *every_minutes));
                }
                RevocationSettings::Download { urls, every_minutes } => {
                    addresses.extend(urls);
                    sources.extend(urls.iter().map(|url| {
                        let download = Arc::new(ListDownload::new(url.clone(), cache));
                        Source::new(Supply::Download(download), SourceKind::Download, *every_minutes)
                    }));
                }
                RevocationSettings::Ocsp { urls, nonce } => {
                    addresses.extend(urls);
                    sources.extend(urls.iter().map(|url| {
                        Source::new(Supply::Ocsp(Responder::new(url.clone(), *nonce)), SourceKind::Ocsp, 1)
                    }));
                }
            }
        }
        let web = if addresses.is_empty() { None } else { Some(Web::new(&addresses)?) };
        Ok(Self { sources, web, ..Self::default() })
    }

    /// Puts in force what lies on this machine: folders, and the lists that were fetched before.
    pub fn load(&self, trust: &Trust, now: OffsetDateTime) {
        for source in &self.sources {
            match &source.supply {
                Supply::Folder(folder) => self.take_look(source, folder.look(trust, now), now),
                Supply::Download(download) => match download.recall(trust, now) {
                    Some(Ok(list)) => {
                        self.put_in_force(vec![list]);
                        // The time of the last success was another run's; the list's own age tells enough.
                        source.record().state.hold(download.facts().iter());
                    }
                    Some(Err(why)) => {
                        tracing::warn!(address = %shown(download.address()), %why, "a kept list is useless");
                    }
                    None => {}
                },
                Supply::Ocsp(_) => {}
            }
        }
    }

    /// The lists in force. Hold on to them for one verification, not longer.
    #[must_use]
    pub fn current(&self) -> Arc<CrlSet> {
        Arc::clone(&self.in_force.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a list, DER or PEM, to those in force; false if it is older than what is there. Slow for a long one.
    ///
    /// # Errors
    /// Why the list cannot be used.
    pub fn add(&self, list: &[u8], trust: &Trust, now: OffsetDateTime) -> Result<bool, Failure> {
        Ok(self.put_in_force(vec![parsed(list, None, trust, now)?.0]))
    }

    /// How each source stands, in the configured order.
    #[must_use]
    pub fn states(&self) -> Vec<SourceState> {
        self.sources.iter().map(|source| source.record().state.clone()).collect()
    }

    /// Asks every source that is due, and puts newer lists in force. Failures are logged and remembered.
    pub async fn refresh(&self, trust: &Trust, now: OffsetDateTime) {
        // Of a host that does not answer nothing more is asked in this round: with a list for each municipality, one
        // dead host would hold up everybody else's.
        let mut silent: HashSet<String> = HashSet::new();
        for source in &self.sources {
            if !source.record().schedule.is_due(now) {
                continue;
            }
            match &source.supply {
                Supply::Folder(folder) => {
                    let (folder, trust) = (Arc::clone(folder), trust.clone());
                    // Reading a list of millions of entries would hold up everybody on this thread.
                    if let Ok(look) = tokio::task::spawn_blocking(move || folder.look(&trust, now)).await {
                        self.take_look(source, look, now);
                    }
                }
                Supply::Download(download) => {
                    let host = download.address().origin().ascii_serialization();
                    let outcome = if silent.contains(&host) {
                        Err(Failure::Unreachable)
                    } else {
                        self.fetch(download, trust, now).await
                    };
                    if matches!(outcome, Err(Failure::Unreachable)) {
                        silent.insert(host);
                    }
                    self.take_download(source, download, outcome, now);
                }
                Supply::Ocsp(_) => {}
            }
        }
    }

    /// Whether a certificate was revoked, as of `at`: by the lists, and where they do not tell by the responders in
    /// their order. A certificate that is refused for another reason is not asked about.
    pub async fn check(&self, certificate: &[u8], trust: &Trust, at: OffsetDateTime) -> Answer {
        self.ask(certificate, trust, at).await.0
    }

    /// As [`Self::check`], with what the authority signed to say so. Reads a file, so it is not for every day.
    pub async fn prove(&self, certificate: &[u8], trust: &Trust, at: OffsetDateTime) -> (Answer, Option<Proof>) {
        let (answer, response) = self.ask(certificate, trust, at).await;
        if let Some(response) = response {
            return (answer, Some(Proof::Response(response)));
        }
        let lists = self.current();
        let roots = trust.anchors().iter().map(jpki::Anchor::sha256);
        let Some(sha256) = roots.filter_map(|root| lists.list_behind(certificate, &root, at)).map(Crl::sha256).next()
        else {
            return (answer, None);
        };
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&sha256).cloned();
        let reading = tokio::task::spawn_blocking(move || kept.and_then(|kept| kept.contents(&sha256)));
        (answer, Some(Proof::List { sha256, contents: reading.await.ok().flatten() }))
    }

    /// The answer, and the responder's signed one if there is one.
    async fn ask(&self, certificate: &[u8], trust: &Trust, at: OffsetDateTime) -> (Answer, Option<Vec<u8>>) {
        let verdict = jpki::verify_certificate(certificate, trust, &self.current(), at);
        let answer = Answer { status: verdict.revocation.clone(), source: AnswerSource::List };
        if !verdict.is_valid() || !matches!(answer.status, RevocationStatus::Unknown { .. }) {
            return (answer, None);
        }
        let Some(web) = &self.web else { return (answer, None) };
        for source in &self.sources {
            let Supply::Ocsp(responder) = &source.supply else { continue };
            match responder.ask(web, certificate, trust, &self.current(), at).await {
                Ok((status, response)) => {
                    source.record().state.last_success = Some(at);
                    if !matches!(status, RevocationStatus::Unknown { .. }) {
                        return (Answer { status, source: AnswerSource::Ocsp }, Some(response));
                    }
                }
                Err(why) => {
                    tracing::warn!(address = %shown(responder.address()), %why, "a responder gave no answer");
                    source.record().state.last_failure = Some((at, why));
                }
            }
        }
        (answer, None)
    }

    /// What the lists in force say of a certificate, without asking anybody.
    #[must_use]
    pub fn check_lists(&self, certificate: &[u8], trust: &Trust, at: OffsetDateTime) -> Answer {
        let status = jpki::verify_certificate(certificate, trust, &self.current(), at).revocation;
        Answer { status, source: AnswerSource::List }
    }

    async fn fetch(
        &self,
        download: &Arc<ListDownload>,
        trust: &Trust,
        now: OffsetDateTime,
    ) -> Result<Option<Fresh>, Failure> {
        let web = self.web.as_ref().ok_or(Failure::Unreachable)?;
        let Some((bytes, validators)) = download.fetch(web).await? else { return Ok(None) };
        let (download, trust) = (Arc::clone(download), trust.clone());
        let reading = tokio::task::spawn_blocking(move || download.accept(&bytes, validators, &trust, now));
        reading.await.map_err(|_| Failure::Interrupted)?.map(Some)
    }

    fn take_look(&self, source: &Source, look: folder::Look, now: OffsetDateTime) {
        self.put_in_force(look.fresh);
        let mut record = source.record();
        record.state.hold(look.facts.iter());
        let all_went_well = look.problems.is_empty();
        for Problem { place, why } in look.problems {
            tracing::warn!(place, %why, "a revocation list cannot be used");
            record.state.last_failure = Some((now, why));
        }
        if all_went_well {
            record.state.last_success = Some(now);
        }
        // A folder is looked at in its rhythm whatever is in it: looking costs nothing.
        record.schedule.succeeded(now, None);
    }

    fn take_download(
        &self,
        source: &Source,
        download: &ListDownload,
        outcome: Result<Option<Fresh>, Failure>,
        now: OffsetDateTime,
    ) {
        match outcome {
            Ok(fresh) => {
                if let Some(list) = fresh {
                    self.put_in_force(vec![list]);
                }
                let facts = download.facts();
                let mut record = source.record();
                record.state.last_success = Some(now);
                record.state.hold(facts.iter());
                record.schedule.succeeded(now, facts.map(|facts| facts.next_update));
            }
            Err(why) => {
                tracing::warn!(address = %shown(download.address()), %why, "a revocation list cannot be fetched");
                let mut record = source.record();
                record.state.last_failure = Some((now, why));
                record.schedule.failed(now);
            }
        }
    }

    /// Swaps the set in one step, under the lock: two sources at once lose nothing. An older list than the one in
    /// force is no fault: two sources may keep both.
    fn put_in_force(&self, fresh: Vec<Fresh>) -> bool {
        if fresh.is_empty() {
            return false;
        }
        let mut in_force = self.in_force.write().unwrap_or_else(PoisonError::into_inner);
        let mut renewed = CrlSet::clone(&in_force);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = false;
        for one in fresh {
            let sha256 = one.list.sha256();
            if renewed.insert(one.list) {
                kept.insert(sha256, one.kept);
                changed = true;
            }
        }
        if changed {
            let lists: HashSet<[u8; 32]> = renewed.iter().map(Crl::sha256).collect();
            kept.retain(|sha256, _| lists.contains(sha256));
            *in_force = Arc::new(renewed);
        }
        changed
    }
}

impl Source {
    fn new(supply: Supply, kind: SourceKind, every_minutes: u16) -> Self {
        let schedule = Schedule::new(Duration::minutes(i64::from(every_minutes)));
        Self { supply, record: Mutex::new(Record { schedule, state: SourceState::new(kind) }) }
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An address as it may stand in a log: what a query may carry stays out.
fn shown(address: &Url) -> String {
    format!("{}{}", address.origin().ascii_serialization(), address.path())
}

#[cfg(test)]
mod tests;
