//! What the database itself refuses, whatever program speaks to it: raw SQL over a connection that knows nothing of the store.

use domain::approval::ApprovalStatus;
use domain::digest::Digest;
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::fixture::{Fixture, START, on_both};
use crate::scene::{Asked, add_people, approve, ask, brute_force, grant_run, request, user_id, write};

on_both! {
    votes_that_do_not_count_are_refused
    votes_with_the_account_of_a_contributor_are_refused
    votes_of_one_person_with_two_accounts_are_refused
    votes_of_whoever_became_an_approver_since_are_refused
    who_set_an_account_cannot_be_rewritten
    grants_without_quorum_are_refused
    grants_for_another_gate_are_refused
    effects_without_their_grant_are_refused
    what_was_signed_cannot_be_changed
    the_log_cannot_be_rewritten
    raw_alerts_cannot_be_changed
    an_unfrozen_column_can_still_be_written
}

async fn check_refused(plain: &DatabaseConnection, sql: &str, reason: &str) {
    let refused = plain.execute_unprepared(sql).await;
    let message = refused.expect_err(sql).to_string();
    assert!(message.contains(reason), "{sql}\n  was refused with: {message}\n  and not with: {reason}");
}

async fn check_accepted(plain: &DatabaseConnection, sql: &str) {
    plain.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn vote(asked: &Asked, username: &str, digest: &Digest) -> String {
    format!(
        "INSERT INTO approval_votes (approval_id, user_id, decision, reason, plan_digest, at) \
         VALUES ({}, '{}', 'approve', 'because I say so', '{digest}', 0)",
        asked.approval_id.number(),
        user_id(username),
    )
}

fn grant(asked: &Asked, id: &str) -> String {
    format!(
        "INSERT INTO grants (id, approval_id, run_id, kind, plan_digest, step, granted_at, start_by) \
         VALUES ('{id}', {}, {}, 'quorum', '{}', '', 0, 9999999999999)",
        asked.approval_id.number(),
        asked.run_id.number(),
        asked.plan_digest,
    )
}

fn effect(asked: &Asked, key: &str, step: &str, grant: &str) -> String {
    format!(
        "INSERT INTO effects (key, run_id, step, kind, grant_id, action, connector, input, started_at) \
         VALUES ('{key}', {}, '{step}', 'do', {grant}, 'block_ip', 'simulated', '{{}}', 0)",
        asked.run_id.number(),
    )
}

async fn votes_that_do_not_count_are_refused(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 2).await;
    let plain = fixture.plain().await;
    check_refused(&plain, &vote(&asked, "both", &asked.plan_digest), "contributed").await;
    check_refused(&plain, &vote(&asked, "analyst2", &asked.plan_digest), "no approver").await;
    check_refused(&plain, &vote(&asked, "auditor", &asked.plan_digest), "no approver").await;
    check_refused(&plain, &vote(&asked, "approver", &Digest::of(b"another plan")), "another plan").await;
    check_accepted(&plain, &vote(&asked, "approver", &asked.plan_digest)).await;
    check_refused(&plain, &vote(&asked, "approver", &asked.plan_digest), "approval_votes").await;
    check_accepted(&plain, &format!("UPDATE users SET disabled_at = 1 WHERE id = '{}'", user_id("approver2"))).await;
    check_refused(&plain, &vote(&asked, "approver2", &asked.plan_digest), "no approver").await;
    check_accepted(&plain, "UPDATE users SET disabled_at = NULL").await;
    check_accepted(&plain, &format!("UPDATE approvals SET expires_at = {START}")).await;
    check_refused(&plain, &vote(&asked, "approver2", &asked.plan_digest), "has expired").await;
    check_refused(&plain, "UPDATE approvals SET expires_at = 9999999999999", "approvals is refused").await;
    check_accepted(&plain, "UPDATE approvals SET status = 'expired'").await;
    check_refused(&plain, &vote(&asked, "approver2", &asked.plan_digest), "not pending").await;
    check_refused(&plain, "UPDATE approvals SET status = 'pending'", "approvals is refused").await;
}

/// Another row of who set somebody's password, so many milliseconds ago.
fn set_by(number: u64, owner: &str, setter: &str, now_ms: i64) -> String {
    format!(
        "INSERT INTO account_changes (id, user_id, aspect, is_approver, set_by, via, set_at) \
         VALUES ({number}, '{}', 'password', 1, '{}', 'person', {now_ms})",
        user_id(owner),
        user_id(setter)
    )
}

fn confirmed(change: u64, by: &str) -> String {
    format!("INSERT INTO account_confirmations (change_id, confirmed_by, confirmed_at) VALUES ({change}, '{}', 0)", user_id(by))
}

async fn votes_with_the_account_of_a_contributor_are_refused(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 2).await;
    let (plain, now) = (fixture.plain().await, fixture.store.now().await.unwrap().unix_ms());
    check_accepted(&plain, &set_by(1_001, "approver", "analyst", now)).await;
    check_refused(&plain, &vote(&asked, "approver", &asked.plan_digest), "in the hand").await;
    // Through somebody else's account too.
    check_accepted(&plain, &set_by(1_002, "auditor", "analyst", now)).await;
    check_accepted(&plain, &set_by(1_003, "approver2", "auditor", now)).await;
    check_refused(&plain, &vote(&asked, "approver2", &asked.plan_digest), "in the hand").await;
    for by in ["analyst", "approver", "auditor"] {
        check_refused(&plain, &confirmed(1_001, by), "confirmation refused").await;
    }
    // `approver2` is in the hand of `analyst` as well, and `both` is not.
    check_refused(&plain, &confirmed(1_001, "approver2"), "confirmation refused").await;
    check_accepted(&plain, &confirmed(1_001, "both")).await;
    check_accepted(&plain, &vote(&asked, "approver", &asked.plan_digest)).await;
}

async fn votes_of_one_person_with_two_accounts_are_refused(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let (plain, now) = (fixture.plain().await, fixture.store.now().await.unwrap().unix_ms());
    let asked = ask(fixture, 2).await;
    check_accepted(&plain, &set_by(1_001, "approver", "approver2", now)).await;
    check_accepted(&plain, &vote(&asked, "approver", &asked.plan_digest)).await;
    check_refused(&plain, &vote(&asked, "approver2", &asked.plan_digest), "in the hand").await;
    check_accepted(&plain, "UPDATE runs SET status = 'cancelled'").await;
    let other_way = ask(fixture, 2).await;
    check_accepted(&plain, &vote(&other_way, "approver2", &other_way.plan_digest)).await;
    check_refused(&plain, &vote(&other_way, "approver", &other_way.plan_digest), "in the hand").await;
}

async fn votes_of_whoever_became_an_approver_since_are_refused(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    let plain = fixture.plain().await;
    check_accepted(&plain, "UPDATE users SET roles = 'approver' WHERE username = 'auditor'").await;
    check_refused(&plain, &vote(&asked, "auditor", &asked.plan_digest), "was no approver when it was asked for").await;
    let backdated = format!(
        "INSERT INTO account_changes (id, user_id, aspect, is_approver, set_by, via, set_at) \
         VALUES (1001, '{}', 'roles', 1, NULL, 'command_line', {START})",
        user_id("auditor")
    );
    check_refused(&plain, &backdated, "dated wrongly").await;
    check_refused(&plain, &vote(&asked, "auditor", &asked.plan_digest), "was no approver when it was asked for").await;
}

async fn who_set_an_account_cannot_be_rewritten(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let (plain, now) = (fixture.plain().await, fixture.store.now().await.unwrap().unix_ms());
    check_accepted(&plain, &set_by(1_001, "approver", "analyst", now)).await;
    check_accepted(&plain, &confirmed(1_001, "approver2")).await;
    for table in ["account_changes", "account_confirmations"] {
        check_refused(&plain, &format!("DELETE FROM {table}"), &format!("{table} is refused")).await;
    }
    check_refused(&plain, "UPDATE account_changes SET set_by = NULL", "account_changes is refused").await;
    check_refused(&plain, "UPDATE account_confirmations SET confirmed_at = 1", "account_confirmations is refused").await;
}

async fn grants_without_quorum_are_refused(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 2).await;
    let plain = fixture.plain().await;
    check_refused(&plain, &grant(&asked, "g"), "not approved").await;
    check_accepted(&plain, &vote(&asked, "approver", &asked.plan_digest)).await;
    check_accepted(&plain, "UPDATE approvals SET status = 'approved'").await;
    check_refused(&plain, &grant(&asked, "g"), "no quorum").await;
    check_refused(&plain, "UPDATE approvals SET quorum = 1", "approvals is refused").await;
    let other_run = grant(&asked, "g").replace(&format!("{}, 'quorum'", asked.run_id.number()), "99, 'quorum'");
    check_refused(&plain, &other_run, "not approved for this run").await;
}

async fn grants_for_another_gate_are_refused(fixture: &Fixture) {
    const COLUMNS: &str = "reasons, requested_by, requested_at, expires_at, quorum, return_to";
    add_people(&fixture.store).await;
    let start = ask(fixture, 1).await;
    let gate = Asked { approval_id: domain::id::ApprovalId::new(99), ..start };
    let plain = fixture.plain().await;
    let at_step = format!(
        "INSERT INTO approvals (id, incident_id, run_id, step, status, plan_digest, {COLUMNS}) \
         SELECT 99, incident_id, run_id, 'block', status, plan_digest, {COLUMNS} FROM approvals"
    );
    check_accepted(&plain, &at_step).await;
    for asked in [&start, &gate] {
        check_accepted(&plain, &vote(asked, "approver", &asked.plan_digest)).await;
    }
    check_accepted(&plain, "UPDATE approvals SET status = 'approved'").await;
    let for_block = |asked: &Asked, id: &str| grant(asked, id).replace("'', 0", "'block', 0");
    check_refused(&plain, &grant(&gate, "g"), "another gate").await;
    check_refused(&plain, &for_block(&start, "g"), "another gate").await;
    check_accepted(&plain, &for_block(&gate, "g")).await;
    check_accepted(&plain, &grant(&start, "h")).await;
}

async fn effects_without_their_grant_are_refused(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    let plain = fixture.plain().await;
    check_refused(&plain, &effect(&asked, "k", "block", "NULL"), "gated").await;
    check_refused(&plain, &effect(&asked, "k", "block", "'no-such-grant'"), "gated").await;
    check_refused(&plain, &effect(&asked, "k", "no_such_step", "NULL"), "no such step").await;
    check_refused(&plain, "UPDATE run_steps SET gate = NULL", "run_steps is refused").await;
    check_refused(&plain, "DELETE FROM run_steps", "run_steps is refused").await;
    check_refused(&plain, "UPDATE runs SET approval_required = 0", "runs is refused").await;
    let ungated = format!(
        "INSERT INTO run_steps (run_id, position, step, action, connector, status, attempts) \
         VALUES ({}, 9, 'extra', 'block_ip', 'simulated', 'pending', 0)",
        asked.run_id.number(),
    );
    check_refused(&plain, &ungated, "has no gate").await;
    approve(&fixture.store, &asked, "approver").await.unwrap();
    grant_run(&fixture.store, &asked, 500).await.unwrap();
    let granted = format!("'{}'", crate::fixture::uuid(500));
    check_accepted(&plain, &effect(&asked, "k", "block", &granted)).await;
    check_refused(&plain, &effect(&asked, "k", "block", &granted), "effects").await;
    check_refused(&plain, &effect(&asked, "another key", "block", &granted), "effects").await;
    check_accepted(&plain, &effect(&asked, "k2", "reputation", &granted)).await;
}

async fn what_was_signed_cannot_be_changed(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    approve(&fixture.store, &asked, "approver").await.unwrap();
    grant_run(&fixture.store, &asked, 500).await.unwrap();
    let plain = fixture.plain().await;
    let granted = format!("'{}'", crate::fixture::uuid(500));
    check_accepted(&plain, &effect(&asked, "k", "block", &granted)).await;
    check_refused(&plain, &grant(&asked, "second"), "grants").await;
    for (table, change) in [
        ("approval_votes", "decision = 'reject'"),
        ("approval_contributors", "user_id = 'nobody'"),
        ("grants", "start_by = 9999999999999"),
        ("plans", "body = '{}'"),
        ("effects", "input = '[]'"),
        ("playbook_versions", "document = '{}'"),
    ] {
        if table == "playbook_versions" {
            check_accepted(&plain, "INSERT INTO playbook_versions VALUES ('d', 'PB-X', '{}', 'shipped', NULL, 0, NULL)").await;
        }
        let refusal = format!("{table} is refused");
        check_refused(&plain, &format!("UPDATE {table} SET {change}"), &refusal).await;
        check_refused(&plain, &format!("DELETE FROM {table}"), &refusal).await;
        if fixture.is_sqlite() {
            check_refused(&plain, &format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"), table).await;
            check_refused(&plain, &format!("UPDATE OR REPLACE {table} SET {change}"), &refusal).await;
        } else {
            check_refused(&plain, &format!("TRUNCATE {table} CASCADE"), "is refused").await;
        }
    }
    for table in ["approvals", "runs", "run_steps"] {
        check_refused(&plain, &format!("DELETE FROM {table}"), &format!("{table} is refused")).await;
        if fixture.is_sqlite() {
            check_refused(&plain, &format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"), table).await;
        }
    }
}

async fn the_log_cannot_be_rewritten(fixture: &Fixture) {
    add_people(&fixture.store).await;
    ask(fixture, 1).await;
    // The second alert joins, and its entry has a detail.
    fixture.store.ingest(request(brute_force())).await.unwrap();
    let plain = fixture.plain().await;
    let columns = "seq, entry_id, at, action, leaf";
    let entry = |seq: i64| format!("INSERT INTO audit_entries ({columns}) VALUES ({seq}, 'e', 0, 'A', '{{}}')");
    check_refused(&plain, "UPDATE audit_entries SET leaf = '{}'", "audit_entries is refused").await;
    check_refused(&plain, "DELETE FROM audit_entries", "audit_entries is refused").await;
    check_refused(&plain, "UPDATE audit_detail SET detail = '{}'", "audit_detail").await;
    check_refused(&plain, "UPDATE audit_head SET size = 0", "audit_head").await;
    check_refused(&plain, "DELETE FROM audit_head", "audit_head is refused").await;
    check_refused(&plain, &entry(0), "audit_entries").await;
    check_refused(&plain, &entry(99), "audit_entries").await;
    if fixture.is_sqlite() {
        check_refused(&plain, &entry(0).replace("INSERT", "INSERT OR REPLACE"), "audit_entries is refused").await;
        check_refused(&plain, "UPDATE OR REPLACE audit_entries SET seq = 0 WHERE seq = 1", "audit_entries is refused").await;
        let replaced = "INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries";
        check_refused(&plain, replaced, "audit_entries is refused").await;
    } else {
        for table in ["audit_entries", "audit_detail", "audit_head", "audit_nodes"] {
            check_refused(&plain, &format!("TRUNCATE {table} CASCADE"), "is refused").await;
        }
    }
}

async fn raw_alerts_cannot_be_changed(fixture: &Fixture) {
    add_people(&fixture.store).await;
    ask(fixture, 1).await;
    let plain = fixture.plain().await;
    check_refused(&plain, "UPDATE raw_alerts SET sha256 = ''", "raw_alerts is refused").await;
    check_refused(&plain, "DELETE FROM raw_alerts", "raw_alerts is refused").await;
    if fixture.is_sqlite() {
        check_refused(&plain, "INSERT OR REPLACE INTO raw_alerts SELECT * FROM raw_alerts", "raw_alerts").await;
    } else {
        check_refused(&plain, "TRUNCATE raw_alerts CASCADE", "is refused").await;
    }
    check_accepted(&plain, "INSERT INTO erasure (alert_id, audit_seq) VALUES (1, 0)").await;
    check_refused(&plain, "DELETE FROM erasure", "erasure is refused").await;
    check_refused(&plain, "UPDATE raw_alerts SET sha256 = ''", "raw_alerts is refused").await;
    check_accepted(&plain, "DELETE FROM raw_alerts WHERE alert_id = 1").await;
}

async fn an_unfrozen_column_can_still_be_written(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let asked = ask(fixture, 1).await;
    let (id, at) = (asked.approval_id, fixture.now());
    write(&fixture.store, move |tx| async move { tx.approvals().end(id, ApprovalStatus::Rejected, at).await }).await.unwrap();
    let plain = fixture.plain().await;
    check_accepted(&plain, "UPDATE runs SET status = 'rejected', approval_required = 1").await;
    check_accepted(&plain, "UPDATE run_steps SET status = 'skipped', gate = ''").await;
}
