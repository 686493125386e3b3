//! Statements whose answers nobody waits for: a transaction that gathers them sends them together.
//!
//! Each statement is a way to the database and back. Where the writers of a library wait for each other, as approvals
//! do, all of them wait for each of those ways. A transaction that gathers ([`Tx::gather`]) keeps such statements until
//! it asks something or commits; then they go out as one, in their order on `SQLite`, at one moment on `PostgreSQL`. So
//! whatever it asks it asks after all that it has written, and what fails fails before the commit.

use super::timestamp::Timestamp;
use super::{Connection, Tx};
use futures_util::TryStreamExt;
use sqlx::error::BoxDynError;
use sqlx::{Arguments, AssertSqlSafe, Database, Either, Encode, Executor, Postgres, Sqlite, Type};
use std::borrow::Cow;
use std::fmt::Write as _;
use time::Date;
use uuid::Uuid;

/// A statement with its values, on either engine.
pub(super) struct Statement {
    /// A text of this layer: never anything that came from outside.
    sql: Cow<'static, str>,
    values: Vec<Value>,
}

/// What is bound to a statement.
pub(super) enum Value {
    Bytes(Option<Vec<u8>>),
    Day(Option<Date>),
    Id(Option<Uuid>),
    Number(Option<i64>),
    Text(Option<String>),
    Time(Option<Timestamp>),
}

/// What a transaction has put off.
#[derive(Default)]
pub(super) struct PutOff {
    statements: Vec<Statement>,
    /// The next state of rows that it holds: only the last one of each is written, after everything else.
    states: Vec<State>,
}

struct State {
    row: Uuid,
    /// The row's version as it is stored.
    stored: i64,
    statement: Statement,
}

impl PutOff {
    fn is_empty(&self) -> bool {
        self.statements.is_empty() && self.states.is_empty()
    }
}

impl Statement {
    /// A statement whose parameters are `$1` and so on.
    pub(super) fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self { sql: sql.into(), values: Vec::new() }
    }

    /// Binds the next value.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
}

impl Tx {
    /// From now on this transaction gathers what it only writes.
    pub fn gather(&mut self) {
        self.put_off.get_or_insert_default();
    }

    /// Tells whether statements are put off.
    pub(super) const fn gathers(&self) -> bool {
        self.put_off.is_some()
    }

    /// Writes, now or together with what follows.
    pub(super) async fn write(&mut self, statement: Statement) -> Result<(), sqlx::Error> {
        if let Some(put_off) = &mut self.put_off {
            put_off.statements.push(statement);
            return Ok(());
        }
        self.send(vec![statement]).await.map(drop)
    }

    /// The version in which a row is stored whose next state was put off.
    pub(super) fn stored_version(&self, row: Uuid) -> Option<i64> {
        let states = self.put_off.iter().flat_map(|put_off| &put_off.states);
        states.filter(|state| state.row == row).map(|state| state.stored).next()
    }

    /// Puts off the next state of a row that this transaction holds, in the place of the one before.
    pub(super) fn put_off_state(&mut self, row: Uuid, stored: i64, statement: Statement) {
        let states = &mut self.put_off.get_or_insert_default().states;
        states.retain(|state| state.row != row);
        states.push(State { row, stored, statement });
    }

    /// Writes at once, together with what was put off before except the states of rows, and tells how many rows this
    /// statement changed.
    pub(super) async fn write_counted(&mut self, statement: Statement) -> Result<u64, sqlx::Error> {
        let mut statements = self.put_off.as_mut().map(|put_off| std::mem::take(&mut put_off.statements));
        let statements = statements.get_or_insert_default();
        statements.push(statement);
        self.send(std::mem::take(statements)).await
    }

    /// Writes what was put off.
    pub(super) async fn write_put_off(&mut self) -> Result<(), sqlx::Error> {
        let Some(put_off) = self.put_off.as_mut().filter(|put_off| !put_off.is_empty()) else { return Ok(()) };
        let PutOff { mut statements, states } = std::mem::take(put_off);
        statements.extend(states.into_iter().map(|state| state.statement));
        self.send(statements).await.map(drop)
    }

    /// Sends statements as one, and tells how many rows the last of them changed.
    async fn send(&mut self, statements: Vec<Statement>) -> Result<u64, sqlx::Error> {
        if let Some(fault) = &self.fault {
            fault.pass()?;
        }
        match &mut self.connection {
            Connection::Sqlite(tx) => {
                let query =
                    sqlx::query_with(AssertSqlSafe(one_after_another(&statements)), bound::<Sqlite>(statements)?);
                let mut results = (&mut **tx).fetch_many(query);
                let mut changed = 0;
                while let Some(result) = results.try_next().await? {
                    if let Either::Left(done) = result {
                        changed = done.rows_affected();
                    }
                }
                Ok(changed)
            }
            Connection::Postgres(tx) => {
                let query = sqlx::query_with(AssertSqlSafe(all_at_once(&statements)), bound::<Postgres>(statements)?);
                Ok((&mut **tx).execute(query).await?.rows_affected())
            }
        }
    }
}

/// `SQLite` takes several statements in one text.
fn one_after_another(statements: &[Statement]) -> String {
    let mut text = String::new();
    let mut before = 0;
    for statement in statements {
        if !text.is_empty() {
            text.push_str(";\n");
        }
        push_numbered(&mut text, &statement.sql, before);
        before += statement.values.len();
    }
    text
}

/// `PostgreSQL` takes one statement in a text; but one may have others in front of it that write. All see what was there
/// before any of them, and what refers to another row is checked when all are done.
fn all_at_once(statements: &[Statement]) -> String {
    let mut text = String::new();
    let mut before = 0;
    for (place, statement) in statements.iter().enumerate() {
        let is_last = place + 1 == statements.len();
        if !is_last {
            let word = if place == 0 { "WITH" } else { "," };
            let _ = write!(text, "{word} w{place} AS (");
        } else if place > 0 {
            text.push('\n');
        }
        push_numbered(&mut text, &statement.sql, before);
        if !is_last {
            text.push_str(")\n");
        }
        before += statement.values.len();
    }
    text
}

/// Appends a statement whose parameters follow `before` others.
fn push_numbered(text: &mut String, sql: &str, before: usize) {
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let number = number.parse::<usize>().unwrap_or_default() + before;
        let _ = write!(text, "${number}{rest}");
    }
}

fn bound<DB: Database>(statements: Vec<Statement>) -> Result<DB::Arguments, sqlx::Error>
where
    for<'t> Option<Vec<u8>>: Encode<'t, DB> + Type<DB>,
    for<'t> Option<Date>: Encode<'t, DB> + Type<DB>,
    for<'t> Option<Uuid>: Encode<'t, DB> + Type<DB>,
    for<'t> Option<i64>: Encode<'t, DB> + Type<DB>,
    for<'t> Option<String>: Encode<'t, DB> + Type<DB>,
    for<'t> Option<Timestamp>: Encode<'t, DB> + Type<DB>,
{
    let mut arguments = DB::Arguments::default();
    for value in statements.into_iter().flat_map(|statement| statement.values) {
        let added: Result<(), BoxDynError> = match value {
            Value::Bytes(value) => arguments.add(value),
            Value::Day(value) => arguments.add(value),
            Value::Id(value) => arguments.add(value),
            Value::Number(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Time(value) => arguments.add(value),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

macro_rules! values {
    ($($from:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(Some(value.into()))
            }
        }

        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value.map(Into::into))
            }
        }
    )+};
}
values! {
    &[u8] => Bytes,
    Vec<u8> => Bytes,
    Date => Day,
    Uuid => Id,
    i64 => Number,
    &str => Text,
    String => Text,
    Timestamp => Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Vec<Statement> {
        vec![
            Statement::new("INSERT INTO a (x, y) VALUES ($1, $2)").bind(1_i64).bind("one"),
            Statement::new("DELETE FROM b WHERE x = $1").bind(2_i64),
            Statement::new("UPDATE c SET x = $2, y = $2 WHERE z = $1 AND w > $10").bind(3_i64).bind(4_i64),
        ]
    }

    #[test]
    fn statements_follow_each_other_and_their_parameters_too() {
        let text = "INSERT INTO a (x, y) VALUES ($1, $2);\nDELETE FROM b WHERE x = $3;\n\
                    UPDATE c SET x = $5, y = $5 WHERE z = $4 AND w > $13";
        assert_eq!(one_after_another(&three()), text);
    }

    #[test]
    fn the_last_statement_stands_behind_the_others() {
        let text = "WITH w0 AS (INSERT INTO a (x, y) VALUES ($1, $2))\n, w1 AS (DELETE FROM b WHERE x = $3)\n\
                    \nUPDATE c SET x = $5, y = $5 WHERE z = $4 AND w > $13";
        assert_eq!(all_at_once(&three()), text);
        assert_eq!(all_at_once(&three()[1..2]), "DELETE FROM b WHERE x = $1");
    }
}
