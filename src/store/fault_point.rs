//! The place at which a process dies, for drills: between any two statements, before a commit, and right after one.
//!
//! A database without one ([`Db::dying_at`](super::Db::dying_at) is called by drills alone) asks nothing and loses
//! nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counts statements down to the death of the process. A commit counts twice: before it happens, and before anybody
/// hears that it has.
#[derive(Debug)]
pub struct FaultPoint {
    left: AtomicU64,
    struck: AtomicBool,
}

impl FaultPoint {
    /// Lets so many statements pass; none after them reaches the database.
    #[must_use]
    pub fn after(statements: u64) -> Arc<Self> {
        Arc::new(Self { left: AtomicU64::new(statements), struck: AtomicBool::new(false) })
    }

    /// Tells whether anything was stopped.
    #[must_use]
    pub fn has_struck(&self) -> bool {
        self.struck.load(Ordering::SeqCst)
    }

    /// Lets one statement pass, or none any more.
    pub(super) fn pass(&self) -> Result<(), sqlx::Error> {
        let one_less = |left: u64| left.checked_sub(1);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            return Ok(());
        }
        self.struck.store(true, Ordering::SeqCst);
        Err(sqlx::Error::WorkerCrashed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_passes_after_death() {
        let fault = FaultPoint::after(2);
        assert!(fault.pass().is_ok() && fault.pass().is_ok());
        assert!(!fault.has_struck());
        assert!(fault.pass().is_err() && fault.pass().is_err());
        assert!(fault.has_struck());
    }
}
