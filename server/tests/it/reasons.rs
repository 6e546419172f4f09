//! Reasons are what a reader sees of them: letters and digits, whatever else was typed.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::installation::{Answer, Installation, pointers};
use crate::main_job::{brute_force, incident};
use crate::on_both_databases;

on_both_databases!(a_decision_says_why_in_letters_that_can_be_seen, no_other_reason_is_blank_either,);

/// Twelve characters each, of which nothing can be read.
fn blank() -> Vec<String> {
    let characters = [
        '\u{200b}',
        '\u{202e}',
        '\u{61c}',
        '\u{ad}',
        '\u{2028}',
        '\u{2060}',
        '\u{2800}',
        '\u{3164}',
        '\u{ffa0}',
        '\u{115f}',
        '\u{301}',
        '\u{fe0f}',
        '\u{e0041}',
        '\u{a0}',
        '\u{3000}',
        '\u{180e}',
        '\u{e000}',
        '.',
        '-',
    ];
    characters.iter().map(|c| String::from(*c).repeat(12)).collect()
}

#[track_caller]
fn assert_refused(answer: &Answer, pointer: &str, letters: &str, reason: &str) {
    assert_eq!((answer.status, pointers(&answer.body)), (StatusCode::UNPROCESSABLE_ENTITY, vec![pointer]), "{reason:?}");
    let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(letters) && detail.ends_with("that can be seen"), "{reason:?}: {detail}");
}

async fn a_decision_says_why_in_letters_that_can_be_seen(installation: Installation) {
    let (analyst, approver) = (installation.person("analyst").await, installation.person("approver").await);
    let few = ["ten chars.".to_owned(), "nine1 234".to_owned(), "looks\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}good".to_owned()];
    for decision in ["reject", "approve"] {
        let id = incident(&installation).await;
        let asked = analyst.post(&format!("/api/v1/incidents/{id}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
        let approval = &asked["approval"];
        let path = format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap());
        let vote = |reason: &str| json!({ "decision": decision, "reason": reason, "plan_digest": approval["plan_digest"] });
        for reason in blank().iter().chain(&few) {
            assert_refused(&approver.post(&path, &vote(reason)).await, "/reason", "at least 10 letters and digits", reason);
        }
        let kept = approver.post(&path, &vote("\u{200b}подпись верна\u{202e}")).await.expect(StatusCode::OK);
        assert_eq!(kept["decisions"][0]["reason"], "\u{200b}подпись верна\u{202e}", "the record is what was sent");
    }
}

async fn no_other_reason_is_blank_either(installation: Installation) {
    let analyst = installation.person("analyst").await;
    let receipt: Value = installation.source().post("/api/v1/alerts", &brute_force()).await.expect(StatusCode::CREATED);
    let path = format!("/api/v1/incidents/{}", receipt["incident_id"].as_str().unwrap());
    for reason in blank() {
        let moved =
            analyst.post(&format!("{path}/transition"), &json!({ "to": "closed", "reason": reason, "verdict": "benign" })).await;
        assert_refused(&moved, "/reason", "at least 1 letter or digit", &reason);
        let patched = analyst.patch(&path, &json!({ "verdict": "benign", "verdict_reason": reason })).await;
        assert_refused(&patched, "/verdict_reason", "at least 1 letter or digit", &reason);
    }
}
