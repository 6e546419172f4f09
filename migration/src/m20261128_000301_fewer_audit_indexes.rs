//! Less is written with each entry of the audit log: times are found by halving the log, without an index, and the index of actions leaves out what
//! is logged with nearly every alert.

use crate::change::Change;

const FEWER: &str = "
DROP INDEX audit_entries_by_time;
DROP INDEX audit_entries_by_action;
CREATE INDEX audit_entries_by_action ON audit_entries (action, seq)
    WHERE action NOT IN ('ALERT_INGESTED', 'INCIDENT_CREATED', 'STATE_CHANGED');
";

const MORE: &str = "
DROP INDEX audit_entries_by_action;
CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);
CREATE INDEX audit_entries_by_time ON audit_entries (at, seq);
";

/// No index `audit_entries_by_time`, and a smaller `audit_entries_by_action`.
pub fn change() -> Change {
    Change::new(module_path!(), |_| FEWER.to_owned(), |_| MORE.to_owned())
}
