//! The pieces of a PostgreSQL schema, from the catalogues that every role may read. What this version makes stands in a file, because the server's
//! role may make nothing: a test compares the file with what the migrations make, and writes it anew when it is told to. What the versions of PostgreSQL
//! spell differently is left out of a definition: of a view all but its kind, since ours are read from functions.

use std::sync::LazyLock;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use super::{Form, GuardFault, Piece, PieceKind, Pieces, read_lines};
use crate::error::StoreError;

/// Made by `COUNTERSIGN_WRITE_GUARDS=1 cargo test -p store --test it guards`.
const EXPECTED: &str = include_str!("postgres.txt");

/// A row for each piece that is found by its name alone: its kind, table, name and parts of its definition, and whether it is enabled. What an extension
/// brought belongs to that. The function that a trigger calls is told by its name, the columns by theirs, and never by numbers.
const PIECES: &str = r"
WITH ours AS (
    SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
        AND c.relname <> 'seaql_migrations' AND pg_table_is_visible(c.oid)
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
), tables AS (SELECT * FROM ours WHERE relkind IN ('r', 'p', 'f'))
SELECT 'table' AS kind, relname::text AS table_name, relname::text AS name, true AS is_enabled, NULL::text AS expression,
    concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity) AS definition
FROM tables
UNION ALL
SELECT 'view', relname, relname, true, NULL, relkind::text FROM ours WHERE relkind IN ('v', 'm')
UNION ALL
SELECT 'column', t.relname, a.attname, true, NULL,
    concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END, a.attidentity, a.attgenerated)
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid WHERE a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', t.relname, c.conname,
    NOT EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgconstraint = c.oid AND g.tgenabled NOT IN ('O', 'A')),
    pg_get_expr(c.conbin, c.conrelid),
    concat_ws(' ', c.contype,
        (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number),
        CASE WHEN c.contype = 'f' THEN (SELECT relname FROM pg_class WHERE oid = c.confrelid) END,
        (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number),
        c.confupdtype, c.confdeltype, c.confmatchtype, c.condeferrable, c.condeferred, c.convalidated,
        coalesce(to_jsonb(c) ->> 'conenforced', 'true'))
FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid WHERE c.contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL
SELECT CASE WHEN i.indisunique THEN 'unique_index' ELSE 'index' END, t.relname, x.relname, i.indisvalid AND i.indisready,
    concat_ws(' where ',
        (SELECT string_agg(pg_get_indexdef(i.indexrelid, k, false), ',' ORDER BY k) FROM generate_series(1, i.indnatts) AS k),
        pg_get_expr(i.indpred, i.indrelid)),
    ''
FROM tables t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class x ON x.oid = i.indexrelid
WHERE NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = t.oid)
UNION ALL
SELECT 'trigger', t.relname, g.tgname, g.tgenabled IN ('O', 'A'),
    substring(pg_get_triggerdef(g.oid) FROM 'WHEN \((.*)\) EXECUTE (?:FUNCTION|PROCEDURE)'),
    concat_ws(' ', g.tgtype, p.proname, pg_function_is_visible(p.oid),
        (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(g.tgattr::int2[]) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute a ON a.attrelid = g.tgrelid AND a.attnum = k.number),
        encode(g.tgargs, 'hex'), g.tgdeferrable, g.tginitdeferred)
FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid JOIN pg_proc p ON p.oid = g.tgfoid WHERE NOT g.tgisinternal
UNION ALL
SELECT 'other', t.relname, 'rule ' || r.rulename, true, NULL, '' FROM tables t JOIN pg_rewrite r ON r.ev_class = t.oid
UNION ALL
SELECT 'other', t.relname, 'policy ' || o.polname, true, NULL, '' FROM tables t JOIN pg_policy o ON o.polrelid = t.oid
UNION ALL
SELECT 'function', '', p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', true, NULL,
    concat_ws(' ', l.lanname, format_type(p.prorettype, NULL), p.prokind, p.prosecdef, p.proisstrict, p.provolatile, p.proconfig::text,
        p.prosrc)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' AND pg_function_is_visible(p.oid)
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
";

/// Where triggers are switched off for this role, in this database or all.
const SETTINGS: &str = "
SELECT 'session_replication_role is ' || current_setting('session_replication_role') AS setting
WHERE current_setting('session_replication_role') = 'replica'
UNION ALL
SELECT 'new sessions begin with ' || entry FROM pg_db_role_setting, unnest(setconfig) AS entry
WHERE lower(replace(entry, ' ', '')) = 'session_replication_role=replica'
    AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))";

/// The pieces that this version makes.
pub(crate) fn expected() -> &'static Pieces {
    static READ: LazyLock<Pieces> = LazyLock::new(|| read_lines(EXPECTED));
    &READ
}

pub(crate) async fn pieces<C: ConnectionTrait>(connection: &C) -> Result<Pieces, StoreError> {
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, PIECES)).await?;
    rows.iter().map(piece).collect()
}

fn piece(row: &QueryResult) -> Result<(Piece, Form), StoreError> {
    let kind = PieceKind::read(&row.try_get::<String>("", "kind")?);
    let piece = Piece { kind, table: row.try_get("", "table_name")?, name: row.try_get("", "name")? };
    let mut definition: String = row.try_get("", "definition")?;
    if let Some(expression) = row.try_get::<Option<String>>("", "expression")? {
        definition = format!("{definition} {}", plain(&expression));
    }
    Ok((piece, Form { definition, is_enabled: row.try_get("", "is_enabled")? }))
}

/// The settings that switch triggers off for this role.
pub(crate) async fn settings<C: ConnectionTrait>(connection: &C) -> Result<Vec<GuardFault>, StoreError> {
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, SETTINGS)).await?;
    rows.iter().map(|row| Ok(GuardFault::Setting(row.try_get("", "setting")?))).collect()
}

/// An expression without what the versions of PostgreSQL add to it differently: casts, space, and brackets, where these decide nothing.
fn plain(expression: &str) -> String {
    let brackets_matter = expression.contains(" AND ") && expression.contains(" OR ");
    let mut plain = String::with_capacity(expression.len());
    let mut rest = expression;
    while let Some(letter) = rest.chars().next() {
        if let Some(cast) = rest.strip_prefix("::") {
            rest = cast.trim_start_matches(|letter: char| letter.is_ascii_lowercase() || letter == '_');
            rest = rest.strip_prefix("[]").unwrap_or(rest);
            continue;
        }
        rest = &rest[letter.len_utf8()..];
        let is_bracket = matches!(letter, '(' | ')');
        if !letter.is_whitespace() && (brackets_matter || !is_bracket) {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn an_expression_says_the_same_with_and_without_casts_and_brackets() {
        for (one, other) in [
            ("(id = 1)", "id = 1"),
            ("(a = ANY (ARRAY[(0)::bigint, (1)::bigint]))", "a = ANY (ARRAY[0, 1])"),
            ("(m = ANY (ARRAY['live'::text, 'dry_run'::text]))", "m = ANY (ARRAY['live', 'dry_run'])"),
            ("((new.size < old.size) OR (new.id <> old.id))", "new.size < old.size OR new.id <> old.id"),
        ] {
            assert_eq!(plain(one), plain(other));
        }
        for (one, other) in [("(id = 1)", "(id = 2)"), ("a", "a OR true"), ("(a AND b) OR c", "a AND (b OR c)"), ("a", "")] {
            assert_ne!(plain(one), plain(other));
        }
    }
}
