//! Statements whose answers nobody needs, sent to the database together. SQLite runs on a thread of its own: a trip there and back costs more than
//! most statements do. PostgreSQL takes them one after another.

use std::fmt::Write as _;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, Iterable, QueryTrait, Statement, Value, Values};

use crate::error::StoreError;

/// Parameters of one statement: SQLite takes 32,766, PostgreSQL 65,535.
const PARAMETERS_MAX: usize = 30_000;
/// Text that is sent at once: SQLite takes 1,000,000 bytes.
const TEXT_BYTES_MAX: usize = 500_000;

/// Rows by which the sizes of filled texts differ. It takes SQLite longer to read a text of many rows than to skip rows of nulls.
const FILLED_ROWS: usize = 32;
/// Rows of the largest filled text: what is known of one takes memory.
const FILLED_ROWS_MAX: usize = 256;

/// Are rows of nulls added, which are not inserted, so that the text is one of few?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filling {
    Yes,
    No,
}

/// Statements in the order in which they will run.
pub struct Batch<'a, C> {
    connection: &'a C,
    backend: DbBackend,
    statements: Vec<Statement>,
}

impl<'a, C: ConnectionTrait> Batch<'a, C> {
    /// Nothing so far.
    pub fn on(connection: &'a C) -> Self {
        Self { connection, backend: connection.get_database_backend(), statements: Vec::new() }
    }

    /// Adds one statement.
    pub fn add(&mut self, query: &impl QueryTrait) {
        self.statements.push(query.build(self.backend));
    }

    /// Adds rows, with as few statements as the limit of parameters allows. All have the columns that the first one has.
    pub fn insert_all<A: ActiveModelTrait>(&mut self, rows: Vec<A>) {
        self.insert(rows, None, Filling::No);
    }

    /// The same for what nearly every change writes, in texts that SQLite knows from before. The first column must not be null.
    pub fn insert_often<A: ActiveModelTrait>(&mut self, rows: Vec<A>) {
        self.insert(rows, None, if self.backend == DbBackend::Sqlite { Filling::Yes } else { Filling::No });
    }

    /// The same, where a row with the same key may be there already.
    pub fn insert_all_or<A: ActiveModelTrait>(&mut self, rows: Vec<A>, known: &OnConflict) {
        self.insert(rows, Some(known), Filling::No);
    }

    fn insert<A: ActiveModelTrait>(&mut self, rows: Vec<A>, known: Option<&OnConflict>, filling: Filling) {
        let Some(first) = rows.first() else { return };
        let columns: Vec<_> = Columns::<A>::iter().filter(|column| first.get(*column).is_set()).collect();
        let mut one = A::Entity::insert(first.clone());
        if let Some(known) = known {
            one = one.on_conflict(known.clone());
        }
        let one = one.build(self.backend).sql;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let count = rows.len().min(PARAMETERS_MAX / columns.len());
            let mut values: Vec<Value> = Vec::with_capacity(count * columns.len());
            values.extend(rows.by_ref().take(count).flat_map(|row| values_of(row, &columns)));
            let sql = if filling == Filling::Yes && count <= FILLED_ROWS_MAX {
                let filled = count.next_multiple_of(FILLED_ROWS);
                values.resize(filled * columns.len(), Value::String(None));
                unfilled(&widened(&one, (filled, columns.len()), self.backend))
            } else {
                widened(&one, (count, columns.len()), self.backend)
            };
            self.statements.push(Statement::from_sql_and_values(self.backend, sql, values));
        }
    }

    /// Runs everything; after an error, what came before it stays for the transaction to take back.
    pub async fn send(self) -> Result<(), StoreError> {
        let statements = if self.backend == DbBackend::Sqlite { joined(self.statements) } else { self.statements };
        for statement in statements {
            self.connection.execute_raw(statement).await?;
        }
        Ok(())
    }
}

/// SQLite takes several statements in one text, and their values one after another.
fn joined(statements: Vec<Statement>) -> Vec<Statement> {
    let mut texts: Vec<Statement> = Vec::new();
    for statement in statements {
        match texts.last_mut() {
            Some(text) if text.sql.len() + statement.sql.len() < TEXT_BYTES_MAX => {
                text.sql.push(';');
                text.sql.push_str(&statement.sql);
                let values = &mut text.values.get_or_insert_with(|| Values(Vec::new())).0;
                values.extend(statement.values.into_iter().flat_map(|values| values.0));
            }
            _ => texts.push(statement),
        }
    }
    texts
}

type Columns<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

fn values_of<A: ActiveModelTrait>(mut row: A, columns: &[Columns<A>]) -> impl Iterator<Item = Value> {
    columns.iter().map(move |column| row.take(*column).into_value().unwrap_or(Value::String(None)))
}

const VALUES: &str = " VALUES ";

/// An INSERT of one row as one of many rows. SeaORM's own for many rows copies each value several times.
fn widened(one: &str, (rows, columns): (usize, usize), backend: DbBackend) -> String {
    let (into, values) = one.split_once(VALUES).unwrap_or((one, ""));
    let (_, on_conflict) = values.split_once(')').unwrap_or_default();
    let mut sql = [into, VALUES].concat();
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            sql.push_str(if column == 0 { "" } else { ", " });
            match backend {
                DbBackend::Postgres => _ = write!(sql, "${}", row * columns + column + 1),
                _ => sql.push('?'),
            }
        }
        sql.push(')');
    }
    sql + on_conflict
}

/// An INSERT of many rows that leaves out those of nulls.
fn unfilled(many: &str) -> String {
    let (into, rows) = many.split_once(VALUES).unwrap_or((many, ""));
    format!("{into} SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL")
}

#[cfg(test)]
mod tests {
    use sea_orm::{Database, DatabaseConnection, PaginatorTrait, QueryOrder, Set};
    use tempfile::TempDir;

    use super::*;
    use crate::entity::audit_nodes::{ActiveModel, Column, Entity, Model};

    fn rows(positions: std::ops::Range<i64>) -> Vec<ActiveModel> {
        positions.map(|position| ActiveModel { position: Set(position), hash: Set(position.to_be_bytes().to_vec()) }).collect()
    }

    async fn database(folder: &TempDir) -> DatabaseConnection {
        Database::connect(format!("sqlite://{}?mode=rwc", folder.path().join("rows.db").display())).await.unwrap()
    }

    #[tokio::test]
    async fn rows_are_inserted_as_seaorm_inserts_them() {
        let folder = TempDir::new().unwrap();
        let sqlite = database(&folder).await;
        let known = OnConflict::column(Column::Position).update_column(Column::Hash).to_owned();
        for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
            let mut batch = Batch { connection: &sqlite, backend, statements: Vec::new() };
            batch.insert_all(rows(0..3));
            batch.insert_all_or(rows(0..2), &known);
            let expected = [
                Entity::insert_many(rows(0..3)).build(backend),
                Entity::insert_many(rows(0..2)).on_conflict(known.clone()).build(backend),
            ];
            assert_eq!(batch.statements, expected);
        }
    }

    async fn table(folder: &TempDir) -> DatabaseConnection {
        let sqlite = database(folder).await;
        let create = "CREATE TABLE audit_nodes (position INTEGER NOT NULL PRIMARY KEY, hash BLOB NOT NULL)";
        sqlite.execute_unprepared(create).await.unwrap();
        sqlite
    }

    #[tokio::test]
    async fn what_is_written_often_has_few_texts_and_only_its_rows() {
        let folder = TempDir::new().unwrap();
        let sqlite = table(&folder).await;
        let mut sent = 0;
        let mut text = async |count: i64| {
            let mut batch = Batch::on(&sqlite);
            batch.insert_often(rows(sent..sent + count));
            let texts: Vec<String> = batch.statements.iter().map(|statement| statement.sql.clone()).collect();
            batch.send().await.unwrap();
            sent += count;
            let stored = Entity::find().order_by_asc(Column::Position).all(&sqlite).await.unwrap();
            let expected = (0..sent).map(|position| Model { position, hash: position.to_be_bytes().to_vec() });
            assert_eq!(stored, expected.collect::<Vec<_>>());
            texts
        };
        let small = text(1).await;
        assert_eq!(small.len(), 1);
        assert_eq!(text(31).await, small);
        assert_eq!(text(32).await, small);
        let large = text(33).await;
        assert_ne!(large, small);
        assert_eq!(text(64).await, large);
        assert_ne!(text(257).await, text(258).await);
        assert_eq!(text(0).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn more_than_one_statement_or_one_text_holds_is_sent_in_parts() {
        const ROWS: i64 = 150_000;
        let folder = TempDir::new().unwrap();
        let sqlite = table(&folder).await;
        let mut batch = Batch::on(&sqlite);
        batch.insert_all(rows(0..ROWS));
        let statements = batch.statements.len();
        let texts = joined(std::mem::take(&mut batch.statements));
        assert!(1 < texts.len() && texts.len() < statements, "{statements} statements, {} texts", texts.len());
        assert!(texts.iter().all(|text| text.sql.len() <= TEXT_BYTES_MAX));
        batch.statements = texts;
        batch.send().await.unwrap();
        assert_eq!(Entity::find().count(&sqlite).await.unwrap(), ROWS.unsigned_abs());
        let last = Entity::find_by_id(ROWS - 1).one(&sqlite).await.unwrap().unwrap();
        assert_eq!(last.hash, (ROWS - 1).to_be_bytes());
    }
}
