//! The outbox keeps one file per effect, however often the effect is performed and from however many folders, and leaves no half of one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connectors::action::outbox::{Message, MessageRecord, Outbox, Standing};
use connectors::{Connector, ConnectorError, Effect};
use domain::action::Action;
use domain::id::{IncidentId, RunId};
use domain::timestamp::Timestamp;
use serde_json::{Map, Value, json};

/// Who has a message, what it says, and whether it is written.
type Row = (String, String, bool);

/// A record that lasts as long as its test.
#[derive(Default)]
struct Ledger {
    rows: Mutex<BTreeMap<String, Row>>,
    named: AtomicUsize,
}

#[async_trait]
impl MessageRecord for Ledger {
    fn new_outbox_name(&self) -> String {
        format!("outbox-{}", self.named.fetch_add(1, Ordering::Relaxed))
    }

    async fn claim(&self, outbox: &str, message: &Message) -> Result<Standing, ConnectorError> {
        let mut rows = self.rows.lock().unwrap();
        let new = || (outbox.to_owned(), message.body.clone(), false);
        Ok(match rows.entry(message.key.clone()).or_insert_with(new) {
            (_, _, true) => Standing::Written,
            (holder, ..) if holder == outbox => Standing::Here,
            _ => Standing::Elsewhere { since: Timestamp::from_unix_ms(0) },
        })
    }

    async fn set_written(&self, key: &str) -> Result<(), ConnectorError> {
        self.rows.lock().unwrap().get_mut(key).unwrap().2 = true;
        Ok(())
    }

    async fn withdraw(&self, key: &str) -> Result<(), ConnectorError> {
        self.rows.lock().unwrap().retain(|known, (_, _, written)| known != key || *written);
        Ok(())
    }

    async fn is_waiting(&self, outbox: &str, key: &str) -> Result<bool, ConnectorError> {
        Ok(self.rows.lock().unwrap().get(key).is_some_and(|(holder, _, written)| holder == outbox && !written))
    }

    async fn list_unwritten(&self, outbox: &str) -> Result<Vec<Message>, ConnectorError> {
        let rows = self.rows.lock().unwrap();
        let unwritten = rows.iter().filter(|(_, (holder, _, written))| holder == outbox && !written);
        Ok(unwritten.map(|(key, (_, body, _))| Message { key: key.clone(), body: body.clone() }).collect())
    }
}

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

/// The names of the messages and of what is unfinished in a folder.
fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".json") || name.ends_with(".part")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_same_effect_twice_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::recorded_in(&folder.path().join("outbox"), Arc::new(Ledger::default()));
    for key in ["RUN-0000000002.tell", "RUN-0000000002.tell", "RUN-0000000003.tell"] {
        outbox.perform(&effect(key, "hello")).await.unwrap();
    }
    assert_eq!(names_in(&folder.path().join("outbox")), ["RUN-0000000002.tell.json", "RUN-0000000003.tell.json"]);
}

#[tokio::test]
async fn a_message_is_the_effect_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::recorded_in(folder.path(), Arc::new(Ledger::default()));
    let output = outbox.perform(&effect("k", "<script>")).await.unwrap();
    let file = folder.path().join(output["file"].as_str().unwrap());
    let message: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!(message["parameters"]["message"], "<script>");
    assert_eq!(message["incident_id"], "INC-0000000001");
}

#[tokio::test]
async fn the_same_effect_from_two_folders_is_one_file() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ledger = Arc::new(Ledger::default());
    let outboxes = [one.path(), other.path()].map(|folder| Outbox::recorded_in(folder, Arc::<Ledger>::clone(&ledger)));
    for outbox in [&outboxes[0], &outboxes[1], &outboxes[0]] {
        outbox.perform(&effect("k", "hello")).await.unwrap();
    }
    assert_eq!((names_in(one.path()), names_in(other.path())), (vec!["k.json".to_owned()], Vec::new()));
}

#[tokio::test]
async fn what_another_outbox_has_begun_is_written_there_and_nowhere_else() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ledger = Arc::new(Ledger::default());
    let outboxes = [one.path(), other.path()].map(|folder| Outbox::recorded_in(folder, Arc::<Ledger>::clone(&ledger)));
    outboxes[0].perform(&effect("first", "hello")).await.unwrap();
    // It died after it had put the second one on record.
    let second = Message { key: "second".to_owned(), body: "{}".to_owned() };
    ledger.claim("outbox-0", &second).await.unwrap();

    let refused = outboxes[1].perform(&effect("second", "hello")).await.unwrap_err();
    assert!(matches!(refused, ConnectorError::HeldElsewhere { .. }), "{refused}");
    outboxes[1].take_up().await.unwrap();
    assert_eq!(names_in(other.path()), Vec::<String>::new());

    // It comes back, in the same folder.
    Outbox::recorded_in(one.path(), Arc::<Ledger>::clone(&ledger)).take_up().await.unwrap();
    assert_eq!(names_in(one.path()), ["first.json", "second.json"]);
    outboxes[1].perform(&effect("second", "hello")).await.unwrap();
    assert_eq!(names_in(other.path()), Vec::<String>::new());
}

#[tokio::test]
async fn servers_that_share_a_folder_are_one_outbox() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Ledger::default());
    let outboxes = [0, 1].map(|_| Outbox::recorded_in(folder.path(), Arc::<Ledger>::clone(&ledger)));
    outboxes[0].perform(&effect("first", "hello")).await.unwrap();
    ledger.claim("outbox-0", &Message { key: "second".to_owned(), body: "{}".to_owned() }).await.unwrap();
    outboxes[1].perform(&effect("second", "hello")).await.unwrap();
    assert_eq!(names_in(folder.path()), ["first.json", "second.json"]);
}

#[tokio::test]
async fn what_could_not_be_written_does_not_go_out_later() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Ledger::default());
    let outbox = Outbox::recorded_in(folder.path(), Arc::<Ledger>::clone(&ledger));
    outbox.perform(&effect("first", "hello")).await.unwrap();
    // A folder stands where the unfinished file belongs.
    fs::create_dir(folder.path().join(".second.json.part")).unwrap();
    let failed = outbox.perform(&effect("second", "hello")).await.unwrap_err();
    assert!(matches!(failed, ConnectorError::Outbox(_)), "{failed}");
    fs::remove_dir(folder.path().join(".second.json.part")).unwrap();
    outbox.take_up().await.unwrap();
    assert_eq!(names_in(folder.path()), ["first.json"]);
}

#[tokio::test]
async fn unfinished_files_are_removed_unless_their_writer_lives() {
    let folder = tempfile::tempdir().unwrap();
    for name in [".RUN-0000000001.tell.json.part", ".NTF-0000000001.json.part", ".live.json.part", "RUN-0000000009.tell.json"] {
        fs::write(folder.path().join(name), "half of a mess").unwrap();
    }
    let live = fs::OpenOptions::new().write(true).open(folder.path().join(".live.json.part")).unwrap();
    live.lock().unwrap();
    let outbox = Outbox::recorded_in(folder.path(), Arc::new(Ledger::default()));
    outbox.clear_up().await.unwrap();
    assert_eq!(names_in(folder.path()), [".live.json.part", "RUN-0000000009.tell.json"]);
    drop(live);
    outbox.clear_up().await.unwrap();
    assert_eq!(names_in(folder.path()), ["RUN-0000000009.tell.json"]);
}

#[tokio::test]
async fn what_a_crash_left_unfinished_is_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".k.json.part"), "half of a much longer message, or of another one".repeat(20)).unwrap();
    let outbox = Outbox::recorded_in(folder.path(), Arc::new(Ledger::default()));
    outbox.perform(&effect("k", "hello")).await.unwrap();
    assert_eq!(names_in(folder.path()), ["k.json"]);
    let message: Value = serde_json::from_slice(&fs::read(folder.path().join("k.json")).unwrap()).unwrap();
    assert_eq!(message["parameters"]["message"], "hello");
}
