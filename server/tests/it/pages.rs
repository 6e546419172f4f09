//! Pages as the server renders them, while other things happen in the same process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::{Method, StatusCode};

use crate::installation::Installation;

/// Pages that are read while servers start.
const PAGES: usize = 8;

/// The list of routes is found by rendering the app once without loading anything, and leptos says so by a switch of the whole process:
/// what begins to load meanwhile never ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_rendered_while_another_server_starts_in_the_same_process() {
    let installation = Installation::on_sqlite().await;
    let analyst = installation.person("analyst").await;
    let end = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&end);
    let starting = tokio::task::spawn_blocking(move || {
        while !told.load(Ordering::Relaxed) {
            assert!(!server::ssr::page_routes().is_empty());
        }
    });
    let mut statuses = Vec::new();
    while statuses.len() < PAGES && statuses.iter().all(|status| *status == Some(StatusCode::OK)) {
        let answer = analyst.request(Method::GET, "/incidents").send().await;
        statuses.push(answer.ok().map(|answer| answer.status()));
    }
    end.store(true, Ordering::Relaxed);
    starting.await.unwrap();
    assert_eq!(statuses, [Some(StatusCode::OK); PAGES]);
}
