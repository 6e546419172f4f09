//! Playbooks from outside: versions by digest, validation with every fault and its place, uploads and who answers for them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Answer, Client, Installation};
use crate::on_both_databases;

on_both_databases!(
    an_upload_is_in_force_at_once,
    who_uploaded_a_version_cannot_sign_for_it,
    a_text_is_checked_whole,
    playbooks_and_their_versions_come_in_pages,
    a_watched_folder_is_followed_while_the_server_runs,
);

const PHISHING: &str = "id: PB-PHISHING
name: Our own phishing response  # not the shipped one
incident_type: phishing
actions:
  - { id: tell, action: notify, with: { channel: soc, message: hello } }
";

async fn send(client: &Client<'_>, method: Method, path: &str, yaml: &str) -> Answer {
    let request = client.request(method, path).header("content-type", "application/yaml");
    client.send(request.body(yaml.to_owned())).await
}

async fn an_upload_is_in_force_at_once(installation: Installation) {
    let (admin, reader) = (installation.person("admin").await, installation.reader());
    let before = reader.get("/api/v1/playbooks/PB-PHISHING").await.expect(StatusCode::OK);
    assert_eq!((&before["origin"], &before["versions"][0]["in_force"]), (&json!("shipped"), &json!(true)));

    let uploaded = send(&admin, Method::PUT, "/api/v1/playbooks/PB-PHISHING", PHISHING).await.expect(StatusCode::CREATED);
    let digest = uploaded["digest"].as_str().unwrap();
    let after = reader.get("/api/v1/playbooks/PB-PHISHING").await.expect(StatusCode::OK);
    assert_eq!((&after["origin"], &after["digest"], &after["source"]), (&json!("upload"), &json!(digest), &json!(PHISHING)));
    send(&admin, Method::PUT, "/api/v1/playbooks/PB-PHISHING", PHISHING).await.expect(StatusCode::OK);

    let versions = reader.get("/api/v1/playbooks/PB-PHISHING/versions").await.expect(StatusCode::OK);
    let versions: Vec<(&Value, &Value, &Value)> = versions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| (&version["origin"], &version["in_force"], &version["author"]["username"]))
        .collect();
    assert_eq!(versions, [(&json!("upload"), &json!(true), &json!("admin")), (&json!("shipped"), &json!(false), &Value::Null)]);

    let shipped = before["digest"].as_str().unwrap();
    let compared = reader.get(&format!("/api/v1/playbooks/PB-PHISHING/compare?from={shipped}&to={digest}")).await;
    let compared = compared.expect(StatusCode::OK);
    assert!(compared["changes"].as_array().unwrap().iter().any(|change| change["part"] == "name"), "{compared}");
    let stored = reader.get(&format!("/api/v1/playbooks/PB-PHISHING/versions/{shipped}")).await.expect(StatusCode::OK);
    assert_eq!(stored["document"], before["document"]);
    reader.get(&format!("/api/v1/playbooks/PB-MALWARE/versions/{shipped}")).await.expect_problem(404, "not-found");

    // Back to the first version: known, and in force again.
    let source = before["source"].as_str().unwrap();
    send(&admin, Method::PUT, "/api/v1/playbooks/PB-PHISHING", source).await.expect(StatusCode::OK);
    let back = reader.get("/api/v1/playbooks/PB-PHISHING").await.expect(StatusCode::OK);
    assert_eq!((&back["digest"], &back["origin"]), (&json!(shipped), &json!("upload")));
}

async fn who_uploaded_a_version_cannot_sign_for_it(installation: Installation) {
    installation.grant("admin", "admin approver").await;
    let admin = installation.person("admin").await;
    let gated = PHISHING.replace("actions:", "requires_approval_if: { condition: \"true\" }\nactions:");
    send(&admin, Method::PUT, "/api/v1/playbooks/PB-PHISHING", &gated).await.expect(StatusCode::CREATED);
    let alert = json!({ "incident_type": "phishing", "impact": 3, "likelihood": 3, "confidence": 3 });
    let alert = installation.source().post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
    let run = format!("/api/v1/incidents/{}/run", alert["incident_id"].as_str().unwrap());
    let asked = installation.person("analyst").await.post(&run, &json!({})).await.expect(StatusCode::ACCEPTED);
    let approval = &asked["approval"];
    let decide = format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap());
    let vote = json!({ "decision": "approve", "reason": "long enough a reason", "plan_digest": approval["plan_digest"] });
    admin.post(&decide, &vote).await.expect_problem(409, "separation-of-duties");
    installation.person("approver").await.post(&decide, &vote).await.expect(StatusCode::OK);
}

async fn a_text_is_checked_whole(installation: Installation) {
    let (admin, reader) = (installation.person("admin").await, installation.reader());
    let good = send(&reader, Method::POST, "/api/v1/playbooks/validate", PHISHING).await.expect(StatusCode::OK);
    assert_eq!((&good["valid"], &good["errors"]), (&json!(true), &json!([])));
    let wrong = PHISHING.replace("channel: soc", "chanel: soc").replace("name:", "when: \"1 +\"\nname:");
    let found = send(&reader, Method::POST, "/api/v1/playbooks/validate", &wrong).await.expect(StatusCode::OK);
    let pointers: Vec<&str> =
        found["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(found["valid"], false);
    assert!(pointers.contains(&"/when") && pointers.contains(&"/actions/0/with/chanel"), "{found}");
    let refused = send(&admin, Method::PUT, "/api/v1/playbooks/PB-PHISHING", &wrong).await.expect_problem(422, "invalid");
    assert_eq!(refused["errors"].as_array().unwrap().len(), pointers.len());
    send(&admin, Method::PUT, "/api/v1/playbooks/PB-MALWARE", PHISHING).await.expect_problem(422, "invalid");
    send(&admin, Method::PUT, "/api/v1/playbooks/pb", PHISHING).await.expect_problem(404, "not-found");
    let request = admin.request(Method::PUT, "/api/v1/playbooks/PB-PHISHING").header("content-type", "text/plain");
    admin.send(request.body(PHISHING)).await.expect_problem(415, "unsupported-media-type");
    send(&admin, Method::PUT, "/api/v1/playbooks/PB-PHISHING", "").await.expect_problem(400, "malformed");
}

/// Every item of a list, by pages of this size.
async fn by_pages(client: &Client<'_>, path: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}?limit={limit}{cursor}")).await.expect(StatusCode::OK);
        let found = page["items"].as_array().unwrap();
        assert!(found.len() == limit || page["next_cursor"].is_null(), "{path}: {page}");
        items.extend(found.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

async fn playbooks_and_their_versions_come_in_pages(installation: Installation) {
    let (admin, reader) = (installation.person("admin").await, installation.reader());
    let all = reader.get("/api/v1/playbooks?limit=200").await.expect(StatusCode::OK);
    let all = all["items"].as_array().unwrap();
    assert!(all.len() > 5 && all.is_sorted_by_key(|playbook| playbook["id"].as_str().unwrap()), "{all:?}");
    for limit in [1, 4, all.len()] {
        assert_eq!(&by_pages(&reader, "/api/v1/playbooks", limit).await, all, "{limit}");
    }
    reader.get("/api/v1/playbooks?cursor=nonsense").await.expect_problem(422, "invalid");
    reader.get("/api/v1/playbooks?limit=0").await.expect_problem(422, "invalid");
    let rows = reader.request(Method::GET, "/api/v1/playbooks?format=csv&limit=3").send().await.unwrap();
    assert_eq!(rows.headers()["x-next-cursor"], all[2]["id"].as_str().unwrap());
    assert_eq!(rows.text().await.unwrap().lines().count(), 4);

    for turn in 0..4 {
        let text = PHISHING.replace("message: hello", &format!("message: hello {turn}"));
        send(&admin, Method::PUT, "/api/v1/playbooks/PB-PHISHING", &text).await.expect(StatusCode::CREATED);
    }
    let path = "/api/v1/playbooks/PB-PHISHING/versions";
    let versions = by_pages(&reader, path, 200).await;
    assert_eq!(versions.len(), 5);
    assert_eq!(by_pages(&reader, path, 2).await, versions);
    reader.get(&format!("{path}?cursor=nonsense")).await.expect_problem(422, "invalid");
    reader.get("/api/v1/playbooks/PB-NOBODY/versions").await.expect_problem(404, "not-found");
}

/// Asks again until the playbook is so; the test command's own time limit ends what never comes.
async fn until(client: &Client<'_>, what: &str, is_so: impl Fn(&Answer) -> bool) {
    loop {
        if is_so(&client.get(what).await) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn a_watched_folder_is_followed_while_the_server_runs(installation: Installation) {
    let (reader, folder) = (installation.reader(), installation.folder.path().join("playbooks"));
    let (own, file) = ("/api/v1/playbooks/PB-PHISHING", folder.join("phishing.yaml"));
    let named = |name: &str| {
        let name = name.to_owned();
        move |answer: &Answer| answer.body["name"] == name
    };
    let shipped = reader.get(own).await.expect(StatusCode::OK);
    // The folder itself comes into being while the server runs.
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(&file, PHISHING).unwrap();
    until(&reader, own, named("Our own phishing response")).await;
    let added = reader.get(own).await.expect(StatusCode::OK);
    assert_eq!((&added["origin"], &added["source"]), (&json!("folder"), &json!(PHISHING)));

    let changed = PHISHING.replace("Our own", "Our better");
    std::fs::write(&file, &changed).unwrap();
    until(&reader, own, named("Our better phishing response")).await;

    // A file with a fault is refused, and what was read before stays in force.
    std::fs::write(&file, changed.replace("channel: soc", "chanel: soc")).unwrap();
    let refused = |answer: &Answer| answer.body["checks"]["playbooks"]["status"] == "degraded";
    until(&installation.anonymous(), "/health", refused).await;
    let health = installation.anonymous().get("/health").await.body;
    let detail = health["checks"]["playbooks"]["detail"].as_str().unwrap();
    assert!(detail.contains("phishing.yaml:5:"), "file and line: {detail}");
    assert_eq!(reader.get(own).await.expect(StatusCode::OK)["name"], "Our better phishing response");

    std::fs::write(&file, &changed).unwrap();
    until(&installation.anonymous(), "/health", |answer| answer.body["checks"]["playbooks"]["status"] == "ok").await;
    std::fs::remove_file(&file).unwrap();
    until(&reader, own, |answer| answer.body["origin"] == "shipped").await;
    assert_eq!(reader.get(own).await.expect(StatusCode::OK)["digest"], shipped["digest"]);
    let auditor = installation.person("auditor").await;
    let loaded = auditor.get("/api/v1/audit-logs?action=PLAYBOOK_LOADED&limit=200").await.expect(StatusCode::OK);
    let of_own = loaded["items"].as_array().unwrap().iter().filter(|entry| entry["target"]["id"] == "PB-PHISHING");
    let outcomes: Vec<&Value> = of_own.map(|entry| &entry["outcome"]).collect();
    assert!(outcomes.iter().filter(|outcome| **outcome == "ok").count() >= 3, "shipped, added, changed: {outcomes:?}");
}
