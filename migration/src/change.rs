//! One reversible change of the schema: its name, and its SQL for either database. It runs in a transaction of its own.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{ConnectionTrait, DbErr, MigrationName, MigrationTrait, SchemaManager};

use crate::dialect::Dialect;

/// A change, named after the file that describes it.
pub struct Change {
    name: &'static str,
    up: fn(Dialect) -> String,
    down: fn(Dialect) -> String,
}

impl Change {
    /// The change that the module at `module_path` describes.
    pub fn new(module_path: &'static str, up: fn(Dialect) -> String, down: fn(Dialect) -> String) -> Self {
        let name = module_path.rsplit("::").next().unwrap_or(module_path);
        Self { name, up, down }
    }

    /// The name that the database keeps of it.
    pub fn known_as(&self) -> &'static str {
        self.name
    }
}

impl MigrationName for Change {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Change {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, self.up).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, self.down).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn run(manager: &SchemaManager<'_>, sql: fn(Dialect) -> String) -> Result<(), DbErr> {
    let dialect = Dialect::of(manager.get_database_backend())?;
    let script = sql(dialect);
    if !script.trim().is_empty() {
        manager.get_connection().execute_unprepared(&script).await?;
    }
    Ok(())
}
