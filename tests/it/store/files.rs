//! The database as a thing in the file system, and how far its tables are.

use super::fixtures::{NOW, library, rules};
use crate::support::database::both_engines;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use todoke::store::seal::Keyring;
use todoke::store::{Db, Schema, libraries};

fn keyring() -> Arc<Keyring> {
    Arc::new(Keyring::parse(&Keyring::generate_line(1)).unwrap())
}

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("todoke-files-{}", uuid::Uuid::new_v4().simple()));
    std::fs::create_dir(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn only_its_owner_may_read_the_file_and_its_journal() {
    let folder = folder();
    let db = Db::connect(&format!("sqlite:{}", folder.join("a.db").display()), keyring()).await.unwrap();
    db.migrate().await.unwrap();
    assert_eq!(names(&folder), ["a.db", "a.db-shm", "a.db-wal"]);
    for name in names(&folder) {
        let mode = std::fs::metadata(folder.join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    db.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn looking_makes_no_file_and_changes_none() {
    let folder = folder();
    let path = folder.join("a.db");
    let address = format!("sqlite:{}", path.display());
    let keys = keyring();
    assert!(Db::look(&address, Arc::clone(&keys)).await.unwrap().is_none());
    assert!(names(&folder).is_empty());

    let db = Db::connect(&address, Arc::clone(&keys)).await.unwrap();
    let fresh = Db::look(&address, Arc::clone(&keys)).await.unwrap().unwrap();
    assert_eq!(fresh.schema().await.unwrap(), Schema::Absent);
    fresh.close().await;
    db.migrate().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    library(&mut tx, "himeji").await;
    tx.commit().await.unwrap();
    // Beside a portal that serves …
    let beside = Db::look(&address, Arc::clone(&keys)).await.unwrap().unwrap();
    assert_eq!(beside.schema().await.unwrap(), Schema::Current);
    beside.check_keys().await.unwrap();
    beside.close().await;
    db.close().await;
    // … and when nobody has it open.
    let before = (names(&folder), std::fs::read(&path).unwrap());
    let alone = Db::look(&address, keys).await.unwrap().unwrap();
    assert_eq!(alone.schema().await.unwrap(), Schema::Current);
    alone.check_keys().await.unwrap();
    alone.close().await;
    assert_eq!((names(&folder), std::fs::read(&path).unwrap()), before);
    std::fs::remove_dir_all(&folder).unwrap();
}

both_engines! {
    async fn the_state_of_the_tables_is_told(database: &TestDatabase) {
        let db = Db::look(&database.address, keyring()).await.unwrap().unwrap();
        assert_eq!(db.schema().await.unwrap(), Schema::Current);
        let newest = database.count("SELECT MAX(version) FROM _sqlx_migrations").await;
        database.execute(&format!("UPDATE _sqlx_migrations SET version = 9999 WHERE version = {newest}")).await.unwrap();
        assert_eq!(db.schema().await.unwrap(), Schema::Ahead);
        database.execute("DELETE FROM _sqlx_migrations WHERE version = 9999").await.unwrap();
        assert_eq!(db.schema().await.unwrap(), Schema::Behind(1));
        database.execute("DELETE FROM _sqlx_migrations").await.unwrap();
        assert_eq!(db.schema().await.unwrap(), Schema::Absent);
        database.execute("DROP TABLE _sqlx_migrations").await.unwrap();
        assert_eq!(db.schema().await.unwrap(), Schema::Absent);
        db.close().await;
    }

    async fn who_only_looks_can_change_nothing(database: &TestDatabase) {
        let db = Db::look(&database.address, keyring()).await.unwrap().unwrap();
        if let Ok(mut tx) = db.begin().await {
            let refused = libraries::save_rules(&mut tx, &rules("himeji"), "source", NOW).await;
            assert!(refused.is_err(), "{refused:?}");
        }
        db.close().await;
        assert_eq!(database.count("SELECT COUNT(*) FROM libraries").await, 0);
    }
}
