//! What differs between SQLite and PostgreSQL, and the guards that several tables share: rows that are only added, columns that
//! never change. What a table holds stands in its own file.

use sea_orm_migration::sea_orm::{DbBackend, DbErr};

/// The database that a script is written for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The dialect of a backend; an error for a database that Countersign does not support.
    pub fn of(backend: DbBackend) -> Result<Self, DbErr> {
        match backend {
            DbBackend::Sqlite => Ok(Self::Sqlite),
            DbBackend::Postgres => Ok(Self::Postgres),
            other => Err(DbErr::Migration(format!("{other:?} is not supported"))),
        }
    }

    /// The script for this database.
    pub fn either(self, sqlite: &str, postgres: &str) -> String {
        if self == Self::Sqlite { sqlite.to_owned() } else { postgres.to_owned() }
    }

    /// Table definitions in PostgreSQL's words, in those of this database. `{strict}` ends a table whose integer key is its
    /// row id; `{keyed}` one that has no row id beside its key, so that nothing can be replaced behind the key's back.
    pub fn tables(self, sql: &str) -> String {
        if self == Self::Postgres {
            return sql.replace(" {strict}", "").replace(" {keyed}", "");
        }
        sql.replace("BIGINT", "INTEGER")
            .replace("BYTEA", "BLOB")
            .replace("{strict}", "STRICT")
            .replace("{keyed}", "STRICT, WITHOUT ROWID")
    }

    /// What the JSON in a column says at the end of this path, as text.
    pub fn in_json(self, column: &str, path: &[&str]) -> String {
        match self {
            Self::Sqlite => format!("json_extract({column}, '$.{}')", path.join(".")),
            Self::Postgres => format!("({column}::json #>> '{{{}}}')", path.join(",")),
        }
    }

    /// Refuses UPDATE, DELETE and the replacing of rows with one of these keys (on PostgreSQL also TRUNCATE).
    pub fn add_only(self, table: &str, keys: &[&str]) -> String {
        self.never_again(table, keys) + &self.never_deleted(table) + &self.never_changed(table)
    }

    /// Refuses UPDATE.
    pub fn never_changed(self, table: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} BEGIN \
                 SELECT RAISE(ABORT, 'UPDATE of {table} is refused'); END;\n"
            ),
            Self::Postgres => {
                format!("CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();\n")
            }
        }
    }

    /// Refuses DELETE, and on PostgreSQL TRUNCATE.
    pub fn never_deleted(self, table: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} BEGIN \
                 SELECT RAISE(ABORT, 'DELETE of {table} is refused'); END;\n"
            ),
            Self::Postgres => {
                format!("CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();\n")
                    + &self.never_truncated(table)
            }
        }
    }

    /// Refuses TRUNCATE, which only PostgreSQL has.
    pub fn never_truncated(self, table: &str) -> String {
        match self {
            Self::Sqlite => String::new(),
            Self::Postgres => format!(
                "CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();\n"
            ),
        }
    }

    /// Refuses a second row with one of these keys before SQLite's INSERT OR REPLACE can take the first one away, which
    /// would not fire its delete trigger. PostgreSQL has no such statement; its constraints are enough.
    pub fn never_again(self, table: &str, keys: &[&str]) -> String {
        if self == Self::Postgres {
            return String::new();
        }
        let checks: String = keys.iter().map(|key| refuse_existing(table, key)).collect();
        format!("CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} BEGIN {checks}END;\n")
    }

    /// The database's clock, in Unix milliseconds.
    pub fn now_ms(self) -> &'static str {
        if self == Self::Sqlite { "CAST(unixepoch('subsec') * 1000 AS INTEGER)" } else { "now_ms()" }
    }

    /// What the rows of a view are read from, where a trigger or another view reads them.
    pub fn rows_of(self, view: &str) -> String {
        if self == Self::Sqlite { view.to_owned() } else { format!("{view}_rows()") }
    }

    /// Refuses a new row for which any of these conditions holds, each with its reason. `name` tells the trigger from others of the table.
    pub fn refuse_insert(self, table: &str, name: &str, refusals: &[(&str, &str)]) -> String {
        let each =
            |refusal: fn(&str, &str) -> String| refusals.iter().map(|(reason, holds)| refusal(reason, holds)).collect::<String>();
        match self {
            Self::Sqlite => {
                let checks = each(|reason, holds| format!("SELECT RAISE(ABORT, '{reason}') WHERE {holds};\n"));
                format!("CREATE TRIGGER {table}_{name} BEFORE INSERT ON {table} BEGIN\n{checks}END;\n")
            }
            Self::Postgres => {
                let checks = each(|reason, holds| format!("PERFORM refuse_if({holds}, '{reason}');\n"));
                format!(
                    "CREATE FUNCTION {table}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n{checks}RETURN NEW; END $$;\n\
                     CREATE TRIGGER {table}_{name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_{name}();\n"
                )
            }
        }
    }

    /// Refuses any other value in these columns once the row is there.
    pub fn frozen(self, table: &str, columns: &str) -> String {
        let distinct = if self == Self::Sqlite { "IS NOT" } else { "IS DISTINCT FROM" };
        let changed: Vec<String> = columns.split(", ").map(|column| format!("OLD.{column} {distinct} NEW.{column}")).collect();
        let changed = changed.join(" OR ");
        match self {
            Self::Sqlite => format!(
                "CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {columns} ON {table} WHEN {changed} BEGIN \
                 SELECT RAISE(ABORT, 'UPDATE of {table} is refused: {columns} never change'); END;\n"
            ),
            Self::Postgres => format!(
                "CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {columns} ON {table} FOR EACH ROW WHEN ({changed}) \
                 EXECUTE FUNCTION refuse_change();\n"
            ),
        }
    }
}

fn refuse_existing(table: &str, key: &str) -> String {
    let same: Vec<String> = key.split(", ").map(|column| format!("{column} = NEW.{column}")).collect();
    let same = same.join(" AND ");
    format!("SELECT RAISE(ABORT, '{table} already has this {key}') WHERE EXISTS (SELECT 1 FROM {table} WHERE {same}); ")
}
