//! Argon2id, a few at a time.
//!
//! Each hash needs 19 MiB. Left to a thread pool, sixteen at once would make the process
//! grow to gigabytes and keep them; so there are as many permits as processors, and the
//! memory of one hash serves the next.

use super::Error;
use crate::random;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use data_encoding::BASE64_NOPAD;
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// OWASP's first recommendation for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const SALT: usize = 16;
const OUTPUT: usize = 32;
/// A well-formed hash of no password, checked when there is no account, so that the answer takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and checks passwords on blocking threads, never more at once than there are processors.
#[derive(Clone)]
pub struct PasswordHasher {
    permits: Arc<Semaphore>,
    memory: Arc<Mutex<Vec<Vec<Block>>>>,
}

impl Default for PasswordHasher {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { permits: Arc::new(Semaphore::new(processors)), memory: Arc::default() }
    }
}

impl PasswordHasher {
    /// The PHC string of `password` under a fresh salt.
    ///
    /// # Errors
    /// [`Error::Internal`] if the machine has no randomness or no memory to give.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, Error> {
        let salt = random::bytes::<SALT>();
        let output = self.derive(password, salt).await?;
        Ok(format!(
            "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${}${}",
            BASE64_NOPAD.encode(&salt),
            BASE64_NOPAD.encode(&*output)
        ))
    }

    /// Tells whether `password` made `hash`. Without a hash it does the same work and says no.
    ///
    /// # Errors
    /// [`Error::Internal`] if a stored hash is not one of ours.
    pub async fn verify(&self, password: Zeroizing<String>, hash: Option<&str>) -> Result<bool, Error> {
        let (salt, expected) = parts(hash.unwrap_or(NOBODY)).ok_or(Error::Internal("unreadable password hash"))?;
        let output = self.derive(password, salt).await?;
        Ok(bool::from(output.as_slice().ct_eq(&expected)) & hash.is_some())
    }

    async fn derive(&self, password: Zeroizing<String>, salt: [u8; SALT]) -> Result<Zeroizing<[u8; OUTPUT]>, Error> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::Internal("shutting down"))?;
        let memory = Arc::clone(&self.memory);
        tokio::task::spawn_blocking(move || {
            let params = Params::new(MEMORY_KIB, PASSES, 1, Some(OUTPUT)).map_err(|_| Error::Internal("argon2"))?;
            let mut blocks = memory
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop()
                .unwrap_or_else(|| vec![Block::default(); params.block_count()]);
            let mut output = Zeroizing::new([0; OUTPUT]);
            let hashed = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
                password.as_bytes(),
                &salt,
                output.as_mut(),
                &mut blocks,
            );
            memory.lock().unwrap_or_else(PoisonError::into_inner).push(blocks);
            hashed.map(|()| output).map_err(|_| Error::Internal("argon2"))
        })
        .await
        .map_err(|_| Error::Internal("password hashing was cut off"))?
    }
}

fn parts(hash: &str) -> Option<([u8; SALT], [u8; OUTPUT])> {
    let rest = hash.strip_prefix("$argon2id$v=19$m=19456,t=2,p=1$")?;
    let (salt, output) = rest.split_once('$')?;
    let salt = BASE64_NOPAD.decode(salt.as_bytes()).ok()?.try_into().ok()?;
    let output = BASE64_NOPAD.decode(output.as_bytes()).ok()?.try_into().ok()?;
    Some((salt, output))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clear(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let hasher = PasswordHasher::default();
        let hash = hasher.hash(clear("正しい馬の電池")).await.unwrap();
        assert!(hasher.verify(clear("正しい馬の電池"), Some(&hash)).await.unwrap());
        assert!(!hasher.verify(clear("正しい馬の電池 "), Some(&hash)).await.unwrap());
        assert!(!hasher.verify(clear("正しい馬の電池"), None).await.unwrap(), "nobody has no password");
    }

    #[tokio::test]
    async fn the_same_password_hashes_differently_each_time() {
        let hasher = PasswordHasher::default();
        assert_ne!(hasher.hash(clear("x")).await.unwrap(), hasher.hash(clear("x")).await.unwrap());
    }

    #[tokio::test]
    async fn memory_is_reused() {
        let hasher = PasswordHasher::default();
        let hashing = (0..8).map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.hash(clear("x")).await })
        });
        for task in hashing.collect::<Vec<_>>() {
            task.await.unwrap().unwrap();
        }
        let processors = std::thread::available_parallelism().unwrap().get();
        assert!(hasher.memory.lock().unwrap().len() <= processors);
    }
}
