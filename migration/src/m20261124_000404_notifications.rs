//! What Countersign does by itself: how far the log was followed, what was done for an incident already, and its own messages.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE log_followers (
    name TEXT NOT NULL PRIMARY KEY,
    next_seq BIGINT NOT NULL
) {keyed};
INSERT INTO log_followers (name, next_seq) SELECT 'triage', size FROM audit_head;
CREATE TABLE marks (
    subject TEXT NOT NULL,
    mark TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (subject, mark)
) {keyed};
CREATE TABLE notifications (
    id BIGINT NOT NULL PRIMARY KEY,
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    event TEXT NOT NULL,
    channel TEXT NOT NULL,
    message TEXT NOT NULL,
    queued_at BIGINT NOT NULL,
    sent_at BIGINT
) {strict};
CREATE INDEX notifications_by_incident ON notifications (incident_id, id);
";

/// The tables `log_followers`, `marks` and `notifications`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    let numbers = dialect
        .either("INSERT INTO counters (name, value) VALUES ('notifications', 0);\n", "CREATE SEQUENCE notifications_number;\n");
    [numbers, dialect.tables(TABLES), dialect.add_only("marks", &["subject, mark"])].concat()
}

fn down(dialect: Dialect) -> String {
    let numbers = dialect.either("DELETE FROM counters WHERE name = 'notifications';", "DROP SEQUENCE notifications_number;");
    "DROP TABLE notifications; DROP TABLE marks; DROP TABLE log_followers;".to_owned() + &numbers
}
