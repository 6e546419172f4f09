//! Who made a one-time link: the password that is set by it counts as set by them, however it is used.

use crate::change::Change;

/// The column `made_by` of links.
pub fn change() -> Change {
    Change::new(
        module_path!(),
        |_| "ALTER TABLE links ADD COLUMN made_by TEXT;".to_owned(),
        |_| "ALTER TABLE links DROP COLUMN made_by;".to_owned(),
    )
}
