use super::fixtures::{NOW, library, rules, rules_toml};
use crate::support::database::both_engines;
use todoke::store::libraries;

both_engines! {
    async fn rules_come_back_as_they_were_saved(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let saved = library(&mut tx, "himeji").await;
        assert_eq!(saved.rules_version, 1);
        assert_eq!(libraries::find_by_slug(&mut tx, "himeji").await.unwrap().unwrap(), saved);
        assert_eq!(libraries::find(&mut tx, saved.id).await.unwrap().unwrap(), saved);
        assert_eq!(libraries::find_rules(&mut tx, saved.id, 1).await.unwrap().unwrap(), rules("himeji"));
        assert_eq!(libraries::find_by_slug(&mut tx, "akashi").await.unwrap(), None);
    }

    async fn only_a_changed_text_begins_another_version(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let first = library(&mut tx, "himeji").await;
        assert_eq!(library(&mut tx, "himeji").await, first);
        let mut changed = rules("himeji");
        changed.promised_open_days = 9;
        let text = rules_toml("himeji").replace("promised_open_days = 3", "promised_open_days = 9");
        let second = libraries::save_rules(&mut tx, &changed, &text, NOW).await.unwrap();
        assert_eq!((second.id, second.rules_version), (first.id, 2));
        assert_eq!(libraries::find_version(&mut tx, "himeji").await.unwrap(), Some(2));
        assert_eq!(libraries::find_version(&mut tx, "akashi").await.unwrap(), None);
        assert_eq!(libraries::find(&mut tx, first.id).await.unwrap().unwrap().rules, changed);
        assert_eq!(libraries::find_rules(&mut tx, first.id, 1).await.unwrap().unwrap(), first.rules);
        assert_eq!(libraries::find_rules(&mut tx, first.id, 3).await.unwrap(), None);
    }

    async fn versions_with_keys_that_rules_have_no_more_are_still_read(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let saved = library(&mut tx, "himeji").await;
        tx.commit().await.unwrap();
        let mut older = serde_json::to_value(&saved.rules).unwrap();
        older["renewal"]["evidence_again"] = "always".into();
        older["plastic_card"]["kept_days"] = 60.into();
        older["retention"]["certificates"] = serde_json::json!({ "years": 1 });
        older["retention"]["patrons"] = serde_json::json!({ "years": 1 });
        older["categories"][0]["asks_end"] = true.into();
        let older = older.to_string();
        let read = async |json: &str| {
            database.execute(&format!("UPDATE library_rules SET rules = '{}'", json.replace('\'', "''"))).await.unwrap();
            libraries::find(&mut database.db.read().await.unwrap(), saved.id).await
        };
        assert_eq!(read(&older).await.unwrap().unwrap(), saved);
        let foreign = older.replace("asks_end", "asks_nothing");
        assert!(read(&foreign).await.is_err(), "only those are known");
    }

    async fn libraries_are_listed_by_short_name(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (second, first) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        assert_eq!(libraries::list(&mut tx).await.unwrap(), [first.clone(), second]);
        assert_eq!(libraries::find_rules(&mut tx, first.id, 1).await.unwrap().unwrap().slug, "akashi");
    }
}
