//! `todoke serve`, `todoke migrate`, `todoke check-config`.

use super::{Failure, block_on};
use crate::clock::Clock;
use crate::config::Config;
use crate::server;
use crate::store::Schema;

pub(super) fn run(config: Config) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(async move {
        let parts = server::parts(&config, &Clock::System)?;
        let db = server::migrate_database(&config).await?;
        server::serve(&config, parts.over(db, Clock::System)).await
    })
}

pub(super) fn migrate(config: Config) -> Result<(), Failure> {
    block_on(async move {
        server::migrate_database(&config).await?.close().await;
        println!("the database is up to date");
        Ok(())
    })
}

/// Tells what is good and what is not, and changes nothing: it may run beside a portal that serves, or before
/// there is a database.
pub(super) fn check(config: Config) -> Result<(), Failure> {
    block_on(async move {
        server::parts(&config, &Clock::System)?;
        println!("configuration, secrets, roots: good");
        let Some(db) = server::look_at_database(&config).await? else {
            println!("database: not migrated yet (there is no file; `todoke migrate` makes it)");
            return Ok(());
        };
        match db.schema().await? {
            Schema::Absent => println!("database: reached, not migrated yet (`todoke migrate` does it)"),
            Schema::Ahead => return Err("the database was migrated by a newer version of todoke".into()),
            schema @ (Schema::Behind(_) | Schema::Current) => {
                match schema {
                    Schema::Behind(pending) => println!("database: reached, {pending} migrations behind"),
                    _ => println!("database: reached, up to date"),
                }
                db.check_keys().await?;
                println!("master keys: open what is sealed");
            }
        }
        db.close().await;
        Ok(())
    })
}
