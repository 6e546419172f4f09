//! What an effect contains or frees, in the spelling that `domain::search` gives an observable: so that an entity shows what holds it.
//! Effects of before get theirs where a database can spell it; of the others nothing is shown.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
ALTER TABLE effects ADD COLUMN target TEXT {bytewise};
CREATE INDEX effects_by_target ON effects (target, started_at) WHERE target IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX effects_by_target;
ALTER TABLE effects DROP COLUMN target;
";

/// The pairs of actions, the parameter that names their target, and the kind of observable that it is.
const TARGETS: [(&str, &str, &str); 4] = [
    ("'block_ip', 'unblock_ip'", "ip", "ip"),
    ("'block_domain', 'unblock_domain'", "domain", "domain"),
    ("'disable_user', 'enable_user'", "user", "user"),
    ("'isolate_host', 'release_host'", "host", "host"),
];

/// The column `target` of `effects`.
pub fn change() -> Change {
    Change::new(module_path!(), up, |_| DOWN.to_owned())
}

fn up(dialect: Dialect) -> String {
    let mut script = dialect.tables(TABLES).replace("{bytewise}", &dialect.either("", "COLLATE \"C\""));
    script += &dialect.either("DROP TRIGGER effects_update;\n", "DROP TRIGGER effects_update ON effects;\n");
    for (actions, parameter, kind) in TARGETS {
        let value = dialect.either(&format!("json_extract(input, '$.{parameter}')"), &format!("(input::json ->> '{parameter}')"));
        let nul = dialect.either("instr(input, '\\u0000')", "strpos(input, '\\u0000')");
        script += &format!(
            "UPDATE effects SET target = '#{kind}:' || lower(trim({value})) \
             WHERE action IN ({actions}) AND CASE WHEN {nul} = 0 THEN length({value}) <= 128 ELSE FALSE END;\n"
        );
    }
    script + &dialect.never_changed("effects")
}
