//! Signed heads and proofs over REST, checked as a client checks them: with nothing but the verifier key.

use std::process::Command;

use audit_verify::{Trust, verify_export};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use transparency::{Hash, SignedCheckpoint, VerifierKey, check_consistency, check_inclusion};

use crate::installation::{Client, Installation};
use crate::main_job::{approve_and_contain, incident};
use crate::on_both_databases;

on_both_databases!(
    every_entry_is_proved_against_a_signed_head,
    a_later_log_continues_an_earlier_one,
    what_is_not_there_is_not_proved,
    a_signed_decision_is_under_a_head_before_its_effect,
    the_export_is_verified_without_the_server,
);

/// The signed head that the server gives, verified.
async fn head(client: &Client<'_>) -> (SignedCheckpoint, Value) {
    let answer = client.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
    let keys: Vec<VerifierKey> =
        answer["verifier_keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().parse().unwrap()).collect();
    let signed = SignedCheckpoint::open(answer["checkpoint"].as_str().unwrap(), &keys).unwrap();
    assert_eq!(
        (json!(signed.checkpoint.origin), json!(signed.checkpoint.size)),
        (answer["origin"].clone(), answer["size"].clone())
    );
    assert_eq!(signed.checkpoint.root, hash(&answer["root_hash"]));
    (signed, answer)
}

fn hash(text: &Value) -> Hash {
    let digest: domain::digest::Digest = text.as_str().unwrap().parse().unwrap();
    Hash(*digest.as_bytes())
}

fn hashes(proof: &Value) -> Vec<Hash> {
    proof["hashes"].as_array().unwrap().iter().map(hash).collect()
}

async fn every_entry_is_proved_against_a_signed_head(installation: Installation) {
    incident(&installation).await;
    let auditor = installation.person("auditor").await;
    let (signed, _) = head(&auditor).await;
    let size = signed.checkpoint.size;
    let log = auditor.get("/api/v1/audit-logs?order=asc&limit=200").await.expect(StatusCode::OK);
    let entries: Vec<&Value> =
        log["items"].as_array().unwrap().iter().filter(|entry| entry["seq"].as_u64().unwrap() < size).collect();
    assert_eq!(entries.len() as u64, size);
    for entry in entries {
        let seq = entry["seq"].as_u64().unwrap();
        let proof = auditor.get(&format!("/api/v1/audit/proof/inclusion?seq={seq}&size={size}")).await.expect(StatusCode::OK);
        assert_eq!((&proof["seq"], &proof["leaf_hash"]), (&json!(seq), &entry["leaf_hash"]));
        assert_eq!(proof["checkpoint"].as_str(), Some(signed.note.as_str()));
        check_inclusion(&hashes(&proof), size, signed.checkpoint.root, seq, hash(&entry["leaf_hash"])).unwrap();
        let by_default = auditor.get(&format!("/api/v1/audit/proof/inclusion?seq={seq}")).await.expect(StatusCode::OK);
        assert!(by_default["checkpoint"].is_string());
    }
}

async fn a_later_log_continues_an_earlier_one(installation: Installation) {
    let auditor = installation.person("auditor").await;
    let (before, _) = head(&auditor).await;
    incident(&installation).await;
    let (after, _) = head(&auditor).await;
    let (from, to) = (before.checkpoint.size, after.checkpoint.size);
    assert!(to > from);
    for address in [format!("?from={from}&to={to}"), format!("?from={from}")] {
        let proof = auditor.get(&format!("/api/v1/audit/proof/consistency{address}")).await.expect(StatusCode::OK);
        let to = proof["to"].as_u64().unwrap();
        if to == after.checkpoint.size {
            check_consistency(&hashes(&proof), (from, before.checkpoint.root), (to, after.checkpoint.root)).unwrap();
        }
    }
    let reader = installation.reader();
    assert_eq!(head(&reader).await.0.checkpoint.origin, before.checkpoint.origin, "a key may read heads too");
}

async fn what_is_not_there_is_not_proved(installation: Installation) {
    let auditor = installation.person("auditor").await;
    let (signed, _) = head(&auditor).await;
    let size = signed.checkpoint.size;
    let get = async |address: &str| auditor.get(&format!("/api/v1/audit/proof/{address}")).await;
    get(&format!("inclusion?seq={size}&size={size}")).await.expect_problem(422, "invalid");
    for address in [
        "inclusion",
        "inclusion?seq=x",
        "inclusion?seq=-1",
        "inclusion?seq=0&size=99999999",
        "inclusion?seq=0&size=99999999999999999999",
        "inclusion?seq=0&more=1",
        "consistency",
        "consistency?from=2&to=1",
        "consistency?from=0&to=99999999",
    ] {
        get(address).await.expect_problem(422, "invalid");
    }
    // The first entry is about no incident: an analyst may not see it, and so not have it proved.
    let analyst = installation.person("analyst").await;
    analyst.get("/api/v1/audit/proof/inclusion?seq=0").await.expect_problem(403, "forbidden");
}

async fn a_signed_decision_is_under_a_head_before_its_effect(installation: Installation) {
    let id = incident(&installation).await;
    approve_and_contain(&installation, &id).await;
    let auditor = installation.person("auditor").await;
    let log = auditor.get(&format!("/api/v1/audit-logs?incident_id={id}&order=asc&limit=200")).await.expect(StatusCode::OK);
    let seq_of = |action: &str, key: &str, value: &Value| {
        let found = log["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["action"] == action && (key.is_empty() || &entry["details"][key] == value));
        found.unwrap()["seq"].as_u64().unwrap()
    };
    let decided = seq_of("APPROVAL_DECIDED", "", &Value::Null);
    let blocked = seq_of("ACTION_STARTED", "action", &json!("block_ip"));
    let proof = auditor.get(&format!("/api/v1/audit/proof/inclusion?seq={decided}")).await.expect(StatusCode::OK);
    let size = proof["size"].as_u64().unwrap();
    assert!(decided < size && size <= blocked, "the head of {size} entries covers {decided} and was signed before {blocked}");
    assert!(proof["checkpoint"].is_string());
}

async fn the_export_is_verified_without_the_server(installation: Installation) {
    let auditor = installation.person("auditor").await;
    let (kept, head) = head(&auditor).await;
    let key: VerifierKey = head["verifier_keys"][0].as_str().unwrap().parse().unwrap();
    incident(&installation).await;
    let answer = auditor.request(Method::GET, "/api/v1/audit/export").header("accept-encoding", "gzip, br").send().await.unwrap();
    assert_eq!((answer.status(), &answer.headers()["content-type"]), (StatusCode::OK, &"application/x-ndjson".parse().unwrap()));
    let export = answer.text().await.unwrap();
    let trust = Trust { keys: vec![key], kept: Some(kept.note) };
    let verdict = verify_export(export.as_bytes(), &trust).unwrap();
    assert_eq!(
        (verdict.head.size as usize, verdict.erased),
        (export.lines().filter(|line| line.starts_with("{\"leaf\"")).count(), 0)
    );
    let changed = export.replacen("\"brute_force\"", "\"malware\"", 1);
    assert!(verify_export(changed.as_bytes(), &trust).is_err());

    let file = installation.folder.path().join("audit-log.ndjson");
    for (text, code) in [(&export, 0), (&changed, 1)] {
        std::fs::write(&file, text).unwrap();
        let verified = Command::new(env!("CARGO_BIN_EXE_countersign")).args(["audit", "verify"]).arg(&file).output().unwrap();
        assert_eq!(verified.status.code(), Some(code), "{}", String::from_utf8_lossy(&verified.stderr));
        assert_eq!(code == 0, String::from_utf8_lossy(&verified.stdout).contains("key not pinned"));
    }
    for caller in [installation.reader(), installation.person("analyst").await] {
        caller.get("/api/v1/audit/export").await.expect_problem(403, "forbidden");
    }
}
