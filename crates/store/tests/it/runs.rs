//! Runs, their steps and their effects.

use domain::action::Action;
use domain::grant::Gated;
use domain::plan::RunMode;
use domain::run::{RunStatus, Step, StepStatus};
use serde_json::{Map, json};
use store::{Effect, EffectKind, NewRun, PageRequest, StoreError};

use crate::fixture::{Fixture, on_both, uuid};
use crate::scene::{Asked, add_people, approve, ask, grant_run, new_run, plan, step, user_ref, write};

on_both! {
    a_run_is_found_as_it_was_asked_for
    an_incident_has_one_active_live_run
    a_step_is_saved_once
    a_run_can_go_on_with_another_plan
    an_effect_needs_its_grant
}

async fn a_run_is_found_as_it_was_asked_for(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    let stored = fixture.store.runs().find_stored(asked.run_id).await.unwrap().unwrap();
    let pending = |id: &str, action| Step {
        id: step(id),
        action,
        connector: "simulated".to_owned(),
        status: StepStatus::Pending,
        attempts: 0,
        input: None,
        output: None,
        error: None,
        started_at: None,
        due_at: None,
        undo: None,
        finished_at: None,
    };
    assert_eq!(stored.run.steps, [pending("reputation", Action::Enrich), pending("block", Action::BlockIp)]);
    assert_eq!((stored.run.status, stored.run.requested_by.clone()), (RunStatus::AwaitingApproval, Some(user_ref("analyst"))));
    assert_eq!((stored.approval_required, stored.current_plan_digest), (true, asked.plan_digest));
    assert_eq!(stored.gates, [Gated::AtStart, Gated::AtStart]);
    let runs = fixture.store.runs();
    let others = [asked.incident_id, domain::id::IncidentId::new(99)];
    assert_eq!(runs.incidents_held(&others).await.unwrap().into_iter().collect::<Vec<_>>(), [asked.incident_id]);
    assert_eq!(runs.active_of_incident(asked.incident_id).await.unwrap().as_ref(), Some(&stored.run));
    assert_eq!(runs.list_with_status(RunStatus::AwaitingApproval, 10).await.unwrap(), std::slice::from_ref(&stored.run));
    assert_eq!(runs.list_of_incident(asked.incident_id, 100).await.unwrap(), std::slice::from_ref(&stored.run));
    let of = async |id: &str| runs.page_of_playbook(&id.parse().unwrap(), PageRequest::first(10)).await.unwrap().items;
    assert_eq!(of(stored.run.playbook_id.as_str()).await, std::slice::from_ref(&stored.run));
    assert_eq!(of("PB-ANOTHER").await, []);
    let ids = ["PB-ANOTHER".parse().unwrap(), stored.run.playbook_id.clone()];
    let standings = runs.standings_of_playbooks(&ids, 10).await.unwrap();
    let ids: Vec<_> = standings.values().flatten().map(|standing| (standing.id, standing.status)).collect();
    assert_eq!((standings.len(), ids), (1, vec![(stored.run.id, stored.run.status)]));
    assert!(runs.standings_of_playbooks(&[], 10).await.unwrap().is_empty());
    assert_eq!(runs.list(PageRequest::first(10)).await.unwrap().items, [stored.run]);
}

async fn insert(fixture: &Fixture, run: NewRun) -> Result<domain::id::RunId, StoreError> {
    write(&fixture.store, move |tx| async move { tx.runs().insert(&run).await }).await
}

async fn an_incident_has_one_active_live_run(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    let second = insert(fixture, new_run(asked.incident_id, asked.plan_digest)).await;
    assert!(matches!(second, Err(StoreError::AlreadyExists(_))), "{second:?}");
    let dry = NewRun { mode: RunMode::DryRun, ..new_run(asked.incident_id, asked.plan_digest) };
    insert(fixture, dry).await.unwrap();
    let run = fixture.store.runs().get(asked.run_id).await.unwrap();
    let cancelled = domain::run::Run { status: RunStatus::Cancelled, error: Some("withdrawn".to_owned()), ..run };
    for expected in [Ok(()), Err(StoreError::Stale(asked.run_id.to_string()))] {
        let cancelled = cancelled.clone();
        let saved =
            write(&fixture.store, move |tx| async move { tx.runs().save(&cancelled, RunStatus::AwaitingApproval).await }).await;
        assert_eq!(saved, expected);
    }
    assert_eq!(fixture.store.runs().get(asked.run_id).await.unwrap(), cancelled);
    insert(fixture, new_run(asked.incident_id, asked.plan_digest)).await.unwrap();
}

async fn a_step_is_saved_once(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    let run = fixture.store.runs().get(asked.run_id).await.unwrap();
    let done = Step {
        status: StepStatus::Succeeded,
        attempts: 1,
        input: Some(json!({"ip": "91.23.11.9"})),
        output: Some(json!({"simulated": true})),
        started_at: Some(fixture.now()),
        finished_at: Some(fixture.now()),
        ..run.steps[1].clone()
    };
    for saves in [true, false] {
        let (run_id, done) = (asked.run_id, done.clone());
        let saved =
            write(&fixture.store, move |tx| async move { tx.runs().save_step(run_id, &done, StepStatus::Pending).await }).await;
        assert_eq!(saved.is_ok(), saves, "{saved:?}");
    }
    assert_eq!(fixture.store.runs().get(asked.run_id).await.unwrap().steps[1], done);
}

async fn a_run_can_go_on_with_another_plan(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    let rest = plan(asked.incident_id, "rest");
    let digest = rest.digest;
    write(&fixture.store, move |tx| async move {
        tx.plans().insert_if_new(&rest).await?;
        tx.runs().set_current_plan(asked.run_id, &digest).await
    })
    .await
    .unwrap();
    let stored = fixture.store.runs().find_stored(asked.run_id).await.unwrap().unwrap();
    assert_eq!((stored.current_plan_digest, stored.run.plan_digest), (digest, asked.plan_digest));
}

fn effect(asked: &Asked, id: &str, grant: Option<u64>) -> Effect {
    Effect {
        key: format!("{}/{id}", asked.run_id),
        run_id: asked.run_id,
        step: step(id),
        kind: EffectKind::Do,
        grant_id: grant.map(uuid),
        action: Action::BlockIp,
        connector: "simulated".to_owned(),
        input: Map::new(),
        started_at: domain::timestamp::Timestamp::from_unix_ms(crate::fixture::START),
    }
}

async fn begin(fixture: &Fixture, effect: &Effect) -> Result<(), StoreError> {
    let effect = effect.clone();
    write(&fixture.store, move |tx| async move { tx.effects().insert(&effect).await }).await
}

async fn an_effect_needs_its_grant(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    let refused = begin(fixture, &effect(&asked, "block", None)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    approve(&fixture.store, &asked, "approver").await.unwrap();
    grant_run(&fixture.store, &asked, 500).await.unwrap();
    let granted = effect(&asked, "block", Some(500));
    begin(fixture, &granted).await.unwrap();
    let again = begin(fixture, &granted).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists(_))), "{again:?}");
    assert_eq!(fixture.store.effects().find(&granted.key).await.unwrap().as_ref(), Some(&granted));
    assert_eq!(fixture.store.effects().list_of_run(asked.run_id).await.unwrap(), [granted]);
}
