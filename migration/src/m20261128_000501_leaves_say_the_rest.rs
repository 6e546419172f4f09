//! An entry of the audit log says most of what it says only once: in its leaf, whose bytes are hashed. Beside it stays what entries are found by. The
//! entry that says of another one that its detail was erased is found by what its leaf says. The first 8 bytes of each hash, as a number, tell which leaf was
//! changed if one was; entries of before have none.

use crate::change::Change;
use crate::dialect::Dialect;

/// The columns that go, and where the leaf says the same.
const REPEATED: [(&str, &[&str]); 5] = [
    ("actor_kind", &["actor", "kind"]),
    ("target_kind", &["target", "kind"]),
    ("target_id", &["target", "id"]),
    ("correlation_id", &["correlation_id"]),
    ("outcome", &["outcome"]),
];

/// Of those, what an entry may have none of.
const OPTIONAL: &str = "correlation_id";

/// No columns of `audit_entries` that only repeat its leaf, the column `hash_start`, and the index `audit_entries_by_erased`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    let dropped = REPEATED.map(|(column, _)| format!("ALTER TABLE audit_entries DROP COLUMN {column};\n"));
    let erased = dialect.in_json("leaf", &["target", "id"]);
    dropped.concat()
        + &dialect.tables("ALTER TABLE audit_entries ADD COLUMN hash_start BIGINT;\n")
        + &format!("CREATE INDEX audit_entries_by_erased ON audit_entries (({erased})) WHERE action = 'DETAIL_ERASED';\n")
}

fn down(dialect: Dialect) -> String {
    let added = REPEATED.map(|(column, _)| {
        let always = if column == OPTIONAL { "" } else { " NOT NULL DEFAULT ''" };
        format!("ALTER TABLE audit_entries ADD COLUMN {column} TEXT{always};\n")
    });
    let values = REPEATED.map(|(column, path)| format!("{column} = {}", dialect.in_json("leaf", path)));
    [
        "DROP INDEX audit_entries_by_erased;\nALTER TABLE audit_entries DROP COLUMN hash_start;\n".to_owned(),
        added.concat(),
        dialect.either("DROP TRIGGER audit_entries_update;\n", "DROP TRIGGER audit_entries_update ON audit_entries;\n"),
        format!("UPDATE audit_entries SET {};\n", values.join(", ")),
        dialect.never_changed("audit_entries"),
    ]
    .concat()
}
