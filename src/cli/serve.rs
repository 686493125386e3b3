//! `todoke serve`, `todoke migrate`, `todoke check-config`.

use super::{Failure, block_on};
use crate::clock::Clock;
use crate::config::Config;
use crate::server;
use crate::telemetry;

pub(super) fn run(config: Config) -> Result<(), Failure> {
    telemetry::start(config.log.format, &config.log.level);
    actix_web::rt::System::new().block_on(async move {
        let portal = server::portal(&config, Clock::System).await?;
        portal.db.migrate().await?;
        portal.db.check_keys().await?;
        server::serve(&config, portal).await
    })
}

pub(super) fn migrate(config: Config) -> Result<(), Failure> {
    block_on(async move {
        let db = server::database(&config).await?;
        db.migrate().await?;
        println!("the database is up to date");
        Ok(())
    })
}

pub(super) fn check(config: Config) -> Result<(), Failure> {
    block_on(async move {
        let portal = server::portal(&config, Clock::System).await?;
        println!("configuration, secrets, roots: good");
        portal.ready().await?;
        println!("database: reached");
        portal.db.check_keys().await?;
        println!("master keys: open what is sealed");
        Ok(())
    })
}
