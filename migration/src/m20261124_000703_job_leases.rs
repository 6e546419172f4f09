//! A job that is claimed is due again when its lease ends, by `run_after` alone: the next one is found at the head of one index.

use crate::change::Change;

/// Sets `run_after` of the jobs that are claimed.
pub fn change() -> Change {
    let up = |_| "UPDATE jobs SET run_after = lease_until WHERE lease_until IS NOT NULL;".to_owned();
    Change::new(module_path!(), up, |_| String::new())
}
