//! Sessions: the same answer for every failed sign-in, the throttle, cross-origin writes, and the end of a session.

use futures::StreamExt as _;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Client, Installation, PASSWORD, newest_actions};
use crate::on_both_databases;

on_both_databases!(
    a_session_begins_and_ends,
    failed_sign_ins_say_nothing_and_are_throttled,
    failed_sign_ins_at_the_same_time_are_throttled_too,
    a_network_that_is_locked_out_does_not_keep_people_from_confirming,
    a_write_from_another_site_is_refused,
    a_header_is_judged_alone,
    a_disabled_account_has_no_session,
    a_person_sees_and_ends_their_sessions,
    an_admin_sees_and_ends_everybodys_sessions,
    a_changed_password_ends_every_other_session,
    an_unused_session_and_an_old_one_end,
    a_database_that_does_not_answer_asks_to_come_back,
    a_stream_ends_with_its_session,
    a_stream_ends_when_its_person_may_see_other_things,
);

/// Whether a session is read, an alert written, or a page of a list read.
async fn a_database_that_does_not_answer_asks_to_come_back(installation: Installation) {
    let (analyst, source, reader) = (installation.person("analyst").await, installation.source(), installation.reader());
    installation.running.store.close().await.unwrap();
    let alert = crate::main_job::brute_force();
    for answer in [
        analyst.get("/api/v1/incidents").await,
        reader.get("/api/v1/incidents").await,
        source.post("/api/v1/alerts", &alert).await,
    ] {
        assert!(answer.headers.contains_key("retry-after"));
        answer.expect_problem(503, "overloaded");
    }
}

async fn a_session_begins_and_ends(installation: Installation) {
    let client = installation.anonymous();
    client.get("/api/v1/session").await.expect_problem(401, "unauthenticated");
    let answer = client.post("/api/v1/session", &json!({ "username": "analyst", "password": PASSWORD })).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["countersign_session=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    let body = answer.expect(StatusCode::OK);
    assert_eq!((&body["user"]["username"], &body["user"]["roles"]), (&json!("analyst"), &json!(["analyst"])));
    assert_eq!(client.get("/api/v1/session").await.expect(StatusCode::OK), body);
    client
        .post("/api/v1/session/step-up", &json!({ "password": "wrong horse battery" }))
        .await
        .expect_problem(401, "sign-in-failed");
    assert_eq!(client.post("/api/v1/session/step-up", &json!({ "password": PASSWORD })).await.status, StatusCode::NO_CONTENT);
    assert_eq!(client.send(client.request(Method::DELETE, "/api/v1/session")).await.status, StatusCode::NO_CONTENT);
    client.get("/api/v1/session").await.expect_problem(401, "unauthenticated");
}

async fn failed_sign_ins_say_nothing_and_are_throttled(installation: Installation) {
    let client = installation.anonymous();
    let try_with = async |username: &str| {
        client.post("/api/v1/session", &json!({ "username": username, "password": "wrong horse battery" })).await
    };
    let unknown = try_with("nobody").await.expect_problem(401, "sign-in-failed");
    for attempt in 0..10 {
        let known = try_with("analyst").await.expect_problem(401, "sign-in-failed");
        assert_eq!((&known["title"], &known["detail"]), (&unknown["title"], &unknown["detail"]), "attempt {attempt}");
    }
    let throttled = try_with("analyst").await;
    assert!(throttled.headers.contains_key("retry-after"));
    throttled.expect_problem(429, "rate-limited");
    client
        .post("/api/v1/session", &json!({ "username": "analyst", "password": PASSWORD }))
        .await
        .expect_problem(429, "rate-limited");
    client.post("/api/v1/session", &json!({ "username": "approver", "password": PASSWORD })).await.expect(StatusCode::OK);
}

async fn failed_sign_ins_at_the_same_time_are_throttled_too(installation: Installation) {
    let client = installation.anonymous();
    let wrong = json!({ "username": "analyst", "password": "wrong horse battery" });
    let answers = futures::future::join_all((0..40).map(|_| client.post("/api/v1/session", &wrong))).await;
    let tried = answers.iter().filter(|answer| answer.status == StatusCode::UNAUTHORIZED).count();
    let refused = answers.iter().filter(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS).count();
    assert_eq!((tried, refused), (10, 30));
}

async fn a_network_that_is_locked_out_does_not_keep_people_from_confirming(installation: Installation) {
    let analyst = installation.person("analyst").await;
    let client = installation.anonymous();
    for attempt in 0..100 {
        let wrong = json!({ "username": format!("stranger-{attempt}"), "password": "wrong horse battery" });
        client.post("/api/v1/session", &wrong).await.expect_problem(401, "sign-in-failed");
    }
    let right = json!({ "username": "approver", "password": PASSWORD });
    client.post("/api/v1/session", &right).await.expect_problem(429, "rate-limited");
    assert_eq!(analyst.post("/api/v1/session/step-up", &json!({ "password": PASSWORD })).await.status, StatusCode::NO_CONTENT);
}

async fn a_write_from_another_site_is_refused(installation: Installation) {
    let analyst = installation.person("analyst").await;
    let write = |header: &'static str, value: &'static str| {
        analyst.request(Method::POST, "/api/v1/session/step-up").json(&json!({ "password": PASSWORD })).header(header, value)
    };
    analyst.send(write("sec-fetch-site", "cross-site")).await.expect_problem(403, "cross-origin");
    analyst.send(write("sec-fetch-site", "same-site")).await.expect_problem(403, "cross-origin");
    analyst.send(write("origin", "https://evil.example")).await.expect_problem(403, "cross-origin");
    assert_eq!(analyst.send(write("sec-fetch-site", "same-origin")).await.status, StatusCode::NO_CONTENT);
    let form = analyst
        .request(Method::POST, "/sign-in")
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(analyst.send(form.body("username=a&password=b")).await.status, StatusCode::FORBIDDEN);
}

async fn a_header_is_judged_alone(installation: Installation) {
    let analyst = installation.person("analyst").await;
    let with_bad_key = analyst.request(Method::GET, "/api/v1/incidents").bearer_auth("cs_nobody_nothing");
    analyst.send(with_bad_key).await.expect_problem(401, "unauthenticated");
    analyst.get("/api/v1/incidents").await.expect(StatusCode::OK);
}

async fn a_disabled_account_has_no_session(installation: Installation) {
    let analyst = installation.person("analyst").await;
    analyst.get("/api/v1/incidents").await.expect(StatusCode::OK);
    let accounts =
        service::accounts::Accounts::new(installation.running.store.clone(), service::clock::Clock::System).await.unwrap();
    accounts.disable_user("analyst").await.unwrap();
    analyst.get("/api/v1/incidents").await.expect_problem(401, "unauthenticated");
    let again = json!({ "username": "analyst", "password": PASSWORD });
    installation.anonymous().post("/api/v1/session", &again).await.expect_problem(401, "sign-in-failed");
}

async fn sessions_of(client: &Client<'_>, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/api/v1/sessions{query}")).await.expect(StatusCode::OK);
    page["items"].as_array().unwrap().clone()
}

async fn a_person_sees_and_ends_their_sessions(installation: Installation) {
    let (first, second, other) =
        (installation.person("analyst").await, installation.person("analyst").await, installation.person("approver").await);
    let third = installation.anonymous();
    let credentials = json!({ "username": "analyst", "password": PASSWORD });
    let request = third.request(Method::POST, "/api/v1/session").header("user-agent", "Firefox <b>\u{e9}");
    third.send(request.json(&credentials)).await.expect(StatusCode::OK);
    let seen = sessions_of(&first, "").await;
    assert_eq!(seen.iter().filter(|session| session["current"] == true).count(), 1);
    assert!(seen.len() == 3 && seen.iter().all(|session| session["user"]["username"] == "analyst"), "{seen:?}");
    assert_eq!(seen[0]["network"], "127.0.0.0/24");
    assert!(seen.iter().all(|session| session["seen_at"].is_string() && session["expires_at"].is_string()));
    let id_of = async |client: &Client<'_>| {
        let sessions = sessions_of(client, "").await;
        sessions.iter().find(|session| session["current"] == true).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let second_id = id_of(&second).await;
    other.delete(&format!("/api/v1/sessions/{second_id}")).await.expect_problem(404, "not-found");
    assert_eq!(first.delete(&format!("/api/v1/sessions/{second_id}")).await.status, StatusCode::NO_CONTENT);
    second.get("/api/v1/session").await.expect_problem(401, "unauthenticated");
    first.delete(&format!("/api/v1/sessions/{second_id}")).await.expect_problem(404, "not-found");
    assert_eq!(first.delete("/api/v1/sessions").await.status, StatusCode::NO_CONTENT);
    third.get("/api/v1/session").await.expect_problem(401, "unauthenticated");
    first.get("/api/v1/session").await.expect(StatusCode::OK);
    other.get("/api/v1/session").await.expect(StatusCode::OK);
    first.get("/api/v1/sessions?owner=everybody").await.expect_problem(403, "forbidden");
}

async fn an_admin_sees_and_ends_everybodys_sessions(installation: Installation) {
    let (analyst, approver, admin) =
        (installation.person("analyst").await, installation.person("approver").await, installation.person("admin").await);
    let first = admin.get("/api/v1/sessions?owner=everybody&limit=2").await.expect(StatusCode::OK);
    let rest = sessions_of(&admin, &format!("?owner=everybody&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    let everybody: Vec<&Value> = first["items"].as_array().unwrap().iter().chain(&rest).collect();
    let mut names: Vec<&str> = everybody.iter().map(|session| session["user"]["username"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["admin", "analyst", "approver"], "each once");
    let of = |username: &str| everybody.iter().find(|session| session["user"]["username"] == username).unwrap();
    let id = of("analyst")["id"].as_str().unwrap();
    assert_eq!(admin.delete(&format!("/api/v1/sessions/{id}")).await.status, StatusCode::NO_CONTENT);
    analyst.get("/api/v1/session").await.expect_problem(401, "unauthenticated");
    let user_id = of("approver")["user"]["id"].as_str().unwrap();
    assert_eq!(admin.delete(&format!("/api/v1/users/{user_id}/sessions")).await.status, StatusCode::NO_CONTENT);
    approver.get("/api/v1/session").await.expect_problem(401, "unauthenticated");
    assert_eq!(newest_actions(&installation, 2).await, ["SESSION_ENDED", "SESSION_ENDED"]);
}

async fn a_changed_password_ends_every_other_session(installation: Installation) {
    let (here, elsewhere) = (installation.person("analyst").await, installation.person("analyst").await);
    let change = async |old: &str, new: &str| {
        here.post("/api/v1/session/password", &json!({ "old_password": old, "new_password": new })).await
    };
    change("wrong horse battery", "seven purple umbrellas").await.expect_problem(401, "sign-in-failed");
    change(PASSWORD, PASSWORD).await.expect_problem(422, "invalid");
    let answer = change(PASSWORD, "seven purple umbrellas").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.headers.contains_key("set-cookie"), "the session goes on under a new cookie");
    here.get("/api/v1/session").await.expect(StatusCode::OK);
    elsewhere.get("/api/v1/session").await.expect_problem(401, "unauthenticated");
    let old = json!({ "username": "analyst", "password": PASSWORD });
    installation.anonymous().post("/api/v1/session", &old).await.expect_problem(401, "sign-in-failed");
    let actions = newest_actions(&installation, 3).await;
    assert!(actions.iter().any(|action| action == "PASSWORD_CHANGED"), "{actions:?}");
}

async fn an_unused_session_and_an_old_one_end(installation: Installation) {
    let analyst = installation.person("analyst").await;
    let [session] = &sessions_of(&analyst, "").await[..] else { panic!("one session") };
    let at = |name: &str| session[name].as_str().unwrap().parse::<domain::timestamp::Timestamp>().unwrap();
    let idle_ms = at("expires_at").since_ms(at("created_at"));
    assert!((30 * 60 * 1000 - 10_000..=30 * 60 * 1000 + 10_000).contains(&idle_ms), "30 minutes idle, not {idle_ms} ms");
    let age = |hours: i64| domain::timestamp::Timestamp::from_unix_ms(at("created_at").unix_ms() - hours * 3_600_000);
    let signed_in = |time| format!("\"signed_in_at\":\"{time}\"");
    let aged = format!(
        "UPDATE sessions SET data = replace(data, '{}', '{}'), created_at = {}",
        signed_in(at("created_at")),
        signed_in(age(12)),
        age(12).unix_ms()
    );
    installation.sql(&aged).await;
    analyst.get("/api/v1/session").await.expect_problem(401, "unauthenticated");
    let approver = installation.person("approver").await;
    installation.sql("UPDATE sessions SET expires_at = 1").await;
    approver.get("/api/v1/session").await.expect_problem(401, "unauthenticated");
}

/// An open stream of this client; its end is awaited by the returned future.
async fn open_stream(client: &Client<'_>) -> impl Future<Output = ()> + use<> {
    let response = client.request(Method::GET, "/api/v1/stream").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut bytes = response.bytes_stream();
    async move { while let Some(Ok(_)) = bytes.next().await {} }
}

async fn a_stream_ends_with_its_session(installation: Installation) {
    let accounts = installation.accounts().await;
    let (analyst, approver, auditor) =
        (installation.person("analyst").await, installation.person("approver").await, installation.person("auditor").await);
    let (of_analyst, of_approver, of_auditor) =
        (open_stream(&analyst).await, open_stream(&approver).await, open_stream(&auditor).await);
    accounts.disable_user("analyst").await.unwrap();
    of_analyst.await;
    accounts.set_password("approver", "seven purple umbrellas".to_owned()).await.unwrap();
    of_approver.await;
    assert_eq!(auditor.delete("/api/v1/session").await.status, StatusCode::NO_CONTENT);
    of_auditor.await;
    let both = installation.person("both").await;
    let of_both = open_stream(&both).await;
    installation.sql("UPDATE sessions SET expires_at = 1").await;
    of_both.await;
}

async fn a_stream_ends_when_its_person_may_see_other_things(installation: Installation) {
    let (auditor, admin) = (installation.person("auditor").await, installation.person("admin").await);
    let of_auditor = open_stream(&auditor).await;
    let id = auditor.get("/api/v1/session").await.expect(StatusCode::OK)["user"]["id"].as_str().unwrap().to_owned();
    admin.patch(&format!("/api/v1/users/{id}"), &json!({ "roles": ["analyst"] })).await.expect(StatusCode::OK);
    of_auditor.await;
    auditor.get("/api/v1/session").await.expect(StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_on_another_replica_ends_with_its_session() {
    let Some(installation) = Installation::on_postgres().await else { return };
    let replica = installation.replica().await;
    let analyst = replica.person("analyst").await;
    let of_analyst = open_stream(&analyst).await;
    let admin = installation.person("admin").await;
    let id = analyst.get("/api/v1/session").await.expect(StatusCode::OK)["user"]["id"].as_str().unwrap().to_owned();
    admin.patch(&format!("/api/v1/users/{id}"), &json!({ "enabled": false })).await.expect(StatusCode::OK);
    of_analyst.await;
    analyst.get("/api/v1/session").await.expect_problem(401, "unauthenticated");
}
