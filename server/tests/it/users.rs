//! Accounts: added, changed, disabled and given passwords by admins, and what nobody may do to them.

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Client, Installation, PASSWORD, newest_actions, pointers};
use crate::on_both_databases;

on_both_databases!(
    an_admin_adds_changes_disables_and_enables_a_person,
    everything_wrong_with_an_account_is_told_at_once,
    the_last_admin_stays_and_nobody_locks_themselves_out,
    a_person_sets_their_password_by_a_link_that_works_once,
    a_weak_password_is_refused_with_its_reason,
    accounts_are_listed_page_by_page,
    a_change_of_another_version_of_an_account_is_refused,
    a_name_is_given_to_one_of_two_people_added_at_once,
    of_two_admins_who_disable_each_other_one_stays,
);

const NEW_PASSWORD: &str = "seven purple umbrellas";

async fn id_of(admin: &Client<'_>, username: &str) -> String {
    let people = admin.get("/api/v1/users?limit=200").await.expect(StatusCode::OK);
    let found = people["items"].as_array().unwrap().iter().find(|person| person["username"] == username).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

async fn sign_in(installation: &Installation, username: &str, password: &str) -> StatusCode {
    let credentials = json!({ "username": username, "password": password });
    installation.anonymous().post("/api/v1/session", &credentials).await.status
}

async fn an_admin_adds_changes_disables_and_enables_a_person(installation: Installation) {
    let admin = installation.person("admin").await;
    let new = json!({ "username": "dora", "display_name": "Dora Example", "roles": ["approver", "analyst", "analyst"], "password": NEW_PASSWORD });
    let answer = admin.post("/api/v1/users", &new).await;
    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let created = answer.expect(StatusCode::CREATED);
    assert_eq!(created["password_link"], Value::Null);
    let user = &created["user"];
    assert_eq!(location, format!("/api/v1/users/{}", user["id"].as_str().unwrap()));
    assert_eq!(
        (&user["roles"], &user["enabled"], &user["disabled_at"]),
        (&json!(["analyst", "approver"]), &json!(true), &Value::Null)
    );
    assert_eq!(&admin.get(&location).await.expect(StatusCode::OK), user);
    assert_eq!(sign_in(&installation, "dora", NEW_PASSWORD).await, StatusCode::OK);

    let changed =
        admin.patch(&location, &json!({ "display_name": "Dora E.", "roles": ["auditor"] })).await.expect(StatusCode::OK);
    assert_eq!((&changed["display_name"], &changed["roles"]), (&json!("Dora E."), &json!(["auditor"])));
    let disabled = admin.patch(&location, &json!({ "enabled": false })).await.expect(StatusCode::OK);
    assert!(disabled["enabled"] == false && disabled["disabled_at"].is_string(), "{disabled}");
    assert_eq!(sign_in(&installation, "dora", NEW_PASSWORD).await, StatusCode::UNAUTHORIZED);
    admin.patch(&location, &json!({ "enabled": true })).await.expect(StatusCode::OK);
    assert_eq!(sign_in(&installation, "dora", NEW_PASSWORD).await, StatusCode::OK);
    admin.patch(&location, &json!({ "password": "nine yellow bicycles" })).await.expect(StatusCode::OK);
    assert_eq!(sign_in(&installation, "dora", NEW_PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&installation, "dora", "nine yellow bicycles").await, StatusCode::OK);
    admin.patch(&location, &json!({})).await.expect(StatusCode::OK);

    let actions = newest_actions(&installation, 6).await;
    let expected = ["SIGN_IN_FAILED", "USER_PASSWORD_SET", "USER_UPDATED", "SIGN_IN_FAILED", "USER_DISABLED", "USER_UPDATED"];
    let without_failures =
        |list: &[&str]| list.iter().filter(|action| **action != "SIGN_IN_FAILED").map(ToString::to_string).collect::<Vec<_>>();
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    assert_eq!(without_failures(&actions)[..4], without_failures(&expected));
}

async fn everything_wrong_with_an_account_is_told_at_once(installation: Installation) {
    let admin = installation.person("admin").await;
    let check = async |body: Value, expected: &[&str]| {
        let problem = admin.post("/api/v1/users", &body).await.expect_problem(422, "invalid");
        assert_eq!(pointers(&problem), expected, "{problem}");
    };
    let bad = json!({ "username": "Dora!", "display_name": " ", "roles": [], "password": "short" });
    check(bad, &["/username", "/display_name", "/roles", "/password"]).await;
    check(json!({ "username": "analyst", "roles": ["analyst"], "password": NEW_PASSWORD }), &["/username"]).await;
    check(json!({ "username": "dora", "roles": ["root"] }), &["/roles/0"]).await;
    check(json!({ "username": "dora", "roles": ["analyst"], "admin": true }), &["/admin"]).await;
    let analyst = format!("/api/v1/users/{}", id_of(&admin, "analyst").await);
    let problem = admin.patch(&analyst, &json!({ "roles": [], "password": "short" })).await.expect_problem(422, "invalid");
    assert_eq!(pointers(&problem), ["/roles", "/password"]);
    admin.patch(&analyst, &json!({ "username": "other" })).await.expect_problem(422, "invalid");
    admin.get("/api/v1/users/0190c2d4-0000-7000-8000-000000000001").await.expect_problem(404, "not-found");
    admin.patch("/api/v1/users/0190c2d4-0000-7000-8000-000000000001", &json!({})).await.expect_problem(404, "not-found");
    admin.get("/api/v1/users/nobody").await.expect_problem(404, "not-found");
}

async fn the_last_admin_stays_and_nobody_locks_themselves_out(installation: Installation) {
    let admin = installation.person("admin").await;
    let own = format!("/api/v1/users/{}", id_of(&admin, "admin").await);
    let refused = async |client: &Client<'_>, path: &str, body: Value, expected: &[&str]| {
        let problem = client.patch(path, &body).await.expect_problem(422, "invalid");
        assert_eq!(pointers(&problem), expected);
    };
    refused(&admin, &own, json!({ "roles": ["analyst"], "enabled": false }), &["/roles", "/enabled"]).await;
    admin.patch(&own, &json!({ "roles": ["admin", "auditor"] })).await.expect(StatusCode::OK);
    let refusal = installation.accounts().await.disable_user("admin").await.unwrap_err();
    assert!(api::ApiError::from(refusal).detail.contains("last enabled admin"));

    let second = json!({ "username": "second", "roles": ["admin"], "password": NEW_PASSWORD });
    let second_path = format!(
        "/api/v1/users/{}",
        admin.post("/api/v1/users", &second).await.expect(StatusCode::CREATED)["user"]["id"].as_str().unwrap()
    );
    let client = installation.anonymous();
    client.post("/api/v1/session", &json!({ "username": "second", "password": NEW_PASSWORD })).await.expect(StatusCode::OK);
    client.patch(&own, &json!({ "enabled": false })).await.expect(StatusCode::OK);
    admin.get("/api/v1/users").await.expect_problem(401, "unauthenticated");
    refused(&client, &second_path, json!({ "enabled": false }), &["/enabled"]).await;
}

async fn a_person_sets_their_password_by_a_link_that_works_once(installation: Installation) {
    let admin = installation.person("admin").await;
    let created =
        admin.post("/api/v1/users", &json!({ "username": "dora", "roles": ["analyst"] })).await.expect(StatusCode::CREATED);
    let token_of = |link: &Value| link["path"].as_str().unwrap().strip_prefix("/set-password?token=").unwrap().to_owned();
    let first = token_of(&created["password_link"]);
    let id = created["user"]["id"].as_str().unwrap();
    let path = format!("/api/v1/users/{id}/password-link");
    let second = token_of(&admin.post_nothing(&path).await.expect(StatusCode::CREATED));
    let client = installation.anonymous();
    let set = async |token: &str, password: &str| {
        client.post("/api/v1/password", &json!({ "token": token, "password": password })).await
    };
    assert_eq!(
        pointers(&set(&first, NEW_PASSWORD).await.expect_problem(422, "invalid")),
        ["/token"],
        "the second link replaced it"
    );
    assert_eq!(
        pointers(&set(&second, "dora dora dora").await.expect_problem(422, "invalid")),
        ["/password"],
        "and it still works"
    );
    let page = client.get(&format!("/set-password?token={second}")).await;
    assert_eq!(page.status, StatusCode::OK, "the page needs no session");
    assert_eq!(set(&second, NEW_PASSWORD).await.expect(StatusCode::OK)["user"]["username"], "dora");
    assert_eq!(pointers(&set(&second, NEW_PASSWORD).await.expect_problem(422, "invalid")), ["/token"], "it works once");
    assert_eq!(sign_in(&installation, "dora", NEW_PASSWORD).await, StatusCode::OK);

    let expired = token_of(&admin.post_nothing(&path).await.expect(StatusCode::CREATED));
    installation.sql("UPDATE links SET expires_at = 1 WHERE used_at IS NULL").await;
    assert_eq!(pointers(&set(&expired, NEW_PASSWORD).await.expect_problem(422, "invalid")), ["/token"]);
    let of_disabled = token_of(&admin.post_nothing(&path).await.expect(StatusCode::CREATED));
    admin.patch(&format!("/api/v1/users/{id}"), &json!({ "enabled": false })).await.expect(StatusCode::OK);
    assert_eq!(pointers(&set(&of_disabled, NEW_PASSWORD).await.expect_problem(422, "invalid")), ["/token"]);
    assert_eq!(pointers(&set("", NEW_PASSWORD).await.expect_problem(422, "invalid")), ["/token"]);
}

async fn a_weak_password_is_refused_with_its_reason(installation: Installation) {
    let admin = installation.person("admin").await;
    for (password, reason) in [
        ("elevenbytes", "at least 12 bytes"),
        (&"vK8x ".repeat(52)[..257], "at most 256 bytes"),
        ("Password2026!", "one of the first that anybody would try"),
        ("123456789012", "one of the first that anybody would try"),
        ("purple-DORA-umbrella", "must not contain the user name"),
    ] {
        let body = json!({ "username": "dora", "roles": ["analyst"], "password": password });
        let problem = admin.post("/api/v1/users", &body).await.expect_problem(422, "invalid");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(reason), "{password}: {problem}");
    }
    let own = admin.post("/api/v1/session/password", &json!({ "old_password": PASSWORD, "new_password": "short" })).await;
    assert_eq!(pointers(&own.expect_problem(422, "invalid")), ["/new_password"]);
}

async fn accounts_are_listed_page_by_page(installation: Installation) {
    let admin = installation.person("admin").await;
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/api/v1/users?limit=4{cursor}")).await.expect(StatusCode::OK);
        names.extend(page["items"].as_array().unwrap().iter().map(|person| person["username"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(names, ["both", "admin", "auditor", "approver2", "approver", "analyst"], "the newest first, each once");
    admin.get("/api/v1/users?limit=0&role=admin").await.expect_problem(422, "invalid");
}

async fn a_change_of_another_version_of_an_account_is_refused(installation: Installation) {
    let admin = installation.person("admin").await;
    let path = format!("/api/v1/users/{}", id_of(&admin, "analyst").await);
    let tag = admin.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
    let unchanged = admin.send(admin.request(Method::GET, &path).header("if-none-match", &tag)).await;
    assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);
    let rename = |tag: &str, name: &str| {
        admin.request(Method::PATCH, &path).header("if-match", tag).json(&json!({ "display_name": name }))
    };
    let first = admin.send(rename(&tag, "first")).await;
    let next = first.headers["etag"].to_str().unwrap().to_owned();
    first.expect(StatusCode::OK);
    admin.send(rename(&tag, "second")).await.expect_problem(412, "stale-version");
    assert_eq!(admin.get(&path).await.body["display_name"], "first");
    admin.send(rename(&next, "third")).await.expect(StatusCode::OK);
    admin.send(rename("*", "fourth")).await.expect(StatusCode::OK);
}

async fn a_name_is_given_to_one_of_two_people_added_at_once(installation: Installation) {
    let admin = installation.person("admin").await;
    let new = json!({ "username": "dora", "roles": ["analyst"] });
    let answers = join_all((0..12).map(|_| admin.post("/api/v1/users", &new))).await;
    let (added, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == StatusCode::CREATED);
    assert_eq!(added.len(), 1);
    for answer in refused {
        assert_eq!(pointers(&answer.expect_problem(422, "invalid")), ["/username"]);
    }
}

async fn of_two_admins_who_disable_each_other_one_stays(installation: Installation) {
    installation.grant("auditor", "admin").await;
    let (one, other) = (installation.person("admin").await, installation.person("auditor").await);
    let (first, second) = (id_of(&one, "admin").await, id_of(&one, "auditor").await);
    let disable = json!({ "enabled": false });
    let (of_other, of_one) = (format!("/api/v1/users/{second}"), format!("/api/v1/users/{first}"));
    let (by_one, by_other) = tokio::join!(one.patch(&of_other, &disable), other.patch(&of_one, &disable));
    let done = [&by_one, &by_other].iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(done, 1, "{by_one:?} {by_other:?}");
}
