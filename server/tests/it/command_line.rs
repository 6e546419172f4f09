//! The commands as processes, beside a running server and without one: what they print, how they end, and what they refuse.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::installation::{Installation, PASSWORD, new_postgres_database};

/// The outcome of one call.
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ended {
    /// Its output, if it went well.
    #[track_caller]
    fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    #[track_caller]
    fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// What it said as it failed.
    #[track_caller]
    fn refused(self) -> String {
        assert_eq!(self.code, 1, "{}", self.stdout);
        self.stderr
    }
}

fn command(data_dir: &Path, database_url: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().env("COUNTERSIGN_DATA_DIR", data_dir).current_dir(data_dir);
    if let Some(url) = database_url {
        command.env("DATABASE_URL", url);
    }
    command
}

fn run(data_dir: &Path, arguments: &[&str]) -> Ended {
    ended(command(data_dir, None).args(arguments).output().unwrap())
}

fn run_with_input(data_dir: &Path, arguments: &[&str], input: &str) -> Ended {
    let mut child = command(data_dir, None)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    ended(child.wait_with_output().unwrap())
}

fn ended(output: Output) -> Ended {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_server_lives_on_when_nobody_reads_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut server = command(folder.path(), None)
        .args(["serve", "--listen", &free.to_string()])
        .stdout(Stdio::from(writer))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let is_ready = || reqwest::blocking::get(format!("http://{free}/readyz")).is_ok_and(|answer| answer.status() == 200);
    while !is_ready() {
        assert!(server.try_wait().unwrap().is_none(), "the server ended");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn people_and_keys_are_administered_without_a_browser() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let link = run(folder, &["user", "setup-link", "--json"]).json();
    assert!(link["path"].as_str().unwrap().starts_with("/setup?token="), "{link}");
    let weak = run_with_input(folder, &["user", "add", "ann", "--role", "admin"], "password1234\n").refused();
    assert!(weak.contains("one of the first that anybody would try"), "{weak}");
    run_with_input(folder, &["user", "add", "ann", "--role", "admin", "--role", "analyst"], &format!("{PASSWORD}\n")).ok();
    assert!(run(folder, &["user", "setup-link"]).refused().contains("there is somebody already"));
    let invited = run(folder, &["user", "add", "ben", "--role", "approver", "--link", "--json"]).json();
    assert!(invited["password_link"]["path"].as_str().unwrap().starts_with("/set-password?token="), "{invited}");
    assert!(run(folder, &["user", "disable", "ann"]).refused().contains("last enabled admin"));
    run(folder, &["user", "disable", "ben"]).ok();
    let people = run(folder, &["user", "list", "--json"]).json();
    let states = |people: &Value| -> Vec<Value> {
        people.as_array().unwrap().iter().map(|person| json!([person["username"], person["roles"], person["enabled"]])).collect()
    };
    assert_eq!(states(&people), [json!(["ann", ["analyst", "admin"], true]), json!(["ben", ["approver"], false])]);
    run(folder, &["user", "enable", "ben"]).ok();
    run_with_input(folder, &["user", "passwd", "ben"], "seven purple umbrellas\n").ok();

    let key = run(folder, &["key", "create", "siem", "--scope", "alerts:write", "--json"]).json();
    assert!(key["key"].as_str().unwrap().starts_with("cs_"), "{key}");
    assert!(run(folder, &["key", "create", "siem", "--scope", "alerts:write"]).refused().contains("is taken"));
    run(folder, &["key", "revoke", "siem"]).ok();
    let keys = run(folder, &["key", "list", "--json"]).json();
    assert_eq!(
        (&keys[0]["name"], &keys[0]["state"], &keys[0]["scopes"]),
        (&json!("siem"), &json!("revoked"), &json!(["alerts:write"]))
    );
    assert_eq!(run(folder, &["key", "create", "x", "--scope", "everything"]).code, 2, "a wrong word is a wrong call");
}

#[test]
fn the_state_of_the_schema_is_told_by_words_and_by_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let status = run(folder, &["migrate", "status"]);
    assert_eq!(status.code, 3);
    assert!(
        status.stdout.lines().count() > 18 && status.stdout.lines().all(|line| line.starts_with("pending  m20")),
        "{}",
        status.stdout
    );
    assert!(!folder.join("countersign.db").exists(), "looking makes nothing");
    run(folder, &["migrate", "up"]).ok();
    let status = run(folder, &["migrate", "status", "--json"]).json();
    assert!(status["pending"] == json!([]) && status["applied"].as_array().unwrap().len() > 18, "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_beside_the_server_and_restored_without_it() {
    let installation = Installation::on_sqlite().await;
    let data_dir = installation.folder.path().to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("backup.db");
    let name = file.to_str().unwrap();
    let made = run(&data_dir, &["backup", name, "--json"]).json();
    assert!(made["audit"]["sound"] == true && made["audit"]["entries"].as_i64().unwrap() > 0, "{made}");
    assert!(run(&data_dir, &["backup", name]).refused().contains("is there already"));
    assert!(run(&data_dir, &["restore", name]).refused().contains("another server is using"));
    assert!(run(&data_dir, &["serve", "--listen", "127.0.0.1:0"]).refused().contains("another server is using"));

    let restored = elsewhere.path().join("restored");
    std::fs::create_dir(&restored).unwrap();
    run(&restored, &["key", "create", "of-before", "--scope", "alerts:write"]).ok();
    let said = run(&restored, &["restore", name]).ok();
    assert!(said.contains("the audit log is as it was written") && said.contains("countersign.db.before-restore-1"), "{said}");
    let people = run(&restored, &["user", "list", "--json"]).json();
    assert_eq!(people.as_array().unwrap().len(), crate::installation::PEOPLE.len());
    let keys = run(&restored, &["key", "list", "--json"]).json();
    assert!(keys.as_array().unwrap().iter().all(|key| key["name"] != "of-before"), "{keys}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_whose_log_was_changed_is_refused_and_changes_nothing() {
    let installation = Installation::on_sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let name = |file: &str| folder.path().join(file).to_str().unwrap().to_owned();
    run(installation.folder.path(), &["backup", &name("good.db")]).ok();
    for (change, reason) in [
        (
            "DROP TRIGGER audit_entries_update; UPDATE audit_entries SET action = 'USER_DISABLED' WHERE seq = 1",
            "the column action of entry 1",
        ),
        ("DROP TRIGGER audit_entries_delete; DELETE FROM audit_entries WHERE seq = 1", "entries 1 to 1 are missing"),
        (
            "DROP TRIGGER audit_entries_update; UPDATE audit_entries SET leaf = replace(leaf, 'PLAYBOOK', 'playbook') WHERE seq = 2",
            "entry 2",
        ),
        (
            "DROP TRIGGER audit_head_update; DROP TRIGGER audit_head_tree; UPDATE audit_head SET size = 1",
            "the head says 1 entries",
        ),
        ("INSERT INTO seaql_migrations VALUES ('m29991231_000001_tomorrow', 0)", "comes from a newer version"),
    ] {
        std::fs::copy(name("good.db"), name("bad.db")).unwrap();
        let connection = sea_orm::Database::connect(format!("sqlite://{}", name("bad.db"))).await.unwrap();
        sea_orm::ConnectionTrait::execute_unprepared(&connection, change).await.unwrap();
        connection.close().await.unwrap();
        let target = tempfile::tempdir().unwrap();
        let refused = run(target.path(), &["restore", &name("bad.db")]).refused();
        assert!(refused.contains(reason) && refused.contains("nothing was changed"), "{change}: {refused}");
        assert!(!target.path().join("countersign.db").exists());
    }
    std::fs::write(name("text.db"), "not a database at all, but long enough to be looked at").unwrap();
    let target = tempfile::tempdir().unwrap();
    assert!(run(target.path(), &["restore", &name("text.db")]).refused().contains("no readable database"));
}

/// The command on a PostgreSQL database, with the tools of this machine.
fn on_postgres(folder: &Path, url: &str, arguments: &[&str]) -> Ended {
    ended(command(folder, Some(url)).env("PATH", "/usr/bin:/bin").args(arguments).output().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_copied_beside_the_server_and_restored_without_it() {
    let Some(installation) = Installation::on_postgres().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.dump");
    let name = file.to_str().unwrap();
    let own = &installation.database_url;
    let made = on_postgres(folder.path(), own, &["backup", name, "--json"]).json();
    assert!(made["audit"]["sound"] == true && made["bytes"].as_u64() == Some(std::fs::metadata(&file).unwrap().len()), "{made}");
    assert!(on_postgres(folder.path(), own, &["backup", name]).refused().contains("is there already"));
    assert!(on_postgres(folder.path(), own, &["restore", name]).refused().contains("another server is using"));

    let target = new_postgres_database().await.unwrap();
    assert_eq!(on_postgres(folder.path(), &target, &["migrate", "status"]).code, 3);
    let other = folder.path().join("other.dump");
    let nothing = on_postgres(folder.path(), &target, &["backup", other.to_str().unwrap()]).refused();
    assert!(nothing.contains("there is no database of Countersign") && !other.exists(), "{nothing}");
    on_postgres(folder.path(), &target, &["key", "create", "of-before", "--scope", "alerts:write"]).ok();
    let said = on_postgres(folder.path(), &target, &["restore", name]).ok();
    assert!(said.contains("the audit log is as it was written") && said.contains("before_restore_1"), "{said}");
    let people = on_postgres(folder.path(), &target, &["user", "list", "--json"]).json();
    assert_eq!(people.as_array().unwrap().len(), crate::installation::PEOPLE.len());
    let keys = on_postgres(folder.path(), &target, &["key", "list", "--json"]).json();
    assert!(keys.as_array().unwrap().iter().all(|key| key["name"] != "of-before"), "{keys}");
    assert_eq!(on_postgres(folder.path(), &target, &["migrate", "status"]).code, 0);
    // What was set aside is in no backup, and another restore sets the first one aside.
    on_postgres(folder.path(), &target, &["backup", other.to_str().unwrap()]).ok();
    assert!(on_postgres(folder.path(), &target, &["restore", other.to_str().unwrap()]).ok().contains("before_restore_2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_postgres_that_cannot_be_trusted_changes_nothing() {
    let (Some(source), Some(target)) = (new_postgres_database().await, new_postgres_database().await) else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.dump");
    let name = file.to_str().unwrap();
    on_postgres(folder.path(), &source, &["key", "create", "of-source", "--scope", "alerts:write"]).ok();
    on_postgres(folder.path(), &target, &["key", "create", "of-target", "--scope", "alerts:write"]).ok();
    let dump = |url: &str| {
        let done = Command::new("pg_dump").args(["--format=custom", "--file", name, url]).status().unwrap();
        assert!(done.success());
    };
    for (change, reason) in [
        (
            "DROP TRIGGER audit_entries_update ON audit_entries; UPDATE audit_entries SET action = 'USER_DISABLED' WHERE seq = 0",
            "the column action of entry 0",
        ),
        ("INSERT INTO seaql_migrations VALUES ('m29991231_000001_tomorrow', 0)", "comes from a newer version"),
        ("DELETE FROM seaql_migrations", "no database of Countersign"),
    ] {
        let connection = sea_orm::Database::connect(&source).await.unwrap();
        sea_orm::ConnectionTrait::execute_unprepared(&connection, change).await.unwrap();
        connection.close().await.unwrap();
        dump(&source);
        let refused = on_postgres(folder.path(), &target, &["restore", name]).refused();
        assert!(refused.contains(reason) && refused.contains("nothing was changed"), "{change}: {refused}");
        let keys = on_postgres(folder.path(), &target, &["key", "list", "--json"]).json();
        assert_eq!((keys.as_array().unwrap().len(), &keys[0]["name"]), (1, &json!("of-target")), "{change}");
    }
    std::fs::write(&file, "no backup at all").unwrap();
    assert!(on_postgres(folder.path(), &target, &["restore", name]).refused().contains("no backup that can be read"));
    let without_tools = |arguments: &[&str]| {
        ended(command(folder.path(), Some(&target)).env("PATH", "/nowhere").args(arguments).output().unwrap()).refused()
    };
    for arguments in [["backup", "new.dump"], ["restore", name]] {
        let refused = without_tools(&arguments);
        assert!(refused.contains("is not on the PATH; install the client programs of PostgreSQL"), "{refused}");
    }
}

#[test]
fn playbooks_are_looked_at_in_the_folder_that_the_server_would_read() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = folder.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let own = "id: PB-OWN\nname: Own\nincident_type: other\nactions:\n  - { id: look, action: enrich }\n";
    std::fs::write(elsewhere.join("own.yaml"), own).unwrap();
    std::fs::write(folder.path().join("alert.json"), r#"{"incident_type": "other", "title": "odd"}"#).unwrap();
    let plan = ["playbook", "plan", "alert.json", "--playbook", "PB-OWN"];
    assert!(run(folder.path(), &plan).refused().contains("PB-OWN is not in force"));
    let by_flag = [&plan[..], &["--playbooks", "elsewhere", "--json"]].concat();
    assert_eq!(run(folder.path(), &by_flag).json()["playbook"]["id"], "PB-OWN");
    let by_environment = command(folder.path(), None).env("COUNTERSIGN_PLAYBOOKS", &elsewhere).args(plan).output().unwrap();
    assert!(ended(by_environment).ok().starts_with("PB-OWN (Own), plan "));
    std::fs::write(folder.path().join("countersign.toml"), "playbooks = \"elsewhere\"\n").unwrap();
    assert!(run(folder.path(), &plan).ok().starts_with("PB-OWN (Own), plan "));
}
