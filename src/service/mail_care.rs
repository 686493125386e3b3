//! Whether mail goes out: decisions that nobody hears of must not go unnoticed.

use super::{Error, Portal};
use crate::gateway::mail::{BounceSettings, MailSettings};
use crate::store::outbox::{self, OutboxFigures};
use std::sync::{Mutex, PoisonError};
use time::{Duration, OffsetDateTime};

/// Where mails come back to, and how the outbox was when it was looked at last.
#[derive(Debug)]
pub struct MailCare {
    /// Where mails come back to.
    pub bounces: Option<BounceSettings>,
    /// After how long without a mail handed over, while one waits, there is an alarm.
    pub alarm_after: Duration,
    seen: Mutex<Option<MailFlow>>,
    /// When the way to the mail server failed last, as far as this process has tried.
    obstructed_at: Mutex<Option<OffsetDateTime>>,
}

/// How mail goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailFlow {
    /// Nothing is the matter.
    Flowing,
    /// One waits too long, and none was handed over meanwhile.
    Stuck,
    /// Mails were given up, and none was handed over meanwhile.
    Failing,
}

/// How the outbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailHealth {
    /// In one word.
    pub flow: MailFlow,
    /// In numbers.
    pub figures: OutboxFigures,
}

impl MailFlow {
    /// The name in answers and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flowing => "flowing",
            Self::Stuck => "stuck",
            Self::Failing => "failing",
        }
    }
}

impl MailCare {
    /// As the settings say.
    #[must_use]
    pub fn new(settings: &MailSettings) -> Self {
        Self { bounces: settings.bounces.clone(), alarm_after: settings.alarm_after, ..Self::default() }
    }

    /// True if mail did not go out when it was looked at last.
    #[must_use]
    pub fn is_alarmed(&self) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.is_some_and(|flow| flow != MailFlow::Flowing)
    }

    /// Notes that the way to the mail server failed, or that it takes nothing from here.
    pub(super) fn note_obstruction(&self, at: OffsetDateTime) {
        *self.obstructed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    fn obstructed_at(&self) -> Option<OffsetDateTime> {
        *self.obstructed_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn see(&self, flow: MailFlow) -> Option<MailFlow> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).replace(flow)
    }
}

impl Default for MailCare {
    fn default() -> Self {
        let alarm_after = Duration::minutes(30);
        Self { bounces: None, alarm_after, seen: Mutex::default(), obstructed_at: Mutex::default() }
    }
}

impl Portal {
    /// How the outbox stands.
    ///
    /// # Errors
    /// The store's.
    pub async fn mail_health(&self) -> Result<MailHealth, Error> {
        let since = self.clock.now() - self.mail_care.alarm_after;
        let figures = outbox::figures(&mut self.db.read().await?, since).await?;
        Ok(MailHealth { flow: flow_of(&figures, self.mail_care.obstructed_at(), since), figures })
    }

    /// Looks whether mail goes out, and raises an alarm in the log as long as it does not.
    ///
    /// # Errors
    /// The store's.
    pub async fn watch_mail(&self) -> Result<MailFlow, Error> {
        let MailHealth { flow, figures } = self.mail_health().await?;
        let before = self.mail_care.see(flow);
        let OutboxFigures { waiting, failed, .. } = figures;
        match (flow, before) {
            (MailFlow::Flowing, Some(MailFlow::Stuck | MailFlow::Failing)) => tracing::info!("mail goes out again"),
            (MailFlow::Flowing, _) => {}
            (MailFlow::Stuck | MailFlow::Failing, _) => {
                tracing::error!(state = flow.as_str(), waiting, failed, "NO MAIL GOES OUT: nobody hears of decisions");
            }
        }
        Ok(flow)
    }
}

/// One person's full mailbox is no alarm: only what concerns more than one, the way to the server, or what nobody tries.
fn flow_of(figures: &OutboxFigures, obstructed_at: Option<OffsetDateTime>, since: OffsetDateTime) -> MailFlow {
    let goes_out = figures.last_sent_at.is_some_and(|at| at >= since);
    let is_obstructed = obstructed_at.is_some_and(|at| figures.last_sent_at.is_none_or(|sent| sent < at));
    let is_untried = figures.untried_since.is_some_and(|at| at <= since);
    if goes_out || !(is_obstructed || is_untried || figures.recipients > 1) {
        return MailFlow::Flowing;
    }
    match figures.oldest_queued_at {
        Some(at) if at <= since => MailFlow::Stuck,
        _ if figures.failed > 0 => MailFlow::Failing,
        _ => MailFlow::Flowing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const SINCE: OffsetDateTime = datetime!(2026-11-20 03:00 UTC);

    fn at(minutes: i64) -> OffsetDateTime {
        SINCE + Duration::minutes(minutes)
    }

    fn figures(oldest: Option<i64>, last: Option<i64>, failed: u64, recipients: u64) -> OutboxFigures {
        OutboxFigures {
            waiting: 1,
            oldest_queued_at: oldest.map(at),
            last_sent_at: last.map(at),
            failed,
            recipients,
            untried_since: None,
        }
    }

    fn flow(oldest: Option<i64>, last: Option<i64>, failed: u64) -> MailFlow {
        flow_of(&figures(oldest, last, failed, 2), None, SINCE)
    }

    #[test]
    fn one_that_waits_too_long_is_an_alarm_unless_others_go_out() {
        assert_eq!(flow(Some(-1), None, 0), MailFlow::Stuck);
        assert_eq!(flow(Some(-1), Some(-1), 0), MailFlow::Stuck);
        assert_eq!(flow(Some(-1), Some(1), 3), MailFlow::Flowing);
        assert_eq!(flow(Some(1), None, 0), MailFlow::Flowing);
    }

    #[test]
    fn nothing_but_failures_is_an_alarm_too() {
        assert_eq!(flow(None, Some(-1), 1), MailFlow::Failing);
        assert_eq!(flow(Some(1), None, 1), MailFlow::Failing);
        assert_eq!(flow(None, Some(1), 1), MailFlow::Flowing);
        assert_eq!(flow(None, None, 0), MailFlow::Flowing);
    }

    #[test]
    fn what_concerns_one_person_is_an_alarm_only_if_the_way_is_obstructed_or_nobody_tries() {
        for (oldest, failed, flow) in [(Some(-1), 0, MailFlow::Stuck), (None, 1, MailFlow::Failing)] {
            let one = figures(oldest, Some(-9), failed, 1);
            assert_eq!(flow_of(&one, None, SINCE), MailFlow::Flowing);
            assert_eq!(flow_of(&one, Some(at(-8)), SINCE), flow, "and nothing has gone out since");
            assert_eq!(flow_of(&one, Some(at(-10)), SINCE), MailFlow::Flowing, "one has");
            let untried = OutboxFigures { untried_since: oldest.map(at), ..one };
            let expected = if oldest.is_some() { flow } else { MailFlow::Flowing };
            assert_eq!(flow_of(&untried, None, SINCE), expected);
        }
    }
}
