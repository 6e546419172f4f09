//! What is made anew from rows that were there before a change, and how far that has come. Incidents from before they had terms are
//! the first: the server gives them theirs while it runs, because the words are not the database's business.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE backfills (
    name TEXT NOT NULL PRIMARY KEY,
    next_id BIGINT NOT NULL,
    last_id BIGINT NOT NULL
) {keyed};
INSERT INTO backfills (name, next_id, last_id)
    SELECT 'incident_terms', coalesce(min(id), 1), coalesce(max(id), 0) FROM incidents;";

/// The table `backfills`, with every incident that there is to be looked at.
pub fn change() -> Change {
    Change::new(module_path!(), |dialect: Dialect| dialect.tables(TABLES), |_| "DROP TABLE backfills;".to_owned())
}
