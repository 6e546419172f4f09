//! Lists of incidents over REST: filters and sorts by their parameters, pages, and what is refused.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::installation::{Client, Installation};
use crate::on_both_databases;

on_both_databases!(filters_and_sorts_are_parameters, pages_follow_each_other, what_is_wrong_is_said_at_once);

async fn fill(installation: &Installation) {
    for (title, severity, source) in
        [("Phishing mail", "low", "mail"), ("Beacon", "critical", "edr"), ("Mail again", "high", "mail")]
    {
        let alert =
            json!({ "title": title, "severity": severity, "source": source, "incident_type": "phishing", "tags": [source] });
        installation.source().post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
    }
}

async fn ids(client: &Client<'_>, query: &str) -> Vec<i64> {
    let page = client.get(&format!("/api/v1/incidents?{query}")).await.expect(StatusCode::OK);
    let number = |item: &Value| item["id"].as_str().unwrap().trim_start_matches("INC-").parse().unwrap();
    page["items"].as_array().unwrap().iter().map(number).collect()
}

async fn filters_and_sorts_are_parameters(installation: Installation) {
    fill(&installation).await;
    let analyst = installation.person("analyst").await;
    for (query, expected) in [
        ("", &[3, 2, 1][..]),
        ("q=mail", &[3, 1]),
        ("q=mail&severity_at_least=high", &[3]),
        ("severity=S1&severity=low,S5", &[2, 1]),
        ("state=classified,closed&source=edr", &[2]),
        ("tag=mail&sort=risk_score&order=asc", &[1, 3]),
        ("sort=risk_score", &[2, 3, 1]),
        ("assignee=me", &[]),
        ("assignee=none&order=asc", &[1, 2, 3]),
        ("q=%27%3B%20DROP%20TABLE%20incidents", &[]),
    ] {
        assert_eq!(ids(&analyst, query).await, expected, "{query}");
    }
    assert_eq!(ids(&installation.reader(), "assignee=me").await, [] as [i64; 0], "nothing is assigned to a key");
}

async fn pages_follow_each_other(installation: Installation) {
    fill(&installation).await;
    let reader = installation.reader();
    let first = reader.get("/api/v1/incidents?sort=risk_score&limit=2").await.expect(StatusCode::OK);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = reader.get(&format!("/api/v1/incidents?sort=risk_score&limit=2&cursor={cursor}")).await.expect(StatusCode::OK);
    assert_eq!((&second["items"][0]["id"], &second["next_cursor"]), (&json!("INC-0000000001"), &Value::Null));
    for other in ["sort=updated_at", "sort=risk_score&order=asc", ""] {
        let refused = reader.get(&format!("/api/v1/incidents?{other}&cursor={cursor}")).await.expect_problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/cursor");
    }
}

async fn what_is_wrong_is_said_at_once(installation: Installation) {
    let query = "state=open&severity=S9&sort=title&order=up&from=yesterday&limit=0&nonsense=1&q=a&q=b&risk_score_at_least=101";
    let refused = installation.reader().get(&format!("/api/v1/incidents?{query}")).await.expect_problem(422, "invalid");
    let mut pointers: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        ["/from", "/limit", "/nonsense", "/order", "/q", "/risk_score_at_least", "/severity", "/sort", "/state"]
    );
}
