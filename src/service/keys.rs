//! The change of the master key: every data key wrapped under the newest one.

use super::Error;
use crate::store::{Db, seal};

/// How many data keys are wrapped in one transaction: few enough that nobody waits long for it.
const BATCH: u32 = 500;

/// Wraps all data keys under the newest master key, and tells how many there were. After that the older master
/// keys are needed for backups only. Cut off in between, it goes on where it stopped when called again.
///
/// # Errors
/// Only the store's, such as an older master key that is not at hand.
pub async fn rotate(db: &Db) -> Result<u64, Error> {
    let mut rewrapped = 0;
    loop {
        let mut tx = db.begin().await?;
        let batch = seal::rewrap(&mut tx, BATCH).await?;
        tx.commit().await?;
        if batch == 0 {
            break;
        }
        rewrapped += batch;
    }
    // A key wrapped under the old master key must not linger in the journal.
    db.tidy().await?;
    Ok(rewrapped)
}
