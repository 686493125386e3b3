use crate::support::database::TestDatabase;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct Column {
    table_name: String,
    #[sqlx(rename = "column_name")]
    name: String,
    required: i32,
}

#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct Name {
    name: String,
}

async fn of_sqlite(database: &TestDatabase) -> (Vec<Column>, Vec<Name>, Vec<Name>) {
    let mut connection = SqliteConnection::connect(&database.address).await.unwrap();
    let columns = sqlx::query_as(
        "SELECT m.name AS table_name, p.name AS column_name, p.\"notnull\" AS required
         FROM sqlite_master m JOIN pragma_table_info(m.name) p
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_%' ESCAPE '\\'
         ORDER BY m.name, p.cid",
    );
    let indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name";
    (
        columns.fetch_all(&mut connection).await.unwrap(),
        sqlx::query_as(indexes).fetch_all(&mut connection).await.unwrap(),
        sqlx::query_as(triggers).fetch_all(&mut connection).await.unwrap(),
    )
}

async fn of_postgres(database: &TestDatabase) -> (Vec<Column>, Vec<Name>, Vec<Name>) {
    let mut connection = PgConnection::connect(&database.address).await.unwrap();
    let columns = sqlx::query_as(
        "SELECT c.table_name::text, c.column_name::text,
             CASE c.is_nullable WHEN 'NO' THEN 1 ELSE 0 END AS required
         FROM information_schema.columns c
         WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_%'
         ORDER BY c.table_name COLLATE \"C\", c.ordinal_position",
    );
    let indexes = "SELECT i.indexname::text AS name FROM pg_indexes i
         WHERE i.schemaname = 'public' AND i.tablename NOT LIKE '\\_%'
             AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conname = i.indexname)
         ORDER BY i.indexname COLLATE \"C\"";
    // SQLite has no TRUNCATE to refuse.
    let triggers = "SELECT tgname::text AS name FROM pg_trigger
         WHERE NOT tgisinternal AND tgname NOT LIKE '%truncate' ORDER BY tgname COLLATE \"C\"";
    (
        columns.fetch_all(&mut connection).await.unwrap(),
        sqlx::query_as(indexes).fetch_all(&mut connection).await.unwrap(),
        sqlx::query_as(triggers).fetch_all(&mut connection).await.unwrap(),
    )
}

#[tokio::test]
async fn both_engines_have_the_same_tables_columns_indexes_and_triggers() {
    let sqlite = TestDatabase::sqlite().await;
    let (columns, indexes, triggers) = of_sqlite(&sqlite).await;
    assert!(columns.len() > 100, "{} columns", columns.len());
    assert!(!indexes.is_empty() && !triggers.is_empty());
    if let Some(postgres) = TestDatabase::postgres().await {
        let others = of_postgres(&postgres).await;
        assert_eq!(columns, others.0);
        assert_eq!(indexes, others.1);
        assert_eq!(triggers, others.2);
        postgres.delete().await;
    }
    sqlite.delete().await;
}

#[tokio::test]
async fn every_table_but_the_libraries_names_its_library() {
    let sqlite = TestDatabase::sqlite().await;
    let (columns, ..) = of_sqlite(&sqlite).await;
    let mut tables: Vec<&str> = columns.iter().map(|column| column.table_name.as_str()).collect();
    tables.dedup();
    for table in tables.into_iter().filter(|table| *table != "libraries") {
        let named = columns
            .iter()
            .any(|column| column.table_name == table && column.name == "library_id" && column.required == 1);
        assert!(named, "{table}");
    }
    sqlite.delete().await;
}
