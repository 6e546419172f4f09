//! When a signature lets a step run, and when it lets a run start.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Binding, Gated, Grant, Standing, is_in_force};
use crate::approval::tests::{pending, user_id, voted};
use crate::approval::{Approval, GRANT_START_MS_MAX};
use crate::digest::Digest;
use crate::id::{ApprovalId, RunId};
use crate::timestamp::Timestamp;

const ID: Uuid = Uuid::from_u128(7);

fn grant(gate: Gated, plan: &[u8]) -> Grant {
    let granted_at = Timestamp::from_unix_ms(1_000);
    Grant {
        id: ID,
        approval_id: ApprovalId::new(1),
        run_id: RunId::new(1),
        plan_digest: Digest::of(plan),
        gate,
        granted_at,
        start_by: granted_at.plus_ms(GRANT_START_MS_MAX),
    }
}

fn at_step(step: &str) -> Gated {
    Gated::AtStep(step.parse().unwrap())
}

#[test]
fn a_step_runs_only_under_a_signature_on_what_would_run() {
    let check = |gate: Gated, grant: Option<Grant>, binding: Binding, expected: Standing| {
        assert_eq!(Standing::of(&gate, grant.as_ref(), binding), expected, "{gate:?} {grant:?} {binding:?}");
    };
    check(Gated::Nowhere, None, Binding::AsPlanned, Standing::Free);
    check(Gated::Nowhere, None, Binding::Changed, Standing::Changed);
    for gate in [Gated::AtStart, at_step("lock")] {
        check(gate.clone(), None, Binding::AsPlanned, Standing::Unsigned);
        check(gate.clone(), None, Binding::Changed, Standing::Unsigned);
        check(gate.clone(), Some(grant(gate.clone(), b"plan")), Binding::AsPlanned, Standing::Signed(ID));
        check(gate.clone(), Some(grant(gate.clone(), b"plan")), Binding::Changed, Standing::Stale);
        check(gate, Some(grant(at_step("another"), b"plan")), Binding::AsPlanned, Standing::Unsigned);
    }
    check(at_step("lock"), Some(grant(Gated::AtStart, b"plan")), Binding::AsPlanned, Standing::Unsigned);
    check(Gated::AtStart, Some(grant(at_step("lock"), b"plan")), Binding::AsPlanned, Standing::Unsigned);
}

#[test]
fn in_force_is_what_was_signed_last() {
    let check = |current: &[u8], signed: Option<&[u8]>, expected: bool| {
        let grant = signed.map(|plan| grant(Gated::AtStart, plan));
        assert_eq!(is_in_force(&Digest::of(current), &Digest::of(b"first"), grant.as_ref()), expected);
    };
    check(b"first", None, true);
    check(b"another", None, false);
    check(b"first", Some(b"first"), true);
    check(b"another", Some(b"first"), false);
    check(b"another", Some(b"another"), true);
    check(b"first", Some(b"another"), false);
}

#[test]
fn a_grant_opens_for_fifteen_minutes_and_while_its_quorum_holds() {
    let approved = voted(voted(Approval { quorum: 2, ..pending() }, 10), 11);
    let grant = grant(Gated::AtStart, b"plan");
    let check = |approvers: &[u128], after_ms: i64, expected: bool| {
        let approvers: BTreeSet<_> = approvers.iter().copied().map(user_id).collect();
        let now = grant.granted_at.plus_ms(after_ms);
        assert_eq!(grant.opens(&approved, &approvers, now), expected, "{approvers:?} after {after_ms} ms");
    };
    check(&[10, 11], 0, true);
    check(&[10, 11], 900_000, true);
    check(&[10, 11], 900_001, false);
    check(&[10], 0, false);
    check(&[10, 12], 0, false);
    check(&[], 0, false);
}
