//! Tasks of incidents, and where their numbers come from.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE tasks (
    id BIGINT NOT NULL PRIMARY KEY,
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    title TEXT NOT NULL,
    assignee TEXT REFERENCES users (id),
    done BIGINT NOT NULL CHECK (done IN (0, 1)),
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    done_at BIGINT
) {strict};
CREATE INDEX tasks_by_incident ON tasks (incident_id, done, id);
";

/// The table `tasks`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    let numbers = dialect.either("INSERT INTO counters (name, value) VALUES ('tasks', 0);\n", "CREATE SEQUENCE tasks_number;\n");
    [numbers, dialect.tables(TABLES), dialect.never_deleted("tasks")].concat()
}

fn down(dialect: Dialect) -> String {
    "DROP TABLE tasks;".to_owned() + &dialect.either("DELETE FROM counters WHERE name = 'tasks';", "DROP SEQUENCE tasks_number;")
}
