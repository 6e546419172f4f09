//! Who set an account's roles and its password, and who confirmed that: whoever has somebody's account in their hand is not a second person. Rows are
//! only added, and none can be dated back. The views say in whose hands an account is: of those who last set it, until somebody else confirmed
//! it or, where there is nobody else, for a day; and so on along those who set their accounts.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE account_changes (
    id BIGINT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    aspect TEXT NOT NULL CHECK (aspect IN ('roles', 'password')),
    is_approver BIGINT NOT NULL CHECK (is_approver IN (0, 1)),
    set_by TEXT REFERENCES users (id),
    via TEXT NOT NULL CHECK (via IN ('person', 'command_line', 'set_up', 'upgrade')),
    set_at BIGINT NOT NULL
) {strict};
CREATE INDEX account_changes_by_user ON account_changes (user_id, aspect, id);
CREATE TABLE account_confirmations (
    change_id BIGINT NOT NULL PRIMARY KEY REFERENCES account_changes (id),
    confirmed_by TEXT NOT NULL REFERENCES users (id),
    confirmed_at BIGINT NOT NULL
) {strict};
";

/// Accounts that are there already count as set by nobody.
const SQLITE_NUMBERS: &str = "
INSERT INTO counters (name, value) VALUES ('account_changes', 0);
INSERT INTO account_changes SELECT row_number() OVER (ORDER BY aspect, id), id, aspect,
    disabled_at IS NULL AND ' ' || roles || ' ' LIKE '% approver %', NULL, 'upgrade', created_at
    FROM users CROSS JOIN (SELECT 'roles' AS aspect UNION ALL SELECT 'password');
UPDATE counters SET value = (SELECT count(*) FROM account_changes) WHERE name = 'account_changes';
";

const POSTGRES_NUMBERS: &str = "
CREATE SEQUENCE account_changes_number;
INSERT INTO account_changes SELECT nextval('account_changes_number'), id, aspect,
    CAST(disabled_at IS NULL AND ' ' || roles || ' ' LIKE '% approver %' AS INTEGER), NULL, 'upgrade', created_at
    FROM users CROSS JOIN (VALUES ('roles'), ('password')) AS aspects (aspect);
";

/// How far the clock of whoever writes a row may be from the database's, in milliseconds.
const SKEW_MS_MAX: i64 = 60_000;

/// A view: its name, its columns with their types, and its rows. Those of another view are named in braces.
type View = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const HELD: [(&str, &str); 2] = [("user_id", "TEXT"), ("hand", "TEXT")];

const VIEWS: [View; 4] = [
    (
        "account_settings",
        &[
            ("id", "BIGINT"),
            ("user_id", "TEXT"),
            ("aspect", "TEXT"),
            ("set_by", "TEXT"),
            ("via", "TEXT"),
            ("set_at", "BIGINT"),
            ("confirmed_by", "TEXT"),
            ("confirmed_at", "BIGINT"),
        ],
        "SELECT c.id, c.user_id, c.aspect, c.set_by, c.via, c.set_at, k.confirmed_by, k.confirmed_at
            FROM account_changes c LEFT JOIN account_confirmations k ON k.change_id = c.id
            WHERE c.id = (SELECT max(d.id) FROM account_changes d WHERE d.user_id = c.user_id AND d.aspect = c.aspect)",
    ),
    (
        "account_setters",
        &[("user_id", "TEXT"), ("hand", "TEXT"), ("set_at", "BIGINT")],
        "SELECT s.user_id, s.set_by AS hand, max(s.set_at) AS set_at FROM {account_settings} s
            WHERE s.set_by IS NOT NULL AND s.set_by <> s.user_id AND s.confirmed_by IS NULL GROUP BY s.user_id, s.set_by",
    ),
    (
        "account_reach",
        &HELD,
        "WITH RECURSIVE reach (user_id, hand) AS (
            SELECT s.user_id, s.hand FROM {account_setters} s
            UNION SELECT r.user_id, s.hand FROM reach r JOIN {account_setters} s ON s.user_id = r.hand)
            SELECT r.user_id, r.hand FROM reach r",
    ),
    (
        "account_hands",
        &HELD,
        "WITH RECURSIVE holding (user_id, hand) AS (
            SELECT s.user_id, s.hand FROM {account_setters} s WHERE s.set_at + 86400000 > {now} OR EXISTS (
                SELECT 1 FROM users x WHERE x.id <> s.user_id AND x.id <> s.hand AND x.disabled_at IS NULL
                    AND (' ' || x.roles || ' ' LIKE '% admin %' OR ' ' || x.roles || ' ' LIKE '% approver %')
                    AND NOT EXISTS (SELECT 1 FROM {account_reach} r WHERE r.user_id = x.id AND r.hand = s.hand))),
            hands (user_id, hand) AS (
                SELECT o.user_id, o.hand FROM holding o
                UNION SELECT h.user_id, o.hand FROM hands h JOIN holding o ON o.user_id = h.hand)
            SELECT h.user_id, h.hand FROM hands h",
    ),
];

/// On PostgreSQL the rows come from functions, which triggers ask: of a function the source can be compared, of a view only what is made of it.
fn view(dialect: Dialect, (name, columns, rows): View) -> String {
    let source = VIEWS.iter().fold(rows.replace("{now}", dialect.now_ms()), |source, (other, ..)| {
        source.replace(&format!("{{{other}}}"), &dialect.rows_of(other))
    });
    match dialect {
        Dialect::Sqlite => format!("CREATE VIEW {name} AS {source};\n"),
        Dialect::Postgres => {
            let columns: Vec<String> = columns.iter().map(|(column, kind)| format!("{column} {kind}")).collect();
            let columns = columns.join(", ");
            format!(
                "CREATE FUNCTION {name}_rows() RETURNS TABLE ({columns}) LANGUAGE sql AS $$ {source} $$;\n\
                 CREATE VIEW {name} AS SELECT * FROM {name}_rows();\n"
            )
        }
    }
}

/// When a confirmation is refused, by its reason.
const REFUSALS: [(&str, &str); 2] = [
    (
        "confirmation refused: only another admin or approver confirms an account",
        "NOT EXISTS (SELECT 1 FROM users u JOIN account_changes c ON c.id = NEW.change_id WHERE u.id = NEW.confirmed_by
            AND u.id <> c.user_id AND u.disabled_at IS NULL
            AND (' ' || u.roles || ' ' LIKE '% admin %' OR ' ' || u.roles || ' ' LIKE '% approver %'))",
    ),
    (
        "confirmation refused: this person set the account, or is in the hand of whoever did",
        "EXISTS (SELECT 1 FROM account_changes c WHERE c.id = NEW.change_id AND (c.set_by = NEW.confirmed_by
            OR EXISTS (SELECT 1 FROM {account_hands} h WHERE h.user_id = NEW.confirmed_by AND h.hand = c.set_by)))",
    ),
];

/// The tables `account_changes` and `account_confirmations`, and the views over them.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    [
        dialect.tables(TABLES),
        dialect.either(SQLITE_NUMBERS, POSTGRES_NUMBERS),
        VIEWS.map(|each| view(dialect, each)).concat(),
        dialect.refuse_insert(
            "account_changes",
            "dates",
            &[(
                "change of an account refused: it is dated wrongly",
                &format!("abs(NEW.set_at - {}) > {SKEW_MS_MAX}", dialect.now_ms()),
            )],
        ),
        dialect
            .refuse_insert("account_confirmations", "insert", &REFUSALS)
            .replace("{account_hands}", &dialect.rows_of("account_hands")),
        dialect.add_only("account_changes", &["id"]),
        dialect.add_only("account_confirmations", &["change_id"]),
    ]
    .concat()
}

fn down(dialect: Dialect) -> String {
    "DROP VIEW account_hands; DROP VIEW account_reach; DROP VIEW account_setters; DROP VIEW account_settings;
     DROP TABLE account_confirmations; DROP TABLE account_changes;"
        .to_owned()
        + &dialect.either(
            "DELETE FROM counters WHERE name = 'account_changes';",
            "DROP FUNCTION account_hands_rows(); DROP FUNCTION account_reach_rows(); DROP FUNCTION account_setters_rows();
             DROP FUNCTION account_settings_rows(); DROP FUNCTION account_confirmations_insert(); DROP FUNCTION account_changes_dates(); DROP SEQUENCE account_changes_number;",
        )
}
