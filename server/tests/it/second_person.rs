//! One human is not two people: who may sign for what somebody asked for, and whose signatures count.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::installation::{Answer, Client, Installation, PASSWORD};
use crate::main_job::until_state;
use crate::on_both_databases;
use crate::what_asks::{duty, playbook, posted};

on_both_databases!(
    an_account_that_the_asker_made_or_reset_cannot_sign,
    whoever_becomes_an_approver_after_the_request_cannot_sign_it,
    somebody_who_did_not_set_an_account_confirms_it,
    two_accounts_of_one_person_are_one_signature,
    whoever_tags_or_moves_what_a_plan_reads_contributes,
    signatures_that_do_not_count_any_more_are_asked_for_anew,
);

/// Approves.
pub async fn sign(approver: &Client<'_>, approval: &Value) -> Answer {
    let decide = format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap());
    let vote = json!({ "decision": "approve", "reason": "confirmed with the owner", "plan_digest": approval["plan_digest"] });
    approver.post(&decide, &vote).await
}

/// The approval of a run on a new incident of this number that this person asks for.
async fn asked(installation: &Installation, asker: &Client<'_>, number: u8) -> Value {
    let mut alert = crate::main_job::brute_force();
    alert["context"]["ip"] = json!(format!("198.51.100.{number}"));
    alert["context"]["target_account"] = json!(format!("account{number}"));
    let incident = posted(&installation.source(), alert).await;
    let asked = asker.post(&format!("/api/v1/incidents/{incident}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    asked["approval"].clone()
}

async fn account(admin: &Client<'_>, username: &str, roles: &[&str]) -> String {
    let new = json!({ "username": username, "roles": roles, "password": PASSWORD });
    let created = admin.post("/api/v1/users", &new).await.expect(StatusCode::CREATED);
    created["user"]["id"].as_str().unwrap().to_owned()
}

async fn why_not(approver: &Client<'_>, approval: &Value) -> String {
    let seen = approver.get(&format!("/api/v1/approvals/{}", approval["id"].as_str().unwrap())).await.expect(StatusCode::OK);
    assert_eq!(seen["can_decide"], false, "{seen}");
    seen["why_not"].as_str().unwrap().to_owned()
}

async fn an_account_that_the_asker_made_or_reset_cannot_sign(installation: Installation) {
    installation.grant("admin", "admin analyst").await;
    let admin = installation.person("admin").await;
    let made = account(&admin, "puppet", &["approver"]).await;
    let approval = asked(&installation, &admin, 1).await;
    let puppet = installation.person("puppet").await;
    sign(&puppet, &approval).await.expect_problem(409, "separation-of-duties");
    assert!(why_not(&puppet, &approval).await.starts_with("Admin, who contributed"), "it names who set the account");
    // The same of an account whose password, or the link for it, was set, however its owner signs in then.
    let approver2 = id_of(&admin, "approver2").await;
    let path = format!("/api/v1/users/{approver2}");
    admin.patch(&path, &json!({ "password": "nine yellow bicycles" })).await.expect(StatusCode::OK);
    let stolen = signed_in(&installation, "approver2", "nine yellow bicycles").await;
    sign(&stolen, &approval).await.expect_problem(409, "separation-of-duties");
    let own = json!({ "old_password": "nine yellow bicycles", "new_password": "seven purple umbrellas" });
    stolen.post("/api/v1/session/password", &own).await.expect(StatusCode::NO_CONTENT);
    sign(&stolen, &approval).await.expect_problem(409, "separation-of-duties");
    let approver = id_of(&admin, "approver").await;
    let link = admin.post_nothing(&format!("/api/v1/users/{approver}/password-link")).await.expect(StatusCode::CREATED);
    let signed_in_before = installation.person("approver").await;
    sign(&signed_in_before, &approval).await.expect_problem(409, "separation-of-duties");
    let token = link["path"].as_str().unwrap().split_once("token=").unwrap().1;
    let by_link = json!({ "token": token, "password": "seven purple umbrellas" });
    installation.anonymous().post("/api/v1/password", &by_link).await.expect(StatusCode::OK);
    let by_link = signed_in(&installation, "approver", "seven purple umbrellas").await;
    sign(&by_link, &approval).await.expect_problem(409, "separation-of-duties");
    // And of one whom somebody made that the asker had made.
    let second_admin = account(&admin, "second", &["admin"]).await;
    assert_ne!(second_admin, made);
    let second = installation.person("second").await;
    account(&second, "third", &["approver"]).await;
    let later = asked(&installation, &admin, 2).await;
    sign(&installation.person("third").await, &later).await.expect_problem(409, "separation-of-duties");
    sign(&installation.person("both").await, &approval).await.expect(StatusCode::OK);
}

async fn id_of(admin: &Client<'_>, username: &str) -> String {
    let people = admin.get("/api/v1/users?limit=200").await.expect(StatusCode::OK);
    let found = people["items"].as_array().unwrap().iter().find(|person| person["username"] == username).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

async fn signed_in<'a>(installation: &'a Installation, username: &str, password: &str) -> Client<'a> {
    let client = installation.anonymous();
    let credentials = json!({ "username": username, "password": password });
    client.post("/api/v1/session", &credentials).await.expect(StatusCode::OK);
    client
}

async fn whoever_becomes_an_approver_after_the_request_cannot_sign_it(installation: Installation) {
    let (admin, analyst) = (installation.person("admin").await, installation.person("analyst").await);
    let approval = asked(&installation, &analyst, 1).await;
    account(&admin, "late", &["approver"]).await;
    let late = installation.person("late").await;
    sign(&late, &approval).await.expect_problem(409, "separation-of-duties");
    let auditor = id_of(&admin, "auditor").await;
    admin.patch(&format!("/api/v1/users/{auditor}"), &json!({ "roles": ["auditor", "approver"] })).await.expect(StatusCode::OK);
    let auditor = installation.person("auditor").await;
    sign(&auditor, &approval).await.expect_problem(409, "separation-of-duties");
    assert!(why_not(&auditor, &approval).await.starts_with("You were no approver yet"));
    let next = asked(&installation, &analyst, 2).await;
    sign(&late, &next).await.expect(StatusCode::OK);
}

async fn somebody_who_did_not_set_an_account_confirms_it(installation: Installation) {
    installation.grant("admin", "admin analyst").await;
    let (admin, approver) = (installation.person("admin").await, installation.person("approver").await);
    let made = account(&admin, "helper", &["approver"]).await;
    let puppet = account(&admin, "puppet", &["approver"]).await;
    let approval = asked(&installation, &admin, 1).await;
    let helper = installation.person("helper").await;
    sign(&helper, &approval).await.expect_problem(409, "separation-of-duties");
    let waiting = approver.get("/api/v1/users/unconfirmed").await.expect(StatusCode::OK);
    let names: Vec<_> = waiting.as_array().unwrap().iter().map(|account| (&account["username"], &account["why_not"])).collect();
    assert_eq!(names, [(&json!("helper"), &Value::Null), (&json!("puppet"), &Value::Null)]);
    let confirm = format!("/api/v1/users/{made}/confirm");
    for nobody in [&admin, &helper, &installation.person("puppet").await] {
        nobody.post_nothing(&confirm).await.expect_problem(409, "separation-of-duties");
    }
    installation.person("auditor").await.post_nothing(&confirm).await.expect_problem(403, "forbidden");
    let confirmed = approver.post_nothing(&confirm).await.expect(StatusCode::OK);
    assert_eq!((&confirmed["username"], &confirmed["needs_confirmation"]), (&json!("helper"), &json!(false)));
    assert_eq!(confirmed["settings"][0]["set_by"]["username"], "admin");
    assert_eq!(confirmed["settings"][0]["confirmed_by"]["username"], "approver");
    approver.post_nothing(&confirm).await.expect(StatusCode::OK);
    sign(&helper, &approval).await.expect(StatusCode::OK);
    let of_puppet = admin.get(&format!("/api/v1/users/{puppet}")).await.expect(StatusCode::OK);
    assert_eq!(of_puppet["needs_confirmation"], true);
    let of_approver = admin.get(&format!("/api/v1/users/{}", id_of(&admin, "approver").await)).await.expect(StatusCode::OK);
    assert_eq!(
        (&of_approver["settings"][0]["set_by"], &of_approver["settings"][0]["via"]),
        (&Value::Null, &json!("command_line"))
    );
    approver.post_nothing("/api/v1/users/0190c2d4-0000-7000-8000-000000000007/confirm").await.expect_problem(404, "not-found");
}

async fn two_accounts_of_one_person_are_one_signature(installation: Installation) {
    let rest = "requires_approval_if: { destructive: true }\napproval: { quorum: 2 }\n\
                actions:\n  - { id: block, action: block_ip, with: { ip: \"${{ alert.source.ip }}\" } }\n";
    playbook(&installation, rest).await;
    installation.grant("approver", "admin approver").await;
    let (approver, analyst) = (installation.person("approver").await, installation.person("analyst").await);
    account(&approver, "other", &["approver"]).await;
    let incident = posted(&installation.source(), duty("low")).await;
    let run = analyst.post(&format!("/api/v1/incidents/{incident}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    sign(&approver, &run["approval"]).await.expect(StatusCode::OK);
    let other = installation.person("other").await;
    sign(&other, &run["approval"]).await.expect_problem(409, "separation-of-duties");
    let signed = sign(&installation.person("approver2").await, &run["approval"]).await.expect(StatusCode::OK);
    assert_eq!(signed["status"], "approved");
}

async fn whoever_tags_or_moves_what_a_plan_reads_contributes(installation: Installation) {
    let rest = "requires_approval_if: { destructive: true }\nwhen: \"incident.state != 'closed'\"\n\
                actions:\n  - { id: lock, action: disable_user, with: { user: \"${{ incident.tags[0] }}\" } }\n";
    playbook(&installation, rest).await;
    let (both, analyst) = (installation.person("both").await, installation.person("analyst").await);
    let mut alert = duty("low");
    alert["tags"] = json!(["jdoe"]);
    let incident = posted(&installation.source(), alert.clone()).await;
    both.patch(&format!("/api/v1/incidents/{incident}"), &json!({ "tags": ["boss"] })).await.expect(StatusCode::OK);
    let run = analyst.post(&format!("/api/v1/incidents/{incident}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    assert_eq!(run["approval"]["plan"]["actions"][0]["parameters"]["user"], "boss");
    sign(&both, &run["approval"]).await.expect_problem(409, "separation-of-duties");
    alert["src_ip"] = json!("198.51.100.8");
    let moved = posted(&installation.source(), alert).await;
    let take = json!({ "to": "in_progress" });
    both.post(&format!("/api/v1/incidents/{moved}/transition"), &take).await.expect(StatusCode::OK);
    let run = analyst.post(&format!("/api/v1/incidents/{moved}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    sign(&both, &run["approval"]).await.expect_problem(409, "separation-of-duties");
    // A plan that does not read where the incident stands is none of the mover's making.
    let elsewhere = posted(&installation.source(), crate::main_job::brute_force()).await;
    both.post(&format!("/api/v1/incidents/{elsewhere}/transition"), &take).await.expect(StatusCode::OK);
    let run = analyst.post(&format!("/api/v1/incidents/{elsewhere}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    sign(&both, &run["approval"]).await.expect(StatusCode::OK);
}

/// The approval that a run waits for in the place of its first one.
async fn asked_anew(analyst: &Client<'_>, run: &Value) -> Value {
    let now = analyst.get(&format!("/api/v1/runs/{}", run["run"]["id"].as_str().unwrap())).await.expect(StatusCode::OK);
    assert_eq!(now["status"], "awaiting_approval");
    assert_ne!(now["approval_id"], run["approval"]["id"]);
    let anew = analyst.get(&format!("/api/v1/approvals/{}", now["approval_id"].as_str().unwrap())).await.expect(StatusCode::OK);
    assert_eq!((&anew["status"], &anew["decisions"]), (&json!("pending"), &json!([])));
    assert_eq!((&anew["plan_digest"], &anew["quorum"]), (&run["approval"]["plan_digest"], &json!(2)));
    anew
}

async fn signatures_that_do_not_count_any_more_are_asked_for_anew(installation: Installation) {
    let rest = "requires_approval_if: { destructive: true }\napproval: { quorum: 2 }\n\
                actions:\n  - { id: block, action: block_ip, with: { ip: \"${{ alert.source.ip }}\" } }\n\
                on_success: { transition: contained }\n";
    playbook(&installation, rest).await;
    // Not the one who wrote the playbook.
    installation.grant("auditor", "admin").await;
    let (admin, analyst) = (installation.person("auditor").await, installation.person("analyst").await);
    let (approver, approver2) = (installation.person("approver").await, installation.person("approver2").await);
    let incident = posted(&installation.source(), duty("low")).await;
    let run = analyst.post(&format!("/api/v1/incidents/{incident}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    sign(&approver, &run["approval"]).await.expect(StatusCode::OK);
    let path = format!("/api/v1/users/{}", id_of(&admin, "approver").await);
    admin.patch(&path, &json!({ "roles": ["auditor"] })).await.expect(StatusCode::OK);
    let second = sign(&approver2, &run["approval"]).await.expect(StatusCode::OK);
    assert_eq!(second["status"], "pending", "`both` can still give the rest");
    // Given back, it does not make two signatures of what was interrupted: both sign anew. Whoever was an approver when it was first asked for may.
    admin.patch(&path, &json!({ "roles": ["approver"] })).await.expect(StatusCode::OK);
    let anew = asked_anew(&analyst, &run).await;
    sign(&approver2, &run["approval"]).await.expect_problem(409, "not-pending");
    sign(&approver2, &anew).await.expect(StatusCode::OK);
    sign(&approver, &anew).await.expect(StatusCode::OK);
    until_state(&analyst, &incident, "contained").await;
    // Where nobody else can give the rest, the last signature already has it asked for anew.
    installation.grant("both", "analyst").await;
    let mut alert = duty("low");
    alert["src_ip"] = json!("198.51.100.8");
    let incident = posted(&installation.source(), alert).await;
    let run = analyst.post(&format!("/api/v1/incidents/{incident}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    sign(&approver, &run["approval"]).await.expect(StatusCode::OK);
    admin.patch(&path, &json!({ "enabled": false })).await.expect(StatusCode::OK);
    let second = sign(&approver2, &run["approval"]).await.expect(StatusCode::OK);
    assert_eq!(second["status"], "withdrawn", "its signatures can never be enough");
    let anew = asked_anew(&analyst, &run).await;
    admin.patch(&path, &json!({ "enabled": true })).await.expect(StatusCode::OK);
    sign(&approver2, &anew).await.expect(StatusCode::OK);
    sign(&installation.person("approver").await, &anew).await.expect(StatusCode::OK);
    until_state(&analyst, &incident, "contained").await;
}
