//! Runs, their steps and their effects.

use domain::action::Action;
use domain::grant::Gated;
use domain::observable::ObservableKind;
use domain::plan::RunMode;
use domain::run::{RunStatus, Step, StepStatus, UndoStatus};
use domain::search;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::ConnectionTrait as _;
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
    what_was_done_to_an_entity_is_found_once_it_succeeded
    what_was_done_before_effects_had_targets_is_found_too
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

async fn what_was_done_to_an_entity_is_found_once_it_succeeded(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    approve(&fixture.store, &asked, "approver").await.unwrap();
    grant_run(&fixture.store, &asked, 500).await.unwrap();
    let input = json!({ "ip": "91.23.11.9" }).as_object().cloned().unwrap();
    let block = Effect { input: input.clone(), ..effect(&asked, "block", Some(500)) };
    begin(fixture, &block).await.unwrap();
    let unblock = Effect {
        key: format!("{}/undo", asked.run_id),
        kind: EffectKind::Undo,
        action: Action::UnblockIp,
        started_at: block.started_at.plus_ms(1),
        ..block.clone()
    };
    begin(fixture, &unblock).await.unwrap();
    let done_to = async |address: &str| {
        let term = search::term_of_observable(ObservableKind::Ip, address);
        fixture.store.effects().list_done_to(&[term]).await.unwrap()
    };
    assert_eq!(done_to("91.23.11.9").await, [], "intended only");
    let pending = fixture.store.runs().get(asked.run_id).await.unwrap().steps[1].clone();
    let saved = async |step: Step, from: StepStatus| {
        write(&fixture.store, move |tx| async move { tx.runs().save_step(asked.run_id, &step, from).await }).await.unwrap();
    };
    saved(Step { status: StepStatus::Succeeded, ..pending.clone() }, StepStatus::Pending).await;
    assert_eq!(done_to("91.23.11.9").await, [(block.clone(), asked.incident_id)]);
    assert_eq!(done_to("91.23.11.8").await, []);
    saved(Step { status: StepStatus::Undone, undo: Some(UndoStatus::Succeeded), ..pending }, StepStatus::Succeeded).await;
    assert_eq!(done_to("91.23.11.9").await, [(block, asked.incident_id), (unblock, asked.incident_id)]);
}

async fn what_was_done_before_effects_had_targets_is_found_too(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    approve(&fixture.store, &asked, "approver").await.unwrap();
    grant_run(&fixture.store, &asked, 500).await.unwrap();
    let input = json!({ "ip": "2001:DB8::1", "duration": "24h" }).as_object().cloned().unwrap();
    let block = Effect { input, ..effect(&asked, "block", Some(500)) };
    begin(fixture, &block).await.unwrap();
    let pending = fixture.store.runs().get(asked.run_id).await.unwrap().steps[1].clone();
    let done = Step { status: StepStatus::Succeeded, ..pending };
    write(&fixture.store, move |tx| async move { tx.runs().save_step(asked.run_id, &done, StepStatus::Pending).await })
        .await
        .unwrap();

    let plain = fixture.plain().await;
    let place = Migrator::names().iter().position(|name| *name == "m20261124_000901_effect_targets").unwrap();
    let steps = u32::try_from(Migrator::names().len() - place).unwrap();
    Migrator::down(&plain, Some(steps)).await.unwrap();
    Migrator::up(&plain, None).await.unwrap();
    plain.close().await.unwrap();
    let term = search::term_of_observable(ObservableKind::Ip, "2001:db8::1");
    assert_eq!(fixture.store.effects().list_done_to(&[term]).await.unwrap(), [(block.clone(), asked.incident_id)]);
    let again = fixture.plain().await;
    let changed = again.execute_unprepared("UPDATE effects SET action = 'notify'").await;
    assert!(changed.unwrap_err().to_string().contains("refused"), "what is on record is guarded as before");
    again.close().await.unwrap();
}
