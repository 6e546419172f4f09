//! The pieces of a SQLite schema: the statements that SQLite keeps of them. What this version makes is found by making it, in memory.

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, Statement};
use tokio::sync::OnceCell;

use super::{Form, Piece, PieceKind, Pieces};
use crate::error::StoreError;

/// Everything but what SQLite keeps for itself, and the list of the changes, which the library of migrations makes.
const SCHEMA: &str = "
SELECT type, tbl_name, name, sql FROM sqlite_schema
WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'seaql_migrations'";

/// The pieces that this version makes.
pub(crate) async fn expected() -> Result<&'static Pieces, StoreError> {
    static EXPECTED: OnceCell<Pieces> = OnceCell::const_new();
    EXPECTED.get_or_try_init(|| made_by(None)).await
}

/// The pieces that the first changes make, so many of them, or all.
pub(crate) async fn made_by(changes: Option<u32>) -> Result<Pieces, StoreError> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    // Each connection would have a database of its own.
    options.min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None).sqlx_logging(false);
    let memory = Database::connect(options).await?;
    Migrator::up(&memory, changes).await?;
    let made = pieces(&memory).await;
    memory.close().await?;
    made
}

pub(crate) async fn pieces<C: ConnectionTrait>(connection: &C) -> Result<Pieces, StoreError> {
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, SCHEMA)).await?;
    let mut pieces = Pieces::new();
    for row in rows {
        let (kind, table, name): (String, String, String) =
            (row.try_get("", "type")?, row.try_get("", "tbl_name")?, row.try_get("", "name")?);
        let definition = spaced_once(&row.try_get::<String>("", "sql")?);
        let is_unique = definition.to_ascii_uppercase().starts_with("CREATE UNIQUE");
        let (kind, name) = match kind.as_str() {
            "index" if is_unique => (PieceKind::UniqueIndex, name),
            "table" | "trigger" | "index" | "view" => (PieceKind::read(&kind), name),
            _ => (PieceKind::Other, format!("{kind} {name}")),
        };
        // What is there fires: SQLite has no disabled triggers.
        pieces.insert(Piece { kind, table, name }, Form { definition, is_enabled: true });
    }
    Ok(pieces)
}

/// White space means nothing but that words are apart.
fn spaced_once(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}
