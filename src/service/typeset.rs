//! Documents, a few at a time.
//!
//! Setting one keeps a processor busy and takes tens of megabytes while it lasts. Left to a
//! thread pool, hundreds could be set at once; so there are as many permits as processors,
//! and whoever comes later waits without holding a thread.

use super::{Error, Portal};
use crate::document::{DocumentError, Typesetter};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Permits to set a document.
#[derive(Clone)]
pub struct Typesetting(Arc<Semaphore>);

impl Default for Typesetting {
    fn default() -> Self {
        Self::at_most(std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }
}

impl Typesetting {
    /// So many documents at once.
    #[must_use]
    pub fn at_most(permits: usize) -> Self {
        Self(Arc::new(Semaphore::new(permits)))
    }

    /// Does the work on a blocking thread, once there is a permit. Whoever stops waiting for the answer does
    /// not free the permit: the work goes on to its end.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let permit = Arc::clone(&self.0).acquire_owned().await.map_err(|_| Error::Internal("no typesetting"))?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        })
        .await
        .map_err(|_| Error::Internal("typesetting was cut off"))
    }
}

impl Portal {
    /// Sets (or reads) a document where blocking is allowed, at most as many at once as there are processors.
    ///
    /// # Errors
    /// [`Error::Document`] as `set` says.
    pub async fn typeset<T: Send + 'static>(
        &self,
        set: impl FnOnce(&Typesetter) -> Result<T, DocumentError> + Send + 'static,
    ) -> Result<T, Error> {
        let typesetter = Arc::clone(&self.typesetter);
        Ok(self.typesetting.run(move || set(&typesetter)).await??)
    }

    /// The signs of `text` that stand in documents as 〓 with their code points, each once: no font here has them.
    #[must_use]
    pub fn unprintable(&self, text: &str) -> Vec<char> {
        self.typesetter.uncovered(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_more_are_set_at_once_than_there_are_permits() {
        let typesetting = Typesetting::at_most(2);
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let works: Vec<_> = (0..16)
            .map(|_| {
                let (typesetting, now, most) = (typesetting.clone(), Arc::clone(&now), Arc::clone(&most));
                tokio::spawn(async move {
                    let work = move || {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        now.fetch_sub(1, Ordering::SeqCst);
                    };
                    typesetting.run(work).await.unwrap();
                })
            })
            .collect();
        for work in works {
            work.await.unwrap();
        }
        assert!((1..=2).contains(&most.load(Ordering::SeqCst)), "{most:?}");
        assert_eq!(typesetting.0.available_permits(), 2);
    }

    #[tokio::test]
    async fn a_panic_gives_its_permit_back() {
        let typesetting = Typesetting::at_most(1);
        let broken = typesetting.run(|| assert!(std::hint::black_box(false), "told to")).await;
        assert!(matches!(broken, Err(Error::Internal(_))));
        assert_eq!(typesetting.run(|| 7).await.unwrap(), 7);
    }
}
