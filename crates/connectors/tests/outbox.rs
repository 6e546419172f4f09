//! The outbox keeps one file per effect, however often the effect is performed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use connectors::action::outbox::Outbox;
use connectors::{Connector, Effect};
use domain::action::Action;
use domain::id::{IncidentId, RunId};
use serde_json::{Map, Value, json};

fn effect(key: &str, message: &str) -> Effect {
    Effect {
        key: key.to_owned(),
        incident_id: IncidentId::new(1),
        run_id: Some(RunId::new(2)),
        step: Some("tell".parse().unwrap()),
        action: Action::Notify,
        parameters: Map::from_iter([("message".to_owned(), json!(message))]),
    }
}

#[tokio::test]
async fn the_same_effect_twice_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::new(&folder.path().join("outbox"));
    for key in ["RUN-0000000002.tell", "RUN-0000000002.tell", "RUN-0000000003.tell"] {
        outbox.perform(&effect(key, "hello")).await.unwrap();
    }
    let mut names: Vec<_> = std::fs::read_dir(folder.path().join("outbox"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["RUN-0000000002.tell.json", "RUN-0000000003.tell.json"]);
}

#[tokio::test]
async fn a_message_is_the_effect_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let output = Outbox::new(folder.path()).perform(&effect("k", "<script>")).await.unwrap();
    let file = folder.path().join(output["file"].as_str().unwrap());
    let message: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(message["parameters"]["message"], "<script>");
    assert_eq!(message["incident_id"], "INC-0000000001");
}
