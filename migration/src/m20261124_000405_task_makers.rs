//! A task that a run made which started by itself has no maker.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLE: &str = "
CREATE TABLE tasks_again (
    id BIGINT NOT NULL PRIMARY KEY,
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    title TEXT NOT NULL,
    assignee TEXT REFERENCES users (id),
    done BIGINT NOT NULL CHECK (done IN (0, 1)),
    created_by TEXT {maker} REFERENCES users (id),
    created_at BIGINT NOT NULL,
    done_at BIGINT
) {strict};
INSERT INTO tasks_again SELECT id, incident_id, title, assignee, done, created_by, created_at, done_at FROM tasks {which};
DROP TABLE tasks;
ALTER TABLE tasks_again RENAME TO tasks;
CREATE INDEX tasks_by_incident ON tasks (incident_id, done, id);
";

/// The column `created_by` of `tasks` may be null. Taking it back loses the tasks without a maker.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => again(dialect, "", ""),
        Dialect::Postgres => "ALTER TABLE tasks ALTER COLUMN created_by DROP NOT NULL;".to_owned(),
    }
}

fn down(dialect: Dialect) -> String {
    again(dialect, "NOT NULL", "WHERE created_by IS NOT NULL")
}

fn again(dialect: Dialect, maker: &str, which: &str) -> String {
    dialect.tables(TABLE).replace("{maker}", maker).replace("{which}", which) + &dialect.never_deleted("tasks")
}
