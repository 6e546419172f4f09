//! A database whose guards are not those that this version makes is told from one whose guards are, whatever was done to them by raw SQL.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use store::GuardReport;

use crate::fixture::{Fixture, on_both};

on_both! {
    a_new_database_is_as_this_version_makes_it
    each_missing_trigger_is_named
    what_is_more_is_named_and_no_fault
    a_newer_version_may_add_and_change_but_not_take_away
    what_is_pending_is_named
}

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guards/postgres.txt");

/// With `COUNTERSIGN_WRITE_GUARDS=1` it writes the file.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "whoever changed the schema says so by the environment")]
async fn the_file_holds_what_the_migrations_make_on_postgres() {
    let Some(fixture) = Fixture::on_postgres().await else { return };
    let made = fixture.store.guard_lines().await.unwrap();
    fixture.close().await;
    if std::env::var("COUNTERSIGN_WRITE_GUARDS").is_ok() {
        std::fs::write(FILE, &made).unwrap();
    }
    let said = std::fs::read_to_string(FILE).unwrap();
    let only = |one: &str, other: &str| {
        let others: BTreeSet<&str> = other.lines().collect();
        one.lines().filter(|line| !others.contains(line)).take(5).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        (only(&made, &said), only(&said, &made)),
        (vec![], vec![]),
        "after a change of the schema: COUNTERSIGN_WRITE_GUARDS=1 cargo test -p store --test it guards"
    );
}

/// What is wrong, as it is said.
async fn faults(fixture: &Fixture) -> Vec<String> {
    report(fixture).await.faults.iter().map(ToString::to_string).collect()
}

async fn report(fixture: &Fixture) -> GuardReport {
    fixture.store.check_guards().await.unwrap()
}

async fn run(plain: &DatabaseConnection, sql: &str) {
    plain.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The first three columns of each row, as texts.
async fn rows(plain: &DatabaseConnection, sql: &str) -> Vec<[String; 3]> {
    let rows = plain.query_all_raw(Statement::from_string(plain.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| [0, 1, 2].map(|at| row.try_get_by_index(at).unwrap())).collect()
}

/// Name, table and statement of each trigger.
async fn triggers(plain: &DatabaseConnection) -> Vec<[String; 3]> {
    let listed = if plain.get_database_backend() == DbBackend::Sqlite {
        "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name"
    } else {
        "SELECT tgname::text, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
    };
    rows(plain, listed).await
}

async fn a_new_database_is_as_this_version_makes_it(fixture: &Fixture) {
    assert_eq!(report(fixture).await, GuardReport::default());
    fixture.store.migrate().await.unwrap();
    assert_eq!(report(fixture).await, GuardReport::default());
}

async fn each_missing_trigger_is_named(fixture: &Fixture) {
    let plain = fixture.plain().await;
    let all = triggers(&plain).await;
    assert!(all.len() > 40, "{}", all.len());
    for [name, table, statement] in all {
        let on = if fixture.is_sqlite() { String::new() } else { format!(" ON {table}") };
        run(&plain, &format!("DROP TRIGGER {name}{on}")).await;
        assert_eq!(faults(fixture).await, [format!("the trigger {name} on {table} is missing")]);
        run(&plain, &statement).await;
    }
    assert_eq!(report(fixture).await, GuardReport::default());
}

async fn what_is_more_is_named_and_no_fault(fixture: &Fixture) {
    let plain = fixture.plain().await;
    run(&plain, "CREATE TABLE mine (id BIGINT PRIMARY KEY)").await;
    run(&plain, "CREATE INDEX mine_too ON audit_entries (at)").await;
    run(&plain, "CREATE VIEW seen AS SELECT seq FROM audit_entries").await;
    let more: &[&str] = if fixture.is_sqlite() {
        run(&plain, "CREATE TRIGGER told AFTER INSERT ON notes BEGIN SELECT 1; END").await;
        &[
            "an additional index mine_too on audit_entries",
            "an additional trigger told on notes",
            "an additional view seen on seen",
        ]
    } else {
        run(&plain, "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$").await;
        run(&plain, "CREATE TRIGGER told AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION tell()").await;
        run(&plain, "ALTER TABLE notes ADD CONSTRAINT short CHECK (length(text) < 99999)").await;
        run(&plain, "ALTER TABLE notes ADD COLUMN colour TEXT").await;
        run(&plain, "CREATE RULE silent AS ON DELETE TO notes DO INSTEAD NOTHING").await;
        run(&plain, "CREATE POLICY own ON notes USING (true)").await;
        run(&plain, "DROP INDEX audit_entries_by_incident").await;
        &[
            "an additional column colour on notes",
            "an additional constraint short on notes",
            "an additional function tell()",
            "an additional index mine_too on audit_entries",
            "an additional policy own on notes",
            "an additional rule silent on notes",
            "an additional trigger told on notes",
            "an additional view seen on seen",
            "the index audit_entries_by_incident on audit_entries is missing",
        ]
    };
    let GuardReport { faults, mut noted } = report(fixture).await;
    noted.sort();
    let mut expected = [&["an additional table mine"], more].concat();
    expected.sort_unstable();
    assert_eq!((faults, noted), (vec![], expected.iter().map(|text| (*text).to_owned()).collect()));
}

/// The statements that put another trigger in the place of one that refuses every change of the log's entries.
fn let_through(fixture: &Fixture) -> &'static str {
    if fixture.is_sqlite() {
        "DROP TRIGGER audit_entries_update;
         CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries BEGIN SELECT 1; END;"
    } else {
        "CREATE OR REPLACE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries FOR EACH ROW WHEN (false)
         EXECUTE FUNCTION refuse_change();"
    }
}

async fn a_newer_version_may_add_and_change_but_not_take_away(fixture: &Fixture) {
    let plain = fixture.plain().await;
    run(&plain, let_through(fixture)).await;
    assert_eq!(faults(fixture).await, ["the trigger audit_entries_update on audit_entries is not as this version makes it"]);
    run(&plain, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_tomorrow', 0)").await;
    run(&plain, "CREATE TABLE tomorrow (id BIGINT PRIMARY KEY)").await;
    run(&plain, "ALTER TABLE notes ADD COLUMN colour TEXT").await;
    let GuardReport { faults: none, noted } = report(fixture).await;
    assert_eq!(none, []);
    for expected in ["an additional table tomorrow", "the change m29991231_000001_tomorrow of a newer version"] {
        assert!(noted.iter().any(|text| text == expected), "{noted:?}");
    }
    if fixture.is_sqlite() {
        run(&plain, "DROP TRIGGER audit_entries_update").await;
        assert_eq!(faults(fixture).await, ["the trigger audit_entries_update on audit_entries is missing"]);
    } else {
        run(&plain, "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_update").await;
        assert_eq!(faults(fixture).await, ["the trigger audit_entries_update on audit_entries is disabled"]);
    }
}

async fn what_is_pending_is_named(fixture: &Fixture) {
    let plain = fixture.plain().await;
    run(&plain, "DELETE FROM seaql_migrations WHERE version = 'm20261128_000201_audit_erasures'").await;
    assert_eq!(faults(fixture).await, ["the change m20261128_000201_audit_erasures of the schema is pending"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trigger_that_does_not_fire_is_named_on_postgres() {
    let Some(fixture) = Fixture::on_postgres().await else { return };
    let plain = fixture.plain().await;
    for [name, table, _] in triggers(&plain).await {
        for state in ["DISABLE", "ENABLE REPLICA"] {
            run(&plain, &format!("ALTER TABLE {table} {state} TRIGGER {name}")).await;
            assert_eq!(faults(&fixture).await, [format!("the trigger {name} on {table} is disabled")]);
        }
        run(&plain, &format!("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")).await;
        assert_eq!(report(&fixture).await, GuardReport::default());
    }
    // Those that keep foreign keys have no names of their own.
    run(&plain, "ALTER TABLE approval_votes DISABLE TRIGGER ALL").await;
    let said = faults(&fixture).await;
    assert!(
        said.contains(&"the constraint approval_votes_approval_id_fkey on approval_votes is disabled".to_owned()),
        "{said:?}"
    );
    assert!(said.contains(&"the trigger approval_votes_update on approval_votes is disabled".to_owned()), "{said:?}");
    run(&plain, "ALTER TABLE approval_votes ENABLE TRIGGER ALL").await;
    assert_eq!(report(&fixture).await, GuardReport::default());
    fixture.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_function_with_another_body_is_named_on_postgres() {
    let Some(fixture) = Fixture::on_postgres().await else { return };
    let plain = fixture.plain().await;
    let functions = "SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ')', pg_get_functiondef(oid), prosrc
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace";
    let all = rows(&plain, functions).await;
    assert!(all.len() > 8, "{}", all.len());
    for [name, definition, body] in all {
        let harmless = if definition.contains("plpgsql") { "BEGIN RETURN NEW; END" } else { "SELECT 0::bigint" };
        let harmless = if definition.contains("RETURNS void") { "BEGIN END" } else { harmless };
        let nobody = format!("{body} LIMIT 0");
        let harmless = if definition.contains("RETURNS TABLE") { &nobody } else { harmless };
        run(&plain, &definition.replace(&body, harmless)).await;
        assert_eq!(faults(&fixture).await, [format!("the function {name} is not as this version makes it")]);
        run(&plain, &definition).await;
    }
    for change in ["SECURITY DEFINER", "STRICT", "SET session_replication_role = replica"] {
        run(&plain, &format!("ALTER FUNCTION refuse_if(boolean, text) {change}")).await;
        assert_eq!(
            faults(&fixture).await,
            ["the function refuse_if(refused boolean, reason text) is not as this version makes it"]
        );
        run(&plain, "ALTER FUNCTION refuse_if(boolean, text) SECURITY INVOKER CALLED ON NULL INPUT RESET ALL").await;
    }
    assert_eq!(report(&fixture).await, GuardReport::default());
    run(&plain, "DROP FUNCTION check_next_seq() CASCADE").await;
    assert_eq!(
        faults(&fixture).await,
        ["the trigger audit_entries_insert on audit_entries is missing", "the function check_next_seq() is missing"]
    );
    fixture.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_constraint_that_is_gone_is_named_on_postgres() {
    let Some(fixture) = Fixture::on_postgres().await else { return };
    let plain = fixture.plain().await;
    let constraints = "SELECT conname::text, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace";
    let all = rows(&plain, constraints).await;
    assert!(all.len() > 40, "{}", all.len());
    for [name, table, definition] in all {
        run(&plain, &format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).await;
        assert_eq!(faults(&fixture).await, [format!("the constraint {name} on {table} is missing")]);
        run(&plain, &format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")).await;
    }
    assert_eq!(report(&fixture).await, GuardReport::default());
    fixture.close().await;
}

/// What is changed on PostgreSQL, and what is said of it. Each change is made on what the ones before left.
const CHANGED: [(&str, &str); 13] = [
    ("ALTER TABLE users DROP CONSTRAINT users_username_key", "the constraint users_username_key on users is missing"),
    (
        "ALTER TABLE grants DROP CONSTRAINT grants_approval_id_key",
        "the constraint grants_approval_id_key on grants is missing",
    ),
    ("ALTER TABLE audit_nodes DROP CONSTRAINT audit_nodes_pkey", "the constraint audit_nodes_pkey on audit_nodes is missing"),
    ("ALTER TABLE audit_entries ALTER leaf DROP NOT NULL", "the column leaf on audit_entries is not as this version makes it"),
    ("ALTER TABLE notes ALTER created_at TYPE INTEGER", "the column created_at on notes is not as this version makes it"),
    ("DROP INDEX runs_active", "the unique index runs_active on runs is missing"),
    ("ALTER TABLE audit_nodes SET UNLOGGED", "the table audit_nodes is not as this version makes it"),
    ("ALTER TABLE audit_detail ENABLE ROW LEVEL SECURITY", "the table audit_detail is not as this version makes it"),
    (
        "ALTER TABLE audit_head DROP CONSTRAINT audit_head_id_check; ALTER TABLE audit_head ADD CONSTRAINT audit_head_id_check CHECK (id >= 1)",
        "the constraint audit_head_id_check on audit_head is not as this version makes it",
    ),
    (
        "ALTER TABLE approval_votes DROP CONSTRAINT approval_votes_decision_check;
         ALTER TABLE approval_votes ADD CONSTRAINT approval_votes_decision_check CHECK (decision IN ('approve', 'reject')) NOT VALID",
        "the constraint approval_votes_decision_check on approval_votes is not as this version makes it",
    ),
    (
        "CREATE OR REPLACE TRIGGER audit_head_update BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (NEW.size < OLD.size AND false)
         EXECUTE FUNCTION refuse_change()",
        "the trigger audit_head_update on audit_head is not as this version makes it",
    ),
    (
        "CREATE OR REPLACE TRIGGER plans_update AFTER UPDATE ON plans FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        "the trigger plans_update on plans is not as this version makes it",
    ),
    ("DROP TABLE incident_contributors CASCADE", "the table incident_contributors is missing"),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_altered_is_named_on_postgres() {
    let Some(fixture) = Fixture::on_postgres().await else { return };
    let plain = fixture.plain().await;
    for (change, expected) in CHANGED {
        run(&plain, change).await;
        let said = faults(&fixture).await;
        assert!(said.iter().any(|fault| fault == expected), "{change}: {said:?}");
    }
    fixture.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_switches_triggers_off_is_named_on_postgres() {
    let Some(fixture) = Fixture::on_postgres().await else { return };
    let plain = fixture.plain().await;
    let name = fixture.url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    run(&plain, &format!("ALTER DATABASE {name} SET session_replication_role = replica")).await;
    let said = faults(&fixture).await;
    assert!(
        said.contains(&"new sessions begin with session_replication_role=replica, which disables triggers".to_owned()),
        "{said:?}"
    );
    let later = fixture.another_store().await;
    let said = later.check_guards().await.unwrap().faults;
    assert!(said.iter().any(|fault| fault.to_string().starts_with("session_replication_role is replica")), "{said:?}");
    later.close().await.unwrap();
    run(&plain, &format!("ALTER DATABASE {name} RESET session_replication_role")).await;
    // Connections that were opened meanwhile keep the setting.
    let afterwards = fixture.another_store().await;
    assert_eq!(afterwards.check_guards().await.unwrap(), GuardReport::default());
    afterwards.close().await.unwrap();
    fixture.close().await;
}

/// What is changed on SQLite, in the statements that it keeps.
const RESPELLED: [(&str, &str, &str); 5] = [
    ("audit_head", "CHECK (id = 1)", ""),
    ("approvals", "quorum BETWEEN 1 AND 5", "quorum BETWEEN 0 AND 5"),
    ("audit_entries", "leaf TEXT NOT NULL", "leaf TEXT"),
    ("audit_entries", "STRICT", ""),
    ("approval_votes", "REFERENCES approvals (id)", ""),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_altered_is_named_on_sqlite() {
    for (table, from, to) in RESPELLED {
        let fixture = Fixture::on_sqlite().await;
        let plain = fixture.plain().await;
        let change = format!("UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}') WHERE name = '{table}'");
        run(&plain, &format!("PRAGMA writable_schema = ON; {change}; PRAGMA writable_schema = OFF")).await;
        assert_eq!(faults(&fixture).await, [format!("the table {table} is not as this version makes it")], "{from}");
        plain.close().await.unwrap();
        fixture.close().await;
    }
    let fixture = Fixture::on_sqlite().await;
    let plain = fixture.plain().await;
    run(&plain, "DROP INDEX runs_active").await;
    run(&plain, "DROP TABLE approval_contributors").await;
    let said = faults(&fixture).await;
    for expected in [
        "the unique index runs_active on runs is missing",
        "the table approval_contributors is missing",
        "the trigger approval_contributors_update on approval_contributors is missing",
    ] {
        assert!(said.iter().any(|fault| fault == expected), "{said:?}");
    }
    fixture.close().await;
}
