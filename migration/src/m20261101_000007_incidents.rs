//! Incidents, and the keys that later alerts are correlated by. A key carries the time of its incident's newest alert, so that the
//! look-up of candidates costs the same however many old incidents share the key.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE incidents (
    id BIGINT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    incident_type TEXT NOT NULL,
    state TEXT NOT NULL,
    severity_rank BIGINT NOT NULL CHECK (severity_rank BETWEEN 1 AND 5),
    risk_score BIGINT NOT NULL CHECK (risk_score BETWEEN 0 AND 100),
    score TEXT NOT NULL,
    inputs TEXT NOT NULL,
    verdict TEXT NOT NULL,
    verdict_reasons TEXT NOT NULL,
    assignee TEXT REFERENCES users (id),
    tags TEXT NOT NULL,
    analyst_notes TEXT NOT NULL,
    alert_count BIGINT NOT NULL,
    privileged_account BIGINT NOT NULL CHECK (privileged_account IN (0, 1)),
    critical_asset BIGINT NOT NULL CHECK (critical_asset IN (0, 1)),
    scoring_digest TEXT NOT NULL,
    newest_alert_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    acknowledged_at BIGINT,
    contained_at BIGINT,
    resolved_at BIGINT,
    closed_at BIGINT,
    version BIGINT NOT NULL
) {strict};
CREATE INDEX incidents_by_age ON incidents (created_at, id);
CREATE INDEX incidents_by_state ON incidents (state);
CREATE TABLE incident_keys (
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    newest_alert_at BIGINT NOT NULL,
    PRIMARY KEY (incident_id, kind, value)
) {keyed};
CREATE INDEX incident_keys_by_value ON incident_keys (value, newest_alert_at);";

/// The tables `incidents` and `incident_keys`.
pub fn change() -> Change {
    Change::new(
        module_path!(),
        |dialect: Dialect| dialect.tables(TABLES),
        |_| "DROP TABLE incident_keys; DROP TABLE incidents;".to_owned(),
    )
}
