//! Where the numbers of incidents, alerts, runs, approvals, notes and jobs come from: sequences, on SQLite a table of counters.

use crate::change::Change;
use crate::dialect::Dialect;

const NOUNS: [&str; 6] = ["incidents", "alerts", "runs", "approvals", "notes", "jobs"];

/// Counters or sequences.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    if dialect == Dialect::Postgres {
        return NOUNS.iter().map(|noun| format!("CREATE SEQUENCE {noun}_number;\n")).collect();
    }
    let rows: Vec<String> = NOUNS.iter().map(|noun| format!("('{noun}', 0)")).collect();
    let table = "CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;";
    format!("{table}\nINSERT INTO counters (name, value) VALUES {};", rows.join(", "))
}

fn down(dialect: Dialect) -> String {
    if dialect == Dialect::Sqlite {
        return "DROP TABLE counters;".to_owned();
    }
    NOUNS.iter().map(|noun| format!("DROP SEQUENCE {noun}_number;\n")).collect()
}
