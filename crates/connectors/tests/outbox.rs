//! The outbox keeps one file per effect, however often the effect is performed and from however many folders, and leaves no half of one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connectors::action::outbox::{Message, MessageRecord, Outbox, Standing};
use connectors::{Connector, ConnectorError, Effect};
use domain::action::Action;
use domain::id::{IncidentId, RunId};
use domain::timestamp::Timestamp;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

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

/// An outbox in a new data directory, and the folder of its messages.
fn outbox_in(data_dir: &TempDir, ledger: &Arc<Ledger>) -> (Outbox, PathBuf) {
    let folder = data_dir.path().join("outbox");
    (Outbox::recorded_in(&folder, Arc::<Ledger>::clone(ledger)), folder)
}

/// Everything in a folder: whoever reads it finds messages and nothing else.
fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_same_effect_twice_is_one_file() {
    let data_dir = tempfile::tempdir().unwrap();
    let (outbox, folder) = outbox_in(&data_dir, &Arc::default());
    for key in ["RUN-0000000002.tell", "RUN-0000000002.tell", "RUN-0000000003.tell"] {
        outbox.perform(&effect(key, "hello")).await.unwrap();
    }
    assert_eq!(names_in(&folder), ["RUN-0000000002.tell.json", "RUN-0000000003.tell.json"]);
}

#[tokio::test]
async fn a_file_deceives_nobody_and_is_exact_but_for_the_message() {
    let data_dir = tempfile::tempdir().unwrap();
    let (outbox, folder) = outbox_in(&data_dir, &Arc::default());
    let mut effect = effect("k", "account \u{202e}nimda\nof \u{430}dmin");
    effect.parameters.insert("channel".to_owned(), json!("\u{200b}soc\u{e0041}"));
    outbox.perform(&effect).await.unwrap();
    let file = fs::read_to_string(folder.join("k.json")).unwrap();
    assert!(file.contains(r"\u200bsoc\udb40\udc41"), "{file}");
    let message: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(message["parameters"]["channel"], "\u{200b}soc\u{e0041}");
    assert_eq!(message["parameters"]["message"], "account ‹U+202E›nimda\nof ‹U+0430›dmin");
}

#[tokio::test]
async fn a_message_is_the_effect_as_json() {
    let data_dir = tempfile::tempdir().unwrap();
    let (outbox, folder) = outbox_in(&data_dir, &Arc::default());
    let output = outbox.perform(&effect("k", "<script>")).await.unwrap();
    let message: Value = serde_json::from_slice(&fs::read(folder.join(output["file"].as_str().unwrap())).unwrap()).unwrap();
    assert_eq!(message["parameters"]["message"], "<script>");
    assert_eq!(message["incident_id"], "INC-0000000001");
}

#[tokio::test]
async fn the_same_effect_from_two_folders_is_one_file() {
    let (one, other, ledger) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Arc::default());
    let ((first, here), (second, there)) = (outbox_in(&one, &ledger), outbox_in(&other, &ledger));
    for outbox in [&first, &second, &first] {
        outbox.perform(&effect("k", "hello")).await.unwrap();
    }
    assert_eq!((names_in(&here), names_in(&there)), (vec!["k.json".to_owned()], Vec::new()));
}

#[tokio::test]
async fn what_another_outbox_has_begun_is_written_there_and_nowhere_else() {
    let (one, other, ledger) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Arc::default());
    let ((first, here), (second, there)) = (outbox_in(&one, &ledger), outbox_in(&other, &ledger));
    first.perform(&effect("first", "hello")).await.unwrap();
    // It died after it had put the second one on record.
    let message = Message { key: "second".to_owned(), body: "{}".to_owned() };
    ledger.claim("outbox-0", &message).await.unwrap();

    let refused = second.perform(&effect("second", "hello")).await.unwrap_err();
    assert!(matches!(refused, ConnectorError::HeldElsewhere { .. }), "{refused}");
    second.take_up().await.unwrap();
    assert_eq!(names_in(&there), Vec::<String>::new());

    // It comes back, in the same folder.
    outbox_in(&one, &ledger).0.take_up().await.unwrap();
    assert_eq!(names_in(&here), ["first.json", "second.json"]);
    second.perform(&effect("second", "hello")).await.unwrap();
    assert_eq!(names_in(&there), Vec::<String>::new());
}

#[tokio::test]
async fn servers_on_the_same_data_directory_are_one_outbox() {
    let (data_dir, ledger) = (tempfile::tempdir().unwrap(), Arc::default());
    let ((first, folder), (second, _)) = (outbox_in(&data_dir, &ledger), outbox_in(&data_dir, &ledger));
    first.perform(&effect("first", "hello")).await.unwrap();
    ledger.claim("outbox-0", &Message { key: "second".to_owned(), body: "{}".to_owned() }).await.unwrap();
    second.perform(&effect("second", "hello")).await.unwrap();
    assert_eq!(names_in(&folder), ["first.json", "second.json"]);
}

#[tokio::test]
async fn a_message_that_another_server_wrote_into_the_same_folder_is_written() {
    let (one, other, ledger) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Arc::default());
    let (first, here) = outbox_in(&one, &ledger);
    first.perform(&effect("first", "hello")).await.unwrap();
    std::os::unix::fs::symlink(&here, other.path().join("outbox")).unwrap();
    let (second, _) = outbox_in(&other, &ledger);
    // The first one died after it had written the second message, and before it could say so.
    ledger.claim("outbox-0", &Message { key: "second".to_owned(), body: "{}".to_owned() }).await.unwrap();
    fs::write(here.join("second.json"), "{}").unwrap();
    second.perform(&effect("second", "hello")).await.unwrap();
    assert_eq!(names_in(&here), ["first.json", "second.json"]);
}

#[tokio::test]
async fn what_could_not_be_written_does_not_go_out_later() {
    let data_dir = tempfile::tempdir().unwrap();
    let (outbox, folder) = outbox_in(&data_dir, &Arc::default());
    outbox.perform(&effect("first", "hello")).await.unwrap();
    // A folder stands where the unfinished file belongs.
    fs::create_dir(folder.join(".second.json.part")).unwrap();
    let failed = outbox.perform(&effect("second", "hello")).await.unwrap_err();
    assert!(matches!(failed, ConnectorError::Outbox(_)), "{failed}");
    fs::remove_dir(folder.join(".second.json.part")).unwrap();
    outbox.take_up().await.unwrap();
    assert_eq!(names_in(&folder), ["first.json"]);
}

#[tokio::test]
async fn unfinished_files_are_removed_unless_their_writer_lives() {
    let data_dir = tempfile::tempdir().unwrap();
    let (outbox, folder) = outbox_in(&data_dir, &Arc::default());
    fs::create_dir(&folder).unwrap();
    for name in [".RUN-0000000001.tell.json.part", ".NTF-0000000001.json.part", ".live.json.part", "RUN-0000000009.tell.json"] {
        fs::write(folder.join(name), "half of a mess").unwrap();
    }
    let live = fs::OpenOptions::new().write(true).open(folder.join(".live.json.part")).unwrap();
    live.lock().unwrap();
    outbox.clear_up().await.unwrap();
    assert_eq!(names_in(&folder), [".live.json.part", "RUN-0000000009.tell.json"]);
    drop(live);
    outbox.clear_up().await.unwrap();
    assert_eq!(names_in(&folder), ["RUN-0000000009.tell.json"]);
}

#[tokio::test]
async fn what_a_crash_left_unfinished_is_written_whole() {
    let data_dir = tempfile::tempdir().unwrap();
    let (outbox, folder) = outbox_in(&data_dir, &Arc::default());
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(".k.json.part"), "half of a much longer message, or of another one".repeat(20)).unwrap();
    outbox.perform(&effect("k", "hello")).await.unwrap();
    assert_eq!(names_in(&folder), ["k.json"]);
    let message: Value = serde_json::from_slice(&fs::read(folder.join("k.json")).unwrap()).unwrap();
    assert_eq!(message["parameters"]["message"], "hello");
}
