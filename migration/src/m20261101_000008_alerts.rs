//! Alerts as normalised, and what was seen in them. `sender_alert_id` is null when the sender gave none; `submitted_by` is the
//! person who posted it by hand; `joined_by` the key that joined it to an incident that was already open.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE alerts (
    id BIGINT NOT NULL PRIMARY KEY,
    sender_alert_id TEXT,
    source TEXT NOT NULL,
    incident_id BIGINT REFERENCES incidents (id),
    incident_type TEXT NOT NULL,
    title TEXT NOT NULL,
    source_severity TEXT,
    occurred_at BIGINT,
    received_at BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    normalised TEXT NOT NULL,
    submitted_by TEXT REFERENCES users (id),
    joined_by TEXT,
    UNIQUE (sender_alert_id, source)
) {strict};
CREATE INDEX alerts_by_incident ON alerts (incident_id, id);
CREATE INDEX alerts_by_hand ON alerts (incident_id, submitted_by) WHERE submitted_by IS NOT NULL;
CREATE TABLE alert_observables (
    alert_id BIGINT NOT NULL REFERENCES alerts (id),
    position BIGINT NOT NULL,
    field TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (alert_id, position)
) {keyed};";

/// The tables `alerts` and `alert_observables`.
pub fn change() -> Change {
    Change::new(
        module_path!(),
        |dialect: Dialect| dialect.tables(TABLES),
        |_| "DROP TABLE alert_observables; DROP TABLE alerts;".to_owned(),
    )
}
