//! What several stories start from: people, an alert, an incident with a run that waits for a signature.

use std::sync::Arc;

use domain::access::Role;
use domain::account::{SetVia, Setter};
use domain::action::Action;
use domain::alert::parse_alert;
use domain::approval::{ApprovalStatus, Decision, Vote};
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::correlation::CorrelationRules;
use domain::digest::Digest;
use domain::grant::{Gated, Grant};
use domain::id::{ApprovalId, IncidentId, RunId, StepId, UserId};
use domain::incident::State;
use domain::plan::RunMode;
use domain::run::RunStatus;
use domain::timestamp::Timestamp;
use domain::user::{User, UserRef};
use serde_json::{Value, json};
use store::{Account, IngestRequest, IngestRules, NewApproval, NewRun, NewStep, Store, StoreError, StoredPlan, Trail, Tx};

use crate::fixture::{Fixture, START, uuid};

/// The first number of the ids of people; each gets the next.
const PEOPLE: u64 = 1 << 40;

/// The id of a person of these stories.
pub fn user_id(username: &str) -> UserId {
    let people = ["analyst", "analyst2", "approver", "approver2", "both", "auditor"];
    let index = people.iter().position(|person| *person == username).unwrap();
    UserId::new(uuid(PEOPLE + index as u64))
}

/// A person as records refer to them.
pub fn user_ref(username: &str) -> UserRef {
    UserRef { id: user_id(username), username: username.to_owned() }
}

pub fn account(username: &str, roles: &[Role]) -> Account {
    let at = Timestamp::from_unix_ms(START);
    let user = User {
        id: user_id(username),
        username: username.to_owned(),
        display_name: username.to_uppercase(),
        roles: roles.to_vec(),
        created_at: at,
        disabled_at: None,
    };
    Account { user, password_hash: format!("hash of {username}"), password_changed_at: at }
}

/// One entry, for changes whose entry is not what the story is about.
pub fn some_entry() -> EntryDraft {
    EntryDraft::new(&Origin::system(), AuditAction::UserCreated, Target::user(user_id("analyst")))
}

/// Runs a change with some entry.
pub async fn write<T, F, Fut>(store: &Store, change: F) -> Result<T, StoreError>
where
    F: FnOnce(Tx) -> Fut + Send + 'static,
    Fut: Future<Output = Result<T, StoreError>> + Send + 'static,
    T: Send + 'static,
{
    store.write(move |tx| async move { Ok(Trail::new(change(tx).await?, vec![some_entry()])) }).await
}

pub async fn add_people(store: &Store) {
    let people = [
        account("analyst", &[Role::Analyst]),
        account("analyst2", &[Role::Analyst]),
        account("approver", &[Role::Approver]),
        account("approver2", &[Role::Approver]),
        account("both", &[Role::Analyst, Role::Approver]),
        account("auditor", &[Role::Auditor]),
    ];
    write(store, move |tx| async move {
        for person in &people {
            insert_person(&tx, person).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// Adds an account that nobody set.
pub async fn insert_person(tx: &Tx, person: &Account) -> Result<(), StoreError> {
    tx.users().insert(person, Setter::nobody(SetVia::CommandLine), tx.now().await?).await
}

/// The rules of the specification's scoring file, and a classification that knows only its default.
pub fn rules() -> Arc<IngestRules> {
    let scoring: domain::score::ScoringRules = serde_json::from_value(json!({
        "version": 1,
        "confidence": {"offset": 5, "divisor": 10},
        "modifiers": {
            "privileged_account": 15, "critical_asset": 10,
            "verdict": {"malicious": 20, "suspicious": 10, "benign": -30},
            "correlated_alerts": {"at_least": 10, "points": 5},
        },
        "thresholds": {"S1": 85, "S2": 65, "S3": 40, "S4": 20},
        "labels": {"critical": [5, 5, 4], "high": [5, 4, 4], "medium": [4, 3, 4], "low": [3, 2, 4], "informational": [1, 1, 4]},
    }))
    .unwrap();
    let default = json!({"version": 1, "rules": [], "default": {"incident_type": "other", "impact": 2, "likelihood": 2}});
    Arc::new(IngestRules {
        scoring_digest: scoring.digest(),
        scoring,
        classification: serde_json::from_value(default).unwrap(),
        correlation: CorrelationRules::default(),
    })
}

/// A request to take this alert in, posted by a source with the name `siem` unless it names another.
pub fn request(alert: Value) -> IngestRequest {
    let parsed = parse_alert(&alert).unwrap();
    IngestRequest {
        source: parsed.source.clone().unwrap_or_else(|| "siem".parse().unwrap()),
        alert: parsed,
        raw: alert.to_string().into_bytes(),
        origin: Origin::system(),
        submitted_by: None,
        rules: rules(),
    }
}

/// The alert of the main job.
pub fn brute_force() -> Value {
    json!({
        "incident_type": "brute_force", "impact": 4, "likelihood": 4, "confidence": 3,
        "context": {
            "ip": "91.23.11.9", "target_account": "admin", "privileged_account": true, "window_minutes": 5, "failed_attempts": 20,
        },
    })
}

/// An incident with a run that waits for an approval that `analyst` asked for.
pub struct Asked {
    pub incident_id: IncidentId,
    pub run_id: RunId,
    pub approval_id: ApprovalId,
    pub plan_digest: Digest,
}

pub fn step(id: &str) -> StepId {
    id.parse().unwrap()
}

/// A plan's text that is different for each name.
pub fn plan(incident_id: IncidentId, name: &str) -> StoredPlan {
    let body = format!("{{\"plan\":\"{name}\"}}");
    StoredPlan { digest: Digest::of(body.as_bytes()), incident_id, body, created_at: Timestamp::from_unix_ms(START) }
}

pub fn new_run(incident_id: IncidentId, plan_digest: Digest) -> NewRun {
    let new_step = |id: &str, action| NewStep { id: step(id), action, connector: "simulated".to_owned(), gated: Gated::AtStart };
    NewRun {
        incident_id,
        playbook_id: "PB-BRUTE-FORCE".parse().unwrap(),
        playbook_digest: Digest::of(b"playbook"),
        plan_digest,
        mode: RunMode::Live,
        status: RunStatus::AwaitingApproval,
        requested_by: Some(user_id("analyst")),
        approval_required: true,
        asked_from: State::Classified,
        requested_at: Timestamp::from_unix_ms(START),
        steps: vec![new_step("reputation", Action::Enrich), new_step("block", Action::BlockIp)],
    }
}

pub async fn ask(fixture: &Fixture, quorum: u8) -> Asked {
    let ingested = fixture.store.ingest(request(brute_force())).await.unwrap();
    let incident_id = ingested.incident.id;
    let plan = plan(incident_id, "first");
    let plan_digest = plan.digest;
    write(&fixture.store, move |tx| async move {
        tx.plans().insert_if_new(&plan).await?;
        let run_id = tx.runs().insert(&new_run(incident_id, plan_digest)).await?;
        let approval = NewApproval { incident_id, run_id, plan_digest, quorum, ..new_approval(tx.now().await?) };
        let approval_id = tx.approvals().insert(&approval).await?;
        Ok(Asked { incident_id, run_id, approval_id, plan_digest })
    })
    .await
    .unwrap()
}

fn new_approval(now: Timestamp) -> NewApproval {
    NewApproval {
        incident_id: IncidentId::new(0),
        run_id: RunId::new(0),
        step: None,
        plan_digest: Digest::of(b""),
        reasons: Vec::new(),
        requested_by: Some(user_id("analyst")),
        requested_at: now,
        expires_at: now.plus_ms(14_400_000),
        quorum: 1,
        return_to: State::Classified,
        contributors: vec![user_id("analyst"), user_id("both")],
    }
}

pub fn vote(username: &str, decision: Decision) -> Vote {
    let reason = "looked at the evidence".to_owned();
    Vote { by: user_ref(username), decision, reason, at: Timestamp::from_unix_ms(START) }
}

/// Lets this person approve, and gives the run its grant if that makes the quorum.
pub async fn approve(store: &Store, asked: &Asked, username: &'static str) -> Result<(), StoreError> {
    let (id, digest) = (asked.approval_id, asked.plan_digest);
    write(store, move |tx| async move { tx.approvals().insert_vote(id, &vote(username, Decision::Approve), &digest).await }).await
}

pub fn grant(asked: &Asked, number: u64) -> Grant {
    Grant {
        id: uuid(number),
        approval_id: asked.approval_id,
        run_id: asked.run_id,
        plan_digest: asked.plan_digest,
        gate: Gated::AtStart,
        granted_at: Timestamp::from_unix_ms(START),
        start_by: Timestamp::from_unix_ms(START + 900_000),
    }
}

/// Ends the approval as approved and gives the run its grant.
pub async fn grant_run(store: &Store, asked: &Asked, number: u64) -> Result<(), StoreError> {
    let (id, grant) = (asked.approval_id, grant(asked, number));
    write(store, move |tx| async move {
        tx.approvals().end(id, ApprovalStatus::Approved, Timestamp::from_unix_ms(START)).await?;
        tx.approvals().insert_grant(&grant).await
    })
    .await
}
