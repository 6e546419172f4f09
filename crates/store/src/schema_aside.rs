//! The tables of a PostgreSQL database set aside as a whole, so that others can take their place, and put back if those cannot be
//! trusted. What takes their place, and whether it may, is decided elsewhere.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::error::StoreError;

/// How the schema is called that stands aside; a number follows.
const ASIDE: &str = "before_restore_";

/// A connection to a PostgreSQL database whose tables are exchanged.
pub struct SchemaAside {
    connection: DatabaseConnection,
}

impl SchemaAside {
    /// Connects; nothing is changed yet.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self { connection: Database::connect(url).await? })
    }

    /// How many connections of servers there are.
    pub async fn server_sessions(&self) -> Result<i64, StoreError> {
        let sessions =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'countersign'";
        let row = self.connection.query_one_raw(statement(sessions)).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
    }

    /// Sets the tables aside, and says what their schema is called then; `None` if there are none.
    pub async fn set_aside(&self) -> Result<Option<String>, StoreError> {
        let tables = "SELECT 1 FROM pg_tables WHERE schemaname = 'public'";
        if self.connection.query_one_raw(statement(tables)).await?.is_none() {
            return Ok(None);
        }
        let taken = format!("SELECT count(*) FROM pg_namespace WHERE nspname LIKE '{ASIDE}%'");
        let taken: i64 = self.connection.query_one_raw(statement(&taken)).await?.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        let name = format!("{ASIDE}{}", taken + 1);
        // Both or neither: one message is one transaction.
        self.connection.execute_unprepared(&format!("ALTER SCHEMA public RENAME TO {name}; CREATE SCHEMA public")).await?;
        Ok(Some(name))
    }

    /// Drops what has taken the place of the tables, and puts them back.
    pub async fn put_back(&self, aside: Option<&str>) -> Result<(), StoreError> {
        let back = match aside {
            Some(name) => format!("ALTER SCHEMA {name} RENAME TO public"),
            None => "CREATE SCHEMA public".to_owned(),
        };
        self.connection.execute_unprepared(&format!("DROP SCHEMA public CASCADE; {back}")).await?;
        Ok(())
    }

    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.connection.close().await?)
    }
}

fn statement(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Postgres, sql)
}
