//! Jobs are found by what they are about, to be called off.

use crate::change::Change;

/// The index `jobs_by_subject`.
pub fn change() -> Change {
    let up = |_| "CREATE INDEX jobs_by_subject ON jobs (subject, kind);".to_owned();
    Change::new(module_path!(), up, |_| "DROP INDEX jobs_by_subject;".to_owned())
}
