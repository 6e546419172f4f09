//! Uploads of playbooks: the newest of a playbook is in force. The same version may be uploaded again, to go back to it. Uploads are
//! only added: whoever uploaded a version contributed to every run of it.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE playbook_uploads (
    id BIGINT NOT NULL PRIMARY KEY,
    playbook_id TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES playbook_versions (digest),
    author TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL
) {strict};
CREATE INDEX playbook_uploads_by_playbook ON playbook_uploads (playbook_id, id);
CREATE INDEX playbook_uploads_by_digest ON playbook_uploads (digest);
";

/// The table `playbook_uploads`, and where its numbers come from.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    let numbers = dialect.either(
        "INSERT INTO counters (name, value) VALUES ('playbook_uploads', 0);\n",
        "CREATE SEQUENCE playbook_uploads_number;\n",
    );
    [numbers, dialect.tables(TABLES), dialect.add_only("playbook_uploads", &["id"])].concat()
}

fn down(dialect: Dialect) -> String {
    "DROP TABLE playbook_uploads;".to_owned()
        + &dialect.either("DELETE FROM counters WHERE name = 'playbook_uploads';", "DROP SEQUENCE playbook_uploads_number;")
}
