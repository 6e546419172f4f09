//! Approvals: asking, voting, granting, expiring.

use std::collections::BTreeSet;

use domain::approval::{ApprovalStatus, Decision};
use domain::id::ApprovalId;
use domain::incident::State;
use domain::user::User;
use sea_orm::ConnectionTrait;
use store::{ApprovalFilter, PageRequest, StoreError};

use crate::fixture::{Fixture, START, on_both};
use crate::scene::{add_people, approve, ask, grant, grant_run, user_id, user_ref, vote, write};

on_both! {
    an_approval_is_found_as_it_was_asked_for
    a_quorum_grants_the_run
    a_second_vote_is_told_apart
    an_approval_ends_once
    approvals_are_listed_by_status
    overdue_approvals_are_found_by_the_databases_clock
    a_vote_stands_only_as_long_as_the_voter_may_decide
    two_votes_at_once_see_each_other
}

async fn an_approval_is_found_as_it_was_asked_for(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 2).await;
    let approval = fixture.store.approvals().get(asked.approval_id).await.unwrap();
    assert_eq!((approval.status, approval.quorum, approval.plan_digest), (ApprovalStatus::Pending, 2, asked.plan_digest));
    assert_eq!((approval.run_id, approval.incident_id, approval.step.as_ref()), (asked.run_id, asked.incident_id, None));
    assert_eq!(
        (approval.requested_by, approval.contributors),
        (Some(user_ref("analyst")), vec![user_id("analyst"), user_id("both")])
    );
    assert_eq!(approval.expires_at.since_ms(approval.requested_at), 14_400_000);
    assert_eq!(fixture.store.approvals().get_return_state(asked.approval_id).await.unwrap(), State::Classified);
    assert_eq!(fixture.store.approvals().find(ApprovalId::new(99)).await.unwrap(), None);
    assert_eq!(fixture.store.approvals().list_of_incident(asked.incident_id, 100).await.unwrap().len(), 1);
}

async fn a_quorum_grants_the_run(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 2).await;
    approve(&fixture.store, &asked, "approver").await.unwrap();
    let early = grant_run(&fixture.store, &asked, 500).await;
    assert!(matches!(early, Err(StoreError::Refused(_))), "{early:?}");
    approve(&fixture.store, &asked, "approver2").await.unwrap();
    grant_run(&fixture.store, &asked, 500).await.unwrap();
    assert_eq!(fixture.store.approvals().find_grant(asked.approval_id).await.unwrap(), Some(grant(&asked, 500)));
    assert_eq!(fixture.store.approvals().grants_of_run(asked.run_id).await.unwrap(), [grant(&asked, 500)]);
    let decided = fixture.store.approvals().get(asked.approval_id).await.unwrap();
    assert_eq!(decided.status, ApprovalStatus::Approved);
    assert_eq!(decided.decisions, [vote("approver", Decision::Approve), vote("approver2", Decision::Approve)]);
    let approvals = fixture.store.approvals();
    let playbook_id = fixture.store.runs().get(asked.run_id).await.unwrap().playbook_id;
    assert_eq!(approvals.list_decided_of_playbook(&playbook_id, 10).await.unwrap(), [decided]);
    assert_eq!(approvals.list_decided_of_playbook(&"PB-ANOTHER".parse().unwrap(), 10).await.unwrap(), []);
}

async fn a_second_vote_is_told_apart(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 2).await;
    approve(&fixture.store, &asked, "approver").await.unwrap();
    let again = approve(&fixture.store, &asked, "approver").await;
    assert!(matches!(again, Err(StoreError::AlreadyExists(_))), "{again:?}");
    let contributor = approve(&fixture.store, &asked, "both").await;
    assert!(matches!(contributor, Err(StoreError::Refused(_))), "{contributor:?}");
}

async fn an_approval_ends_once(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    let (id, at) = (asked.approval_id, fixture.now());
    for expected in [Ok(()), Err(StoreError::Stale(id.to_string()))] {
        let ended =
            write(&fixture.store, move |tx| async move { tx.approvals().end(id, ApprovalStatus::Withdrawn, at).await }).await;
        assert_eq!(ended, expected);
    }
}

async fn approvals_are_listed_by_status(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    assert_eq!(fixture.store.approvals().count_pending().await.unwrap(), 1);
    approve(&fixture.store, &asked, "approver").await.unwrap();
    grant_run(&fixture.store, &asked, 500).await.unwrap();
    assert_eq!(fixture.store.approvals().count_pending().await.unwrap(), 0);
    for (filter, expected) in [
        (ApprovalFilter::All, 1),
        (ApprovalFilter::WithStatus(ApprovalStatus::Approved), 1),
        (ApprovalFilter::WithStatus(ApprovalStatus::Pending), 0),
    ] {
        let page = fixture.store.approvals().list(filter, PageRequest::first(10)).await.unwrap();
        assert_eq!(page.items.len(), expected, "{filter:?}");
    }
}

async fn overdue_approvals_are_found_by_the_databases_clock(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    let now = fixture.store.now().await.unwrap();
    assert_eq!(fixture.store.approvals().list_overdue(now, 10).await.unwrap(), []);
    let plain = fixture.plain().await;
    plain.execute_unprepared(&format!("UPDATE approvals SET expires_at = {START}")).await.unwrap();
    plain.close().await.unwrap();
    assert_eq!(fixture.store.approvals().list_overdue(now, 10).await.unwrap(), [asked.approval_id]);
}

async fn a_vote_stands_only_as_long_as_the_voter_may_decide(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    approve(&fixture.store, &asked, "approver").await.unwrap();
    let known = fixture.store.users().find_by_id(user_id("approver")).await.unwrap().unwrap().user;
    let id = known.id;
    let asked_about = BTreeSet::from([id, user_id("approver2"), user_id("both"), user_id("analyst"), user_id("auditor")]);
    let approvers = fixture.store.users().approvers_among(asked_about).await.unwrap();
    assert_eq!(approvers, BTreeSet::from([id, user_id("approver2"), user_id("both")]));
    let disabled = User { disabled_at: Some(fixture.now()), ..known };
    write(&fixture.store, move |tx| async move { tx.users().update(&disabled).await }).await.unwrap();
    assert_eq!(fixture.store.users().approvers_among([id].into()).await.unwrap(), BTreeSet::new());
    let refused = grant_run(&fixture.store, &asked, 500).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
}

async fn two_votes_at_once_see_each_other(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 2).await;
    let decide = |username: &'static str| {
        let (id, digest, at) = (asked.approval_id, asked.plan_digest, fixture.now());
        write(&fixture.store, move |tx| async move {
            let approval = tx.approvals().get(id).await?;
            tx.approvals().insert_vote(id, &vote(username, Decision::Approve), &digest).await?;
            let last = approval.decisions.len() + 1 == usize::from(approval.quorum);
            if last {
                tx.approvals().end(id, ApprovalStatus::Approved, at).await?;
            }
            Ok(last)
        })
    };
    let (one, two) = tokio::join!(decide("approver"), decide("approver2"));
    assert_ne!(one.unwrap(), two.unwrap(), "exactly one of them is the last");
}
