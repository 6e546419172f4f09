//! Metrics: who may read them, and that what is exported, what the table in the documentation says and what the code declares agree.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Scope;
use reqwest::StatusCode;
use serde_json::json;
use service::metrics::{Kind, METRICS};

use crate::installation::Installation;
use crate::main_job::brute_force;

/// Name, type and labels of each row.
type Table = BTreeMap<String, (String, BTreeSet<String>)>;

fn declared() -> Table {
    let row = |metric: &service::metrics::Metric| {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        (metric.name.to_owned(), (kind.to_owned(), metric.labels.iter().map(ToString::to_string).collect()))
    };
    METRICS.iter().map(row).collect()
}

fn documented() -> Table {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/OPERATIONS.md");
    let text = std::fs::read_to_string(path).unwrap();
    let section = text.split("\n## ").find(|section| section.starts_with("Metrics\n")).unwrap();
    let rows = section.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let name = cells.first()?.strip_prefix('`')?.strip_suffix('`')?;
        let labels = cells.get(2)?.split(", ").map(|label| label.trim_matches('`').to_owned()).filter(|label| !label.is_empty());
        Some((name.to_owned(), (cells.get(1)?.to_string(), labels.collect())))
    });
    rows.collect()
}

/// What a scrape says; `le` and the endings of histograms are Prometheus' own.
fn exported(text: &str) -> Table {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let mut table: Table = types.map(|(name, kind)| (name.to_owned(), (kind.to_owned(), BTreeSet::new()))).collect();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, rest) = line.split_once(['{', ' ']).unwrap();
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|ending| {
            let base = name.strip_suffix(ending)?;
            table.contains_key(base).then(|| base.to_owned())
        });
        let labels = if line.contains('{') { rest.split('}').next().unwrap() } else { "" };
        let names = labels.split("\",").filter_map(|label| label.split_once('=')).map(|(name, _)| name.trim().to_owned());
        table.get_mut(&base.unwrap_or(name.to_owned())).unwrap().1.extend(names.filter(|name| name != "le"));
    }
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_in_the_documentation_is_what_the_server_exports() {
    let installation = Installation::on_sqlite().await;
    installation.source().post("/api/v1/alerts", &brute_force()).await.expect(StatusCode::CREATED);
    installation.source().post("/api/v1/alerts", &json!({})).await.expect_problem(422, "invalid");
    let watcher = installation.key("watcher", &[Scope::MetricsRead]).await;
    let response = watcher.request(reqwest::Method::GET, "/metrics").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    // The first scrape is itself a request that the second one counts.
    let text = watcher.request(reqwest::Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert_eq!(exported(&text), declared(), "exported, declared");
    assert_eq!(documented(), declared(), "documented, declared");
    assert!(text.contains("route=\"/api/v1/alerts\""), "{text}");
    let memory = text.lines().find_map(|line| line.strip_prefix("process_resident_memory_bytes ")).unwrap();
    assert!(memory.parse::<f64>().unwrap() > 1_000_000.0, "{memory}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_need_a_key_for_them_or_a_listener_of_their_own() {
    let installation = Installation::configured(|config| config.metrics_listen = Some("127.0.0.1:0".parse().unwrap())).await;
    installation.anonymous().get("/metrics").await.expect_problem(401, "unauthenticated");
    installation.reader().get("/metrics").await.expect_problem(403, "forbidden");
    installation.person("admin").await.get("/metrics").await.expect_problem(403, "forbidden");
    let address = installation.running.metrics_address.unwrap();
    let client = installation.anonymous().http;
    let of = |path: &str| client.get(format!("http://{address}{path}")).send();
    let answer = of("/metrics").await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.text().await.unwrap().contains("countersign_audit_entries "));
    assert_eq!(of("/api/v1/incidents").await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(of("/").await.unwrap().status(), StatusCode::NOT_FOUND);
}
