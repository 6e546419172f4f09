//! `countersign config` as a process: what wins over what, where each value is said to come from, and what is refused.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

/// One call with this environment and these arguments, in an empty folder.
struct Call<'a> {
    folder: &'a Path,
    environment: &'a [(&'a str, &'a str)],
    arguments: &'a [&'a str],
}

impl Call<'_> {
    fn run(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.env_clear().envs(self.environment.iter().copied()).current_dir(self.folder);
        command.arg("config").args(self.arguments).output().unwrap()
    }

    /// Each key with its value, origin and place.
    fn settings(&self) -> Value {
        let output = Call { arguments: &[self.arguments, &["--json"]].concat(), ..*self }.run();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let settings = document["settings"].as_array().unwrap().iter();
        settings
            .map(|row| (row["key"].as_str().unwrap().to_owned(), json!([row["value"], row["origin"], row["place"]])))
            .collect()
    }

    /// The lines of the refusal.
    fn refusal(&self) -> Vec<String> {
        let output = self.run();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap().lines().skip(1).map(|line| line.trim().to_owned()).collect()
    }
}

#[test]
fn a_flag_wins_over_the_environment_that_over_the_file_and_that_over_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let settings = |environment: &[(&str, &str)], arguments: &[&str]| Call { folder, environment, arguments }.settings();
    assert_eq!(settings(&[], &[])["listen"], json!(["127.0.0.1:8080", "default", null]));
    std::fs::create_dir(folder.join("data")).unwrap();
    std::fs::write(folder.join("data/countersign.toml"), "# ours\nlisten = \"127.0.0.1:9001\"\ntls = true\n").unwrap();
    let by_file = settings(&[], &[]);
    assert_eq!(by_file["listen"], json!(["127.0.0.1:9001", "file", "data/countersign.toml:2"]));
    assert_eq!(by_file["tls"], json!(["true", "file", "data/countersign.toml:3"]));
    assert_eq!(by_file["log_json"], json!(["false", "default", null]));
    let environment = [("COUNTERSIGN_LISTEN", "127.0.0.1:9002"), ("COUNTERSIGN_TLS", "")];
    let by_environment = settings(&environment, &[]);
    assert_eq!(by_environment["listen"], json!(["127.0.0.1:9002", "environment", "COUNTERSIGN_LISTEN"]));
    assert_eq!(by_environment["tls"], json!(["true", "file", "data/countersign.toml:3"]), "an empty variable is none");
    let by_flag = settings(&environment, &["--listen", "127.0.0.1:9003", "--tls=false", "--log-json"]);
    assert_eq!(by_flag["listen"], json!(["127.0.0.1:9003", "flag", "--listen"]));
    assert_eq!(by_flag["tls"], json!(["false", "flag", "--tls"]));
    assert_eq!(by_flag["log_json"], json!(["true", "flag", "--log-json"]));
}

#[test]
fn the_file_is_the_named_one_or_that_of_the_data_directory() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, port) in [("a.toml", 1), ("b.toml", 2), ("elsewhere/countersign.toml", 3)] {
        std::fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        std::fs::write(folder.join(name), format!("listen = '[::1]:{port}'")).unwrap();
    }
    let check = |environment: &[(&str, &str)], arguments: &[&str], expected: &str| {
        let settings = Call { folder, environment, arguments }.settings();
        assert_eq!(settings["listen"][0], expected, "{environment:?} {arguments:?}");
    };
    check(&[("COUNTERSIGN_CONFIG", "a.toml")], &[], "[::1]:1");
    check(&[("COUNTERSIGN_CONFIG", "a.toml")], &["--config", "b.toml"], "[::1]:2");
    check(&[("COUNTERSIGN_DATA_DIR", "elsewhere")], &[], "[::1]:3");
    check(&[], &["--data-dir", "elsewhere"], "[::1]:3");
    check(&[], &[], "127.0.0.1:8080");
    let missing = Call { folder, environment: &[], arguments: &["--config", "c.toml"] }.refusal();
    assert!(missing[0].starts_with("c.toml: cannot be read"), "{missing:?}");
}

#[test]
fn everything_wrong_is_told_at_once_with_its_place_and_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(
        folder.join("bad.toml"),
        "listen = \"nowhere\"\n\nlistn = \"127.0.0.1:1\"\ntls = \"yes\"\n[server]\nport = 1\n",
    )
    .unwrap();
    let environment = [("COUNTERSIGN_LOG_JSON", "perhaps"), ("DATABASE_URL", "mysql://root:s3cret@db/x")];
    let refusal = Call { folder, environment: &environment, arguments: &["--config", "bad.toml"] }.refusal();
    for start in [
        "bad.toml, line 1: listen must be an IP address and a port",
        "bad.toml, line 3: listn is not a setting; known are data_dir, database_url, database_owner_url, listen",
        "bad.toml, line 4: tls must be true or false, not a TOML string",
        "bad.toml, line 5: server is not a setting",
        "environment COUNTERSIGN_LOG_JSON: log_json must be true or false, not \"perhaps\"",
        "environment DATABASE_URL: database_url must be sqlite://PATH or postgres://",
    ] {
        assert!(refusal.iter().any(|line| line.starts_with(start)), "{start} in {refusal:#?}");
    }
    assert_eq!(refusal.len(), 6, "{refusal:#?}");
    assert!(!refusal.concat().contains("s3cret"), "a refusal shows no password");
    std::fs::write(folder.join("bad.toml"), "listen = \"127.0.0.1:1\nlisten = 2\n").unwrap();
    let refusal = Call { folder, environment: &[], arguments: &["--config", "bad.toml"] }.refusal();
    assert!(refusal[0].starts_with("bad.toml, line 1: is not TOML: "), "{refusal:?}");
}

#[test]
fn the_file_in_the_data_directory_cannot_name_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir(folder.join("data")).unwrap();
    std::fs::write(folder.join("data/countersign.toml"), "data_dir = \"other\"").unwrap();
    let refusal = Call { folder, environment: &[], arguments: &[] }.refusal();
    assert_eq!(
        refusal,
        ["data/countersign.toml, line 1: data_dir cannot be set in the file that was found in the data directory"]
    );
    let named = Call { folder, environment: &[], arguments: &["--config", "data/countersign.toml"] }.settings();
    assert_eq!(named["data_dir"], json!(["other", "file", "data/countersign.toml:1"]));
}

#[test]
fn secrets_are_masked_and_unknown_variables_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [("DATABASE_URL", "postgres://app:s3cret@db/countersign"), ("COUNTERSIGN_LISTN", "127.0.0.1:1")];
    let call = Call { folder: folder.path(), environment: &environment, arguments: &[] };
    assert_eq!(call.settings()["database_url"], json!(["postgres://app:***@db/countersign", "environment", "DATABASE_URL"]));
    let text = String::from_utf8(call.run().stdout).unwrap();
    assert!(!text.contains("s3cret") && text.contains("ignored: COUNTERSIGN_LISTN"), "{text}");
}
