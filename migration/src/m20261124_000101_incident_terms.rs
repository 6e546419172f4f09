//! What incidents are found by: the words of their texts, their tags, sources and observables, in the spelling that
//! `domain::search` gives them. They are compared byte by byte on both databases.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE incident_terms (
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    term TEXT {bytewise} NOT NULL,
    PRIMARY KEY (incident_id, term)
) {keyed};
CREATE INDEX incident_terms_by_term ON incident_terms (term, incident_id);";

/// The table `incident_terms`.
pub fn change() -> Change {
    Change::new(module_path!(), up, |_| "DROP TABLE incident_terms;".to_owned())
}

fn up(dialect: Dialect) -> String {
    dialect.tables(TABLES).replace("{bytewise}", &dialect.either("", "COLLATE \"C\""))
}
