//! Which incident a duplicate was merged into.

use crate::change::Change;

/// The column `merged_into` of incidents.
pub fn change() -> Change {
    Change::new(
        module_path!(),
        |dialect| dialect.tables("ALTER TABLE incidents ADD COLUMN merged_into BIGINT;"),
        |_| "ALTER TABLE incidents DROP COLUMN merged_into;".to_owned(),
    )
}
