//! The first admin: by a one-time link, and by nothing else.

use reqwest::StatusCode;
use serde_json::json;

use crate::installation::{Installation, PASSWORD, new_postgres_database, pointers};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_admin_is_made_by_a_link_that_dies_with_it_on_sqlite() {
    the_first_admin_is_made_by_a_link_that_dies_with_it(Installation::empty(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_admin_is_made_by_a_link_that_dies_with_it_on_postgres() {
    let Some(url) = new_postgres_database().await else { return };
    the_first_admin_is_made_by_a_link_that_dies_with_it(Installation::empty(Some(url)).await).await;
}

async fn the_first_admin_is_made_by_a_link_that_dies_with_it(installation: Installation) {
    let accounts = installation.accounts().await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let link = accounts.make_setup_link().await.unwrap().expect("there is nobody yet");
        tokens.push(link.path.strip_prefix("/setup?token=").unwrap().to_owned());
    }
    let client = installation.anonymous();
    let set_up = async |token: &str, username: &str, password: &str| {
        client.post("/api/v1/setup", &json!({ "token": token, "username": username, "password": password })).await
    };
    assert_eq!(client.get("/sign-in").await.status, StatusCode::OK);
    let page = client.get(&format!("/setup?token={}", tokens[0])).await;
    assert_eq!(page.status, StatusCode::OK, "the page needs no session");
    assert_eq!(pointers(&set_up("guessed", "ann", PASSWORD).await.expect_problem(422, "invalid")), ["/token"]);
    let digest = domain::digest::Digest::of(tokens[2].as_bytes());
    installation.sql(&format!("UPDATE links SET expires_at = 1 WHERE token_sha256 = '{digest}'")).await;
    assert_eq!(pointers(&set_up(&tokens[2], "ann", PASSWORD).await.expect_problem(422, "invalid")), ["/token"], "it has expired");
    assert_eq!(pointers(&set_up(&tokens[0], "Ann", "short").await.expect_problem(422, "invalid")), ["/username", "/password"]);
    let admin = set_up(&tokens[0], "ann", PASSWORD).await.expect(StatusCode::CREATED);
    assert_eq!((&admin["username"], &admin["roles"]), (&json!("ann"), &json!(["admin"])));
    for token in &tokens {
        assert_eq!(pointers(&set_up(token, "eve", PASSWORD).await.expect_problem(422, "invalid")), ["/token"]);
    }
    assert_eq!(accounts.make_setup_link().await.unwrap(), None, "there is an admin");
    client.post("/api/v1/session", &json!({ "username": "ann", "password": PASSWORD })).await.expect(StatusCode::OK);
    let log = client.get("/api/v1/audit-logs?order=asc&limit=200").await.expect(StatusCode::OK);
    let created = log["items"].as_array().unwrap().iter().find(|entry| entry["action"] == "USER_CREATED").unwrap();
    assert_eq!(created["details"]["link"], domain::digest::Digest::of(tokens[0].as_bytes()).to_string());
    assert!(!log.to_string().contains(&tokens[0]), "the log holds digests, not tokens");
}
