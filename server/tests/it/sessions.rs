//! Sessions: the same answer for every failed sign-in, the throttle, cross-origin writes, and the end of a session.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::installation::{Installation, PASSWORD};
use crate::on_both_databases;

on_both_databases!(
    a_session_begins_and_ends,
    failed_sign_ins_say_nothing_and_are_throttled,
    failed_sign_ins_at_the_same_time_are_throttled_too,
    a_network_that_is_locked_out_does_not_keep_people_from_confirming,
    a_write_from_another_site_is_refused,
    a_header_is_judged_alone,
    a_disabled_account_has_no_session,
);

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
