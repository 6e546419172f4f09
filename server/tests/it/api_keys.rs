//! API keys: shown once, limited by scope, source and time, and dead once revoked.

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Client, Installation, newest_actions, pointers};
use crate::on_both_databases;

on_both_databases!(
    a_key_is_shown_once_and_works_until_it_is_revoked,
    a_key_is_bound_to_its_source_and_ends_at_its_time,
    a_key_is_changed_while_it_is_in_force,
    everything_wrong_with_a_key_is_told_at_once,
    a_change_of_another_version_of_a_key_is_refused,
    a_name_is_given_to_one_of_two_keys_made_at_once,
);

fn with_key<'a>(installation: &'a Installation, created: &Value) -> Client<'a> {
    let mut client = installation.anonymous();
    client.key = Some(created["key"].as_str().unwrap().to_owned());
    client
}

async fn a_key_is_shown_once_and_works_until_it_is_revoked(installation: Installation) {
    let admin = installation.person("admin").await;
    let answer = admin.post("/api/v1/api-keys", &json!({ "name": "siem", "scopes": ["incidents:read"] })).await;
    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let created = answer.expect(StatusCode::CREATED);
    let secret = created["key"].as_str().unwrap();
    assert!(secret.starts_with(&format!("cs_{}_", created["api_key"]["prefix"].as_str().unwrap())), "{created}");
    let key = with_key(&installation, &created);
    key.get("/api/v1/incidents").await.expect(StatusCode::OK);
    key.post("/api/v1/alerts", &json!({ "title": "x" })).await.expect_problem(403, "forbidden");
    key.get("/api/v1/api-keys").await.expect_problem(403, "forbidden");

    let listed = admin.get("/api/v1/api-keys").await.expect(StatusCode::OK);
    assert_eq!((&listed["items"][0]["name"], listed["items"].as_array().unwrap().len()), (&json!("siem"), 3), "the newest first");
    assert!(listed["items"][0]["last_used_at"].is_string(), "{listed}");
    assert!(!listed.to_string().contains(&secret[14..]), "the list holds no secret");
    let revoked = admin.delete(&location).await.expect(StatusCode::OK);
    assert!(revoked["revoked_at"].is_string());
    assert_eq!(admin.delete(&location).await.expect(StatusCode::OK), revoked, "once is for ever");
    key.get("/api/v1/incidents").await.expect_problem(401, "unauthenticated");
    assert_eq!(newest_actions(&installation, 2).await, ["API_KEY_REVOKED", "API_KEY_CREATED"]);
    let again = json!({ "name": "siem", "scopes": ["incidents:read"] });
    admin.post("/api/v1/api-keys", &again).await.expect(StatusCode::CREATED);
}

async fn a_key_is_bound_to_its_source_and_ends_at_its_time(installation: Installation) {
    let admin = installation.person("admin").await;
    let new = json!({ "name": "edr", "scopes": ["alerts:write"], "source": "edr-1", "expires_at": "2999-01-01T00:00:00Z" });
    let created = admin.post("/api/v1/api-keys", &new).await.expect(StatusCode::CREATED);
    assert_eq!(created["api_key"]["expires_at"], "2999-01-01T00:00:00.000Z");
    let key = with_key(&installation, &created);
    key.post("/api/v1/alerts", &json!({ "title": "x", "source": "edr-1" })).await.expect(StatusCode::CREATED);
    key.post("/api/v1/alerts", &json!({ "title": "y", "source": "other" })).await.expect_problem(403, "forbidden");
    installation.sql("UPDATE api_keys SET expires_at = 1 WHERE name = 'edr'").await;
    key.post("/api/v1/alerts", &json!({ "title": "z" })).await.expect_problem(401, "unauthenticated");
}

async fn a_key_is_changed_while_it_is_in_force(installation: Installation) {
    let admin = installation.person("admin").await;
    let new = json!({ "name": "siem", "scopes": ["incidents:read"], "expires_at": "2999-01-01T00:00:00Z" });
    let created = admin.post("/api/v1/api-keys", &new).await.expect(StatusCode::CREATED);
    let path = format!("/api/v1/api-keys/{}", created["api_key"]["id"].as_str().unwrap());
    let key = with_key(&installation, &created);
    let change = json!({ "name": "siem-2", "scopes": ["audit:read", "alerts:write"], "expires_at": null });
    let changed = admin.patch(&path, &change).await.expect(StatusCode::OK);
    assert_eq!(
        (&changed["name"], &changed["scopes"], &changed["expires_at"]),
        (&json!("siem-2"), &json!(["alerts:write", "audit:read"]), &Value::Null)
    );
    assert_eq!(admin.patch(&path, &json!({})).await.expect(StatusCode::OK)["expires_at"], Value::Null, "what is absent stays");
    key.get("/api/v1/incidents").await.expect_problem(403, "forbidden");
    key.get("/api/v1/audit-logs").await.expect(StatusCode::OK);
    admin.patch(&path, &json!({ "source": "other" })).await.expect_problem(422, "invalid");
    admin.delete(&path).await.expect(StatusCode::OK);
    admin.patch(&path, &json!({ "name": "siem-3" })).await.expect_problem(422, "invalid");
}

async fn everything_wrong_with_a_key_is_told_at_once(installation: Installation) {
    let admin = installation.person("admin").await;
    let check = async |body: Value, expected: &[&str]| {
        let problem = admin.post("/api/v1/api-keys", &body).await.expect_problem(422, "invalid");
        assert_eq!(pointers(&problem), expected, "{problem}");
    };
    check(json!({ "name": "A Key", "scopes": [], "expires_at": "2001-01-01T00:00:00Z" }), &["/name", "/scopes", "/expires_at"])
        .await;
    check(json!({ "name": "source", "scopes": ["alerts:write"] }), &["/name"]).await;
    check(json!({ "name": "x", "scopes": ["everything"] }), &["/scopes/0"]).await;
    check(json!({ "name": "x", "scopes": ["alerts:write"], "source": "a b" }), &["/source"]).await;
    admin.get("/api/v1/api-keys/0190c2d4-0000-7000-8000-000000000001").await.expect_problem(404, "not-found");
    admin.delete("/api/v1/api-keys/0190c2d4-0000-7000-8000-000000000001").await.expect_problem(404, "not-found");
}

async fn a_change_of_another_version_of_a_key_is_refused(installation: Installation) {
    let admin = installation.person("admin").await;
    let new = json!({ "name": "siem", "scopes": ["incidents:read"] });
    let created = admin.post("/api/v1/api-keys", &new).await.expect(StatusCode::CREATED);
    let path = format!("/api/v1/api-keys/{}", created["api_key"]["id"].as_str().unwrap());
    let tag = admin.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
    let unchanged = admin.send(admin.request(Method::GET, &path).header("if-none-match", &tag)).await;
    assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);
    // That it was used makes it no other key.
    with_key(&installation, &created).get("/api/v1/incidents").await.expect(StatusCode::OK);
    let rename =
        |tag: &str, name: &str| admin.request(Method::PATCH, &path).header("if-match", tag).json(&json!({ "name": name }));
    let first = admin.send(rename(&tag, "siem-1")).await;
    let next = first.headers["etag"].to_str().unwrap().to_owned();
    first.expect(StatusCode::OK);
    admin.send(rename(&tag, "siem-2")).await.expect_problem(412, "stale-version");
    admin.send(rename("\"nonsense\"", "siem-2")).await.expect_problem(412, "stale-version");
    assert_eq!(admin.get(&path).await.body["name"], "siem-1");
    admin.send(rename(&next, "siem-3")).await.expect(StatusCode::OK);
    admin.send(rename("*", "siem-4")).await.expect(StatusCode::OK);
}

async fn a_name_is_given_to_one_of_two_keys_made_at_once(installation: Installation) {
    let admin = installation.person("admin").await;
    let new = json!({ "name": "siem", "scopes": ["incidents:read"] });
    let answers = join_all((0..12).map(|_| admin.post("/api/v1/api-keys", &new))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == StatusCode::CREATED);
    assert_eq!(made.len(), 1);
    for answer in refused {
        assert_eq!(pointers(&answer.expect_problem(422, "invalid")), ["/name"]);
    }
}
