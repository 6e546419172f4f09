//! What Countersign tells people outside of its pages: messages in the outbox, and what the commands print.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::corpus::{Hostile, hostile};
use crate::deceptive::assert_plain;
use crate::hostile_texts::planted;
use crate::installation::Installation;
use crate::on_both_databases;

on_both_databases!(messages_and_commands_deceive_nobody);

/// Notifications in the outbox, a message of a run, and what the commands print.
async fn messages_and_commands_deceive_nobody(installation: Installation) {
    let mut incidents = planted(&installation).await;
    incidents.sort();
    incidents.dedup();
    let (analyst, admin) = (installation.person("analyst").await, installation.person("admin").await);
    let deceiving: Vec<Hostile> = hostile().into_iter().filter(|hostile| hostile.group == "deceiving").collect();
    for (number, hostile) in deceiving.iter().enumerate() {
        let user = json!({ "username": format!("person-{number}"), "display_name": hostile.text, "roles": ["analyst"] });
        admin.post("/api/v1/users", &user).await.expect(StatusCode::CREATED);
    }
    // One of them is told by a run too.
    let step = json!({ "id": "tell", "action": "notify", "with": { "channel": "soc", "message": deceiving[0].text } });
    let playbook = json!({ "id": "PB-TELL", "name": "Tell", "incident_type": "telling", "actions": [step] });
    let upload = admin.request(Method::PUT, "/api/v1/playbooks/PB-TELL").header("content-type", "application/yaml");
    admin.send(upload.body(playbook.to_string())).await.expect(StatusCode::CREATED);
    let alert = json!({ "incident_type": "telling", "impact": 1, "likelihood": 1, "confidence": 1, "title": deceiving[0].text });
    let receipt = installation.source().post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
    let run = format!("/api/v1/incidents/{}/run", receipt["incident_id"].as_str().unwrap());
    analyst.post(&run, &json!({})).await.expect(StatusCode::ACCEPTED);

    let mut told = Vec::new();
    for file in messages(&installation, incidents.len()).await {
        assert_plain(&file, "outbox");
        let message: Value = serde_json::from_str(&file).unwrap();
        let message = message["parameters"]["message"].as_str().unwrap();
        assert_plain(message, "a message");
        told.push(message.to_owned());
    }
    assert!(told.iter().any(|message| message == "‹U+202E›nimda"), "{told:?}");
    for (arguments, shown) in [
        (&["user", "list"][..], "‹U+202E›nimda"),
        (&["user", "list", "--json"], r"\u202enimda"),
        (&["key", "list"], "source"),
        (&["audit", "redact", "1", "--reason", "\u{202e}"], "that can be seen"),
        (&["playbook", "plan", "\u{202e}nimda.json"], "‹U+202E›nimda.json"),
    ] {
        let said = command(&installation, arguments);
        assert_plain(&said, &arguments.join(" "));
        assert!(said.contains(shown), "{arguments:?}: {said}");
    }
}

/// The files in the outbox, once there are more than these and one of a run; the test command's own time limit ends what never comes.
async fn messages(installation: &Installation, notifications: usize) -> Vec<String> {
    let folder = installation.folder.path().join("outbox");
    loop {
        let names = std::fs::read_dir(&folder).into_iter().flatten().map(|file| file.unwrap().file_name().into_string().unwrap());
        let names: Vec<String> = names.filter(|name| name.ends_with(".json")).collect();
        if names.iter().any(|name| name.starts_with("RUN-")) && names.len() > notifications {
            return names.iter().map(|name| std::fs::read_to_string(folder.join(name)).unwrap()).collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// What a command prints, on both outputs.
fn command(installation: &Installation, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().env("COUNTERSIGN_DATA_DIR", installation.folder.path()).args(arguments);
    if !installation.database_url.starts_with("sqlite") {
        command.env("DATABASE_URL", &installation.database_url);
    }
    let ended = command.output().unwrap();
    String::from_utf8(ended.stdout).unwrap() + &String::from_utf8(ended.stderr).unwrap()
}
