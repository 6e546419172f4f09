//! On PostgreSQL the server may work in a role that owns nothing: it reads and writes rows, and can neither change the schema nor take away the
//! guards of the log. The owner of the schema gives it what it needs.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::error::StoreError;

/// What is only ever added to.
const ADDED_TO: &str = "audit_entries, audit_nodes, audit_checkpoints, audit_keys, audit_erasures";

/// Gives the role of this address what a server needs, in the schema of the owner's address.
pub async fn give_to(server_url: &str, owner_url: &str) -> Result<(), StoreError> {
    let server = connect(server_url).await?;
    let role = named(&server, "SELECT quote_ident(current_user)").await?;
    server.close().await?;
    let owner = connect(owner_url).await?;
    if named(&owner, "SELECT quote_ident(current_user)").await? == role {
        owner.close().await?;
        return Err(StoreError::Misconfigured("the owner of the database must be another role than the server's".to_owned()));
    }
    let given = owner.execute_unprepared(&statements(&role)).await;
    owner.close().await?;
    given?;
    Ok(())
}

fn statements(role: &str) -> String {
    format!(
        "GRANT USAGE ON SCHEMA public TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
         REVOKE UPDATE, DELETE ON {ADDED_TO} FROM {role};
         REVOKE UPDATE ON audit_detail, audit_pending FROM {role};
         REVOKE INSERT, DELETE ON audit_head FROM {role};
         REVOKE INSERT, UPDATE, DELETE ON seaql_migrations FROM {role};"
    )
}

async fn connect(url: &str) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

async fn named(connection: &DatabaseConnection, sql: &str) -> Result<String, StoreError> {
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.map_or(Ok(String::new()), |row| row.try_get_by_index(0))?)
}
