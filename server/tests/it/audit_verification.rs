//! The log verified without trusting the server: a page of entries as a browser does it, one entry from its proof file, the database itself;
//! with details that were erased and keys that were replaced.

use std::process::{Command, Output};

use audit_verify::{Trust, verify_export, verify_proof};
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::Value;
use transparency::{Hash, LogKey, SignedCheckpoint, VerifierKey, check_consistency, check_inclusion, leaf_hash};

use crate::installation::{Client, Installation};
use crate::main_job::{approve_and_contain, incident};
use crate::on_both_databases;

on_both_databases!(
    a_page_of_entries_is_proved_against_one_head,
    one_entry_is_proved_by_a_file,
    the_database_is_verified_where_it_is,
    an_erased_detail_is_gone_and_every_proof_still_holds,
    a_replaced_key_signs_no_later_head,
);

/// What an auditor has from elsewhere.
pub struct Kept {
    key: VerifierKey,
    note: String,
}

impl Kept {
    pub async fn from(client: &Client<'_>) -> Self {
        let head = client.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
        Self {
            key: head["verifier_keys"][0].as_str().unwrap().parse().unwrap(),
            note: head["checkpoint"].as_str().unwrap().to_owned(),
        }
    }

    pub fn trust(&self) -> Trust {
        Trust { keys: vec![self.key.clone()], kept: Some(self.note.clone()) }
    }

    fn head(&self) -> SignedCheckpoint {
        SignedCheckpoint::open(&self.note, std::slice::from_ref(&self.key)).unwrap()
    }
}

fn hash(text: &Value) -> Hash {
    Hash(*text.as_str().unwrap().parse::<domain::digest::Digest>().unwrap().as_bytes())
}

fn hashes(list: &Value) -> Vec<Hash> {
    list.as_array().unwrap().iter().map(hash).collect()
}

async fn a_page_of_entries_is_proved_against_one_head(installation: Installation) {
    let auditor = installation.person("auditor").await;
    let kept = Kept::from(&auditor).await.head().checkpoint;
    let id = incident(&installation).await;
    let proved = auditor.get(&format!("/api/v1/audit/proof/entries?seqs=0,1,2&kept={}", kept.size)).await.expect(StatusCode::OK);
    let key: VerifierKey = proved["head"]["verifier_keys"][0].as_str().unwrap().parse().unwrap();
    let head = SignedCheckpoint::open(proved["head"]["checkpoint"].as_str().unwrap(), &[key]).unwrap().checkpoint;
    check_consistency(&hashes(&proved["growth"]["hashes"]), (kept.size, kept.root), (head.size, head.root)).unwrap();
    let entries = proved["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| &entry["seq"]).collect::<Vec<_>>(), [0, 1, 2]);
    for entry in entries {
        let leaf = leaf_hash(entry["leaf"].as_str().unwrap().as_bytes());
        check_inclusion(&hashes(&entry["hashes"]), head.size, head.root, entry["seq"].as_u64().unwrap(), leaf).unwrap();
    }
    let beyond = auditor.get("/api/v1/audit/proof/entries?seqs=0&kept=99999999").await.expect(StatusCode::OK);
    assert!(beyond["growth"].is_null(), "whoever kept a larger head is told that there is nothing to show");
    for address in ["", "?seqs=", "?seqs=x", "?seqs=-1", "?seqs=99999999", "?seqs=0,,1", "?seqs=0&kept=x"] {
        auditor.get(&format!("/api/v1/audit/proof/entries{address}")).await.expect_problem(422, "invalid");
    }
    let many = vec!["0"; 201].join(",");
    auditor.get(&format!("/api/v1/audit/proof/entries?seqs={many}")).await.expect_problem(422, "invalid");
    // The first entry is about no incident: an analyst may not see it, and so not have it proved, alone or beside others.
    let analyst = installation.person("analyst").await;
    let of_incident = analyst.get(&format!("/api/v1/audit-logs?incident_id={id}&limit=1")).await.expect(StatusCode::OK);
    let seq = &of_incident["items"][0]["seq"];
    analyst.get(&format!("/api/v1/audit/proof/entries?seqs={seq}")).await.expect(StatusCode::OK);
    analyst.get(&format!("/api/v1/audit/proof/entries?seqs={seq},0")).await.expect_problem(403, "forbidden");
    analyst.get("/api/v1/audit/proof/file?seq=0").await.expect_problem(403, "forbidden");
}

async fn one_entry_is_proved_by_a_file(installation: Installation) {
    incident(&installation).await;
    let auditor = installation.person("auditor").await;
    let kept = Kept::from(&auditor).await;
    let answer = auditor.request(Method::GET, "/api/v1/audit/proof/file?seq=3").send().await.unwrap();
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"entry-3.tlog-proof\"");
    let text = answer.text().await.unwrap();
    let proved = verify_proof(&text, &kept.trust()).unwrap();
    let log = auditor.get("/api/v1/audit-logs?order=asc&limit=4").await.expect(StatusCode::OK);
    let leaf: Value = serde_json::from_str(&proved.leaf).unwrap();
    assert_eq!((&leaf["id"], &leaf["action"]), (&log["items"][3]["id"], &log["items"][3]["action"]));
    for address in ["", "?seq=x", "?seq=-1", "?seq=99999999"] {
        auditor.get(&format!("/api/v1/audit/proof/file{address}")).await.expect_problem(422, "invalid");
    }
    let file = installation.folder.path().join("entry.tlog-proof");
    std::fs::write(&file, &text).unwrap();
    let verified = audit(&["verify", file.to_str().unwrap(), "--key", &kept.key.to_string()]);
    assert!(verified.status.success() && String::from_utf8_lossy(&verified.stdout).contains(&proved.leaf));
    let unpinned = audit(&["verify", file.to_str().unwrap()]);
    assert!(!unpinned.status.success() && String::from_utf8_lossy(&unpinned.stderr).contains("--key"));
}

async fn the_database_is_verified_where_it_is(installation: Installation) {
    let id = incident(&installation).await;
    approve_and_contain(&installation, &id).await;
    let auditor = installation.person("auditor").await;
    let kept = Kept::from(&auditor).await;
    let folder = installation.folder.path();
    std::fs::write(folder.join("kept.note"), &kept.note).unwrap();
    let verify = || {
        let (key, note) = (kept.key.to_string(), folder.join("kept.note"));
        audit_of(&installation, &["verify-database", "--key", &key, "--checkpoint", note.to_str().unwrap()])
    };
    let sound = verify();
    let said = String::from_utf8_lossy(&sound.stdout).into_owned();
    assert!(
        sound.status.success() && said.contains("continues the kept head"),
        "{said}{}",
        String::from_utf8_lossy(&sound.stderr)
    );
    // Whoever owns the database drops the trigger, and makes another of one word.
    let drop_trigger = if installation.database_url.starts_with("postgres") {
        "ALTER TABLE audit_entries DISABLE TRIGGER USER"
    } else {
        "DROP TRIGGER audit_entries_update"
    };
    installation.sql(drop_trigger).await;
    installation
        .sql("UPDATE audit_entries SET leaf = replace(leaf, '\"outcome\":\"ok\"', '\"outcome\":\"error\"') WHERE seq = 5")
        .await;
    let changed = verify();
    let said = String::from_utf8_lossy(&changed.stderr).into_owned();
    assert!(changed.status.code() == Some(1) && said.contains("the leaf of entry 5 is not the one that was hashed"), "{said}");
    installation
        .sql("UPDATE audit_entries SET leaf = replace(leaf, '\"outcome\":\"error\"', '\"outcome\":\"ok\"') WHERE seq = 5")
        .await;
    // The log is as it was, and can be changed again.
    let unguarded = verify();
    let said = String::from_utf8_lossy(&unguarded.stderr).into_owned();
    assert!(
        unguarded.status.code() == Some(1) && said.contains("the trigger audit_entries_update on audit_entries is"),
        "{said}"
    );
    let make_trigger = if installation.database_url.starts_with("postgres") {
        "ALTER TABLE audit_entries ENABLE TRIGGER USER"
    } else {
        "CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries
         BEGIN SELECT RAISE(ABORT, 'UPDATE of audit_entries is refused'); END"
    };
    installation.sql(make_trigger).await;
    assert!(verify().status.success());
}

async fn the_database_lets_no_detail_go_unsaid(installation: &Installation, entry: &Value) {
    let delete = format!("DELETE FROM audit_detail WHERE entry_id = '{}'", entry["id"].as_str().unwrap());
    let connection = Database::connect(&installation.database_url).await.unwrap();
    let refused = connection.execute_unprepared(&delete).await.unwrap_err().to_string();
    assert!(refused.contains("nothing says that it was erased"), "{refused}");
    connection.close().await.unwrap();
}

async fn an_erased_detail_is_gone_and_every_proof_still_holds(installation: Installation) {
    let id = incident(&installation).await;
    let analyst = installation.person("analyst").await;
    let note = serde_json::json!({ "to": "in_progress", "reason": "the owner Jane Roe called" });
    analyst.post(&format!("/api/v1/incidents/{id}/transition"), &note).await.expect(StatusCode::OK);
    let auditor = installation.person("auditor").await;
    let kept = Kept::from(&auditor).await;
    let entry = async || {
        let log = auditor
            .get(&format!("/api/v1/audit-logs?incident_id={id}&action=STATE_CHANGED&limit=1"))
            .await
            .expect(StatusCode::OK);
        log["items"][0].clone()
    };
    let before = entry().await;
    assert_eq!(before["details"]["reason"], "the owner Jane Roe called");
    assert!(before["erased"].is_null());
    let seq = before["seq"].to_string();
    the_database_lets_no_detail_go_unsaid(&installation, &before).await;
    let short = audit_of(&installation, &["redact", &seq, "--reason", "because"]);
    assert!(
        !short.status.success()
            && String::from_utf8_lossy(&short.stderr).contains("at least 10 letters and digits that can be seen")
    );
    let erased = audit_of(&installation, &["redact", &seq, "--reason", "asked for by the person, ticket 81"]);
    assert!(erased.status.success(), "{}", String::from_utf8_lossy(&erased.stderr));
    let again = audit_of(&installation, &["redact", &seq, "--reason", "asked for by the person, ticket 81"]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("has no detail"));

    let after = entry().await;
    assert_eq!((&after["details"]["reason"], &after["leaf_hash"]), (&Value::Null, &before["leaf_hash"]));
    assert_eq!(after["erased"]["reason"], "asked for by the person, ticket 81");
    assert!(!serde_json::to_string(&after).unwrap().contains("Jane Roe"));
    let saying = auditor.get("/api/v1/audit-logs?action=DETAIL_ERASED").await.expect(StatusCode::OK);
    assert_eq!(
        (&saying["items"][0]["seq"], &saying["items"][0]["details"]["erased_seq"], &saying["items"][0]["target"]["id"]),
        (&after["erased"]["seq"], &before["seq"], &before["id"])
    );
    let export = auditor.request(Method::GET, "/api/v1/audit/export").send().await.unwrap().text().await.unwrap();
    assert_eq!(verify_export(export.as_bytes(), &kept.trust()).unwrap().erased, 1);
    assert!(!export.contains("Jane Roe"));
    let database = audit_of(&installation, &["verify-database"]);
    let said = String::from_utf8_lossy(&database.stdout).into_owned();
    assert!(database.status.success() && said.contains("1 details erased"), "{said}");
    // A page is proved with the entry that says so, without which it could be a detail that somebody hides.
    let page = auditor.get(&format!("/api/v1/audit/proof/entries?seqs={seq},0")).await.expect(StatusCode::OK);
    let erasures = page["erasures"].as_array().unwrap();
    assert_eq!((erasures.len(), &erasures[0]["seq"]), (1, &after["erased"]["seq"]));
    let head =
        SignedCheckpoint::open(page["head"]["checkpoint"].as_str().unwrap(), std::slice::from_ref(&kept.key)).unwrap().checkpoint;
    let leaf = leaf_hash(erasures[0]["leaf"].as_str().unwrap().as_bytes());
    let index = erasures[0]["seq"].as_u64().unwrap();
    check_inclusion(&hashes(&erasures[0]["hashes"]), head.size, head.root, index, leaf).unwrap();
    // Why it was erased may be erased too: then another entry says so of that.
    let reason = after["erased"]["seq"].to_string();
    assert!(audit_of(&installation, &["redact", &reason, "--reason", "it named the person, ticket 82"]).status.success());
    let page = auditor.get(&format!("/api/v1/audit/proof/entries?seqs={seq}")).await.expect(StatusCode::OK);
    assert_eq!(page["erasures"].as_array().unwrap().len(), 2);
    let export = auditor.request(Method::GET, "/api/v1/audit/export").send().await.unwrap().text().await.unwrap();
    assert_eq!(verify_export(export.as_bytes(), &kept.trust()).unwrap().erased, 2);
    assert!(audit_of(&installation, &["verify-database"]).status.success());
}

async fn a_replaced_key_signs_no_later_head(installation: Installation) {
    incident(&installation).await;
    let auditor = installation.person("auditor").await;
    let kept = Kept::from(&auditor).await;
    let older = std::fs::read_to_string(installation.folder.path().join("audit.key")).unwrap();
    let rotated = audit_of(&installation, &["rotate-key"]);
    assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
    let newer: VerifierKey = String::from_utf8(rotated.stdout).unwrap().trim().parse().unwrap();
    assert_ne!(newer, kept.key);
    let file = installation.folder.path().join("audit.key");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!((mode & 0o777, std::fs::read_to_string(&file).unwrap().contains(older.trim())), (0o600, false));

    // The server that runs signs with the new key from now on.
    incident(&installation).await;
    let head = auditor.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
    assert_eq!(head["verifier_keys"].as_array().unwrap().len(), 2);
    SignedCheckpoint::open(head["checkpoint"].as_str().unwrap(), std::slice::from_ref(&newer)).unwrap();
    let export = auditor.request(Method::GET, "/api/v1/audit/export").send().await.unwrap().text().await.unwrap();
    let trust =
        |keys: &[&VerifierKey]| Trust { keys: keys.iter().map(|key| (*key).clone()).collect(), kept: Some(kept.note.clone()) };
    verify_export(export.as_bytes(), &trust(&[&kept.key, &newer])).unwrap();
    assert!(verify_export(export.as_bytes(), &trust(&[&kept.key])).is_err(), "the new key is not known");

    // Whoever has the old key signs the same log with it.
    let log = SignedCheckpoint::open(head["checkpoint"].as_str().unwrap(), std::slice::from_ref(&newer)).unwrap().checkpoint;
    let stolen: LogKey = older.trim().parse().unwrap();
    let forged = log.sign(&[&stolen]).unwrap();
    let mut lines: Vec<&str> = export.lines().collect();
    lines.pop();
    let line = serde_json::json!({ "checkpoint": forged }).to_string();
    lines.push(&line);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let fault = verify_export(text.as_bytes(), &trust(&[&kept.key, &newer])).unwrap_err().to_string();
    assert!(fault.contains("in whose place another one signs by then"), "{fault}");
}

/// The same for the log of this installation.
pub fn audit_of(installation: &Installation, arguments: &[&str]) -> Output {
    let mut arguments = arguments.to_vec();
    arguments.extend(["--data-dir", installation.folder.path().to_str().unwrap()]);
    if installation.database_url.starts_with("postgres") {
        arguments.extend(["--database-url", &installation.database_url]);
    }
    audit(&arguments)
}

/// `countersign audit` with these arguments.
fn audit(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign")).arg("audit").args(arguments).output().unwrap()
}
