//! The loops beside the server: mail, what has run out, revocation lists.
//!
//! A turn that fails or panics is logged, and the loop goes on. Told to stop, a loop finishes
//! the turn it is in: a mail that the server has taken must still be marked as sent.

use crate::service::courier::Round;
use crate::service::{Error, Portal};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How often the outbox is looked at.
const COURIER_PAUSE: Duration = Duration::from_secs(2);
/// How often the folder of returned mail is looked at.
const BOUNCES_PAUSE: Duration = Duration::from_mins(1);
/// How often it is looked whether mail goes out.
const MAIL_WATCH_PAUSE: Duration = Duration::from_mins(1);
/// How often what has run out is ended.
const SWEEP_PAUSE: Duration = Duration::from_mins(5);
/// How often it is looked which sources about revocation are due; each has a rhythm of its own.
const REVOCATION_PAUSE: Duration = Duration::from_secs(30);
/// How often it is looked whether revocation is to be asked about again.
const ASKING_PAUSE: Duration = Duration::from_mins(1);
/// How often it is looked whether evidence is to be gathered or time-stamped.
const EVIDENCE_PAUSE: Duration = Duration::from_secs(30);
/// How often it is looked whether notices are to be sealed.
const SEALS_PAUSE: Duration = Duration::from_secs(30);
/// How often it is looked whether something was kept long enough.
const PURGE_PAUSE: Duration = Duration::from_hours(6);
/// How often it is looked whether newer lists ask for a look at the certificates behind issued cards.
const CERTIFICATES_PAUSE: Duration = Duration::from_mins(10);
/// How often it is looked whom to remind, and a few of them are.
const REMINDERS_PAUSE: Duration = Duration::from_mins(1);
/// How often it is looked whether an upgrade has left search tokens to be made.
const TOKENS_PAUSE: Duration = Duration::from_hours(1);
/// How long all loops together may take to finish their turns.
const GRACE: Duration = Duration::from_secs(30);

/// Whether the loops are told to stop.
type Stop = watch::Receiver<bool>;
/// One turn of a loop; true if there is more to do at once.
type Turn = Pin<Box<dyn Future<Output = Result<bool, Error>> + Send>>;

/// The running loops. Dropped without [`Workers::stop`], they end after their present turns.
pub struct Workers {
    stop: watch::Sender<bool>,
    loops: Vec<(&'static str, JoinHandle<()>)>,
}

impl Workers {
    /// Starts them.
    #[must_use]
    pub fn start(portal: &Arc<Portal>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut loops = Vec::new();
        let mut begin = |name, pause, turn: fn(Arc<Portal>, Stop) -> Turn| {
            let portal = Arc::clone(portal);
            let turns = run(name, pause, stopped.clone(), {
                let stop = stopped.clone();
                move || turn(Arc::clone(&portal), stop.clone())
            });
            loops.push((name, tokio::spawn(turns)));
        };
        begin("courier", COURIER_PAUSE, |portal, stop| {
            Box::pin(async move { Ok(portal.deliver_some_mail(|| *stop.borrow()).await? != Round::default()) })
        });
        begin("returned mail", BOUNCES_PAUSE, |portal, _| Box::pin(async move { portal.take_bounces().await }));
        begin("watch over mail", MAIL_WATCH_PAUSE, |portal, _| {
            Box::pin(async move { portal.watch_mail().await.map(|_| false) })
        });
        begin("sweep", SWEEP_PAUSE, |portal, _| Box::pin(async move { portal.sweep().await.map(|()| false) }));
        begin("revocation", REVOCATION_PAUSE, |portal, _| {
            Box::pin(async move {
                portal.revocation.refresh(&portal.trust, portal.clock.now()).await;
                Ok(false)
            })
        });
        begin("asking again", ASKING_PAUSE, |portal, _| Box::pin(async move { portal.ask_revocation_again().await }));
        begin("decisions by rule", ASKING_PAUSE, |portal, _| Box::pin(async move { portal.decide_by_rules().await }));
        begin("certificate numbers", ASKING_PAUSE, |portal, _| {
            Box::pin(async move { portal.look_up_certificate_numbers().await })
        });
        begin("evidence", EVIDENCE_PAUSE, |portal, _| Box::pin(async move { portal.gather_evidence().await }));
        begin("seals", SEALS_PAUSE, |portal, _| Box::pin(async move { portal.seal_notices().await }));
        begin("search tokens", TOKENS_PAUSE, |portal, _| Box::pin(async move { portal.backfill_tokens().await }));
        begin("purge", PURGE_PAUSE, |portal, _| {
            Box::pin(async move { portal.purge(portal.purge_cap).await.map(|erased| erased > 0) })
        });
        begin("pictures", PURGE_PAUSE, |portal, _| {
            Box::pin(async move { portal.erase_pictures(portal.purge_cap).await.map(|erased| erased > 0) })
        });
        begin("notices about cards", PURGE_PAUSE, |portal, _| {
            Box::pin(async move { portal.erase_card_notices(portal.purge_cap).await.map(|erased| erased > 0) })
        });
        begin("patrons", PURGE_PAUSE, |portal, _| {
            Box::pin(
                async move { portal.end_patrons(portal.purge_cap).await.map(|ended| ended.told + ended.erased > 0) },
            )
        });
        begin("ends of certificates", REMINDERS_PAUSE, |portal, _| {
            Box::pin(async move { portal.read_certificate_ends().await })
        });
        // Without more at once: what is queued here goes out beside the codes that people wait for.
        begin("reminders", REMINDERS_PAUSE, |portal, _| {
            Box::pin(async move { portal.remind_patrons().await.map(|_| false) })
        });
        begin("unread notices", REMINDERS_PAUSE, |portal, _| {
            Box::pin(async move { portal.follow_unread_notices().await.map(|_| false) })
        });
        begin("certificates", CERTIFICATES_PAUSE, |portal, _| {
            Box::pin(async move { portal.sweep_certificates().await.map(|_| false) })
        });
        Self { stop, loops }
    }

    /// Lets the turns in progress finish, and waits for them for a while.
    pub async fn stop(self) {
        self.stop_within(GRACE).await;
    }

    async fn stop_within(self, grace: Duration) {
        self.stop.send_replace(true);
        let end = tokio::time::Instant::now() + grace;
        for (name, mut worker) in self.loops {
            if tokio::time::timeout_at(end, &mut worker).await.is_err() {
                // What it was doing is taken up at the next start.
                tracing::warn!(worker = name, "a worker did not finish in time");
                worker.abort();
            }
        }
    }
}

async fn run(name: &'static str, pause: Duration, mut stopped: watch::Receiver<bool>, turn: impl Fn() -> Turn) {
    while !*stopped.borrow_and_update() {
        // A task of its own: a panic ends the turn, not the loop. It ends with the loop.
        let mut task = JoinSet::new();
        task.spawn(turn());
        let more = match task.join_next().await {
            Some(Ok(Ok(more))) => more,
            Some(Ok(Err(error))) => {
                tracing::error!(worker = name, %error, "a worker stumbled");
                false
            }
            Some(Err(_)) | None => {
                tracing::error!(worker = name, "a worker panicked; it goes on");
                false
            }
        };
        if more {
            continue;
        }
        tokio::select! {
            told = stopped.changed() => if told.is_err() { return },
            () = tokio::time::sleep(pause) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Runs turns until the one that tells itself to stop; returns how many there were.
    async fn turns(pause: Duration, last: u32, outcome: fn(u32) -> Result<bool, Error>) -> u32 {
        let (stop, stopped) = watch::channel(false);
        let (stop, count) = (Arc::new(stop), Arc::new(AtomicU32::new(0)));
        let counted = Arc::clone(&count);
        run("test", pause, stopped, move || {
            let (stop, count) = (Arc::clone(&stop), Arc::clone(&counted));
            Box::pin(async move {
                let turn = count.fetch_add(1, Ordering::SeqCst) + 1;
                if turn == last {
                    stop.send_replace(true);
                }
                outcome(turn)
            })
        })
        .await;
        count.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn a_panic_or_failure_ends_a_turn_and_not_the_loop() {
        let outcome = |turn| match turn {
            1 => panic!("told to"),
            2 => Err(Error::Internal("told to")),
            _ => Ok(false),
        };
        assert_eq!(turns(Duration::ZERO, 4, outcome).await, 4);
    }

    #[tokio::test]
    async fn a_loop_with_more_to_do_does_not_pause_and_still_stops() {
        assert_eq!(turns(Duration::MAX, 3, |_| Ok(true)).await, 3);
    }

    #[tokio::test]
    async fn a_loop_told_to_stop_in_its_turn_does_not_pause_first() {
        assert_eq!(turns(Duration::MAX, 1, |_| Ok(false)).await, 1);
    }

    #[tokio::test]
    async fn a_turn_that_does_not_end_in_time_is_broken_off() {
        struct Gone(Arc<AtomicU32>);
        impl Drop for Gone {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let (stop, stopped) = watch::channel(false);
        let (begun, ended) = (Arc::new(tokio::sync::Notify::new()), Arc::new(AtomicU32::new(0)));
        let (b, e) = (Arc::clone(&begun), Arc::clone(&ended));
        let turns = run("test", Duration::MAX, stopped, move || {
            let (begun, gone) = (Arc::clone(&b), Gone(Arc::clone(&e)));
            Box::pin(async move {
                begun.notify_one();
                std::future::pending::<()>().await;
                drop(gone);
                Ok(false)
            })
        });
        let workers = Workers { stop, loops: vec![("test", tokio::spawn(turns))] };
        begun.notified().await;
        workers.stop_within(Duration::ZERO).await;
        while ended.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn stopping_waits_for_the_turn_in_progress() {
        let (stop, stopped) = watch::channel(false);
        let (begun, finish) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
        let settled = Arc::new(AtomicU32::new(0));
        let (b, f, s) = (Arc::clone(&begun), Arc::clone(&finish), Arc::clone(&settled));
        let turns = run("test", Duration::MAX, stopped, move || {
            let (begun, finish, settled) = (Arc::clone(&b), Arc::clone(&f), Arc::clone(&s));
            Box::pin(async move {
                begun.notify_one();
                finish.notified().await;
                settled.fetch_add(1, Ordering::SeqCst);
                Ok(false)
            })
        });
        let workers = Workers { stop, loops: vec![("test", tokio::spawn(turns))] };
        begun.notified().await;
        finish.notify_one();
        workers.stop().await;
        assert_eq!(settled.load(Ordering::SeqCst), 1);
    }
}
