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
        self.insert(rows, None);
    }

    /// The same, where a row with the same key may be there already.
    pub fn insert_all_or<A: ActiveModelTrait>(&mut self, rows: Vec<A>, known: &OnConflict) {
        self.insert(rows, Some(known));
    }

    fn insert<A: ActiveModelTrait>(&mut self, rows: Vec<A>, known: Option<&OnConflict>) {
        let Some(first) = rows.first() else { return };
        let columns: Vec<_> = Columns::<A>::iter().filter(|column| first.get(*column).is_set()).collect();
        let mut one = A::Entity::insert(first.clone());
        if let Some(known) = known {
            one = one.on_conflict(known.clone());
        }
        let one = one.build(self.backend).sql;
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let taken = rows.by_ref().take(PARAMETERS_MAX / columns.len());
            let values: Vec<Value> = taken.flat_map(|row| values_of(row, &columns)).collect();
            let sql = widened(&one, (values.len() / columns.len(), columns.len()), self.backend);
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

fn values_of<A: ActiveModelTrait>(mut row: A, columns: &[Columns<A>]) -> Vec<Value> {
    columns.iter().map(|column| row.take(*column).into_value().unwrap_or(Value::String(None))).collect()
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

#[cfg(test)]
mod tests {
    use sea_orm::{Database, DatabaseConnection, PaginatorTrait, Set};
    use tempfile::TempDir;

    use super::*;
    use crate::entity::audit_nodes::{ActiveModel, Column, Entity};

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

    #[tokio::test]
    async fn more_than_one_statement_or_one_text_holds_is_sent_in_parts() {
        const ROWS: i64 = 150_000;
        let folder = TempDir::new().unwrap();
        let sqlite = database(&folder).await;
        sqlite
            .execute_unprepared("CREATE TABLE audit_nodes (position INTEGER NOT NULL PRIMARY KEY, hash BLOB NOT NULL)")
            .await
            .unwrap();
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
