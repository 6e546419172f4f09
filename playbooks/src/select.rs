//! Which playbook is proposed for an incident. Making its plan is `plan`'s business.

use std::cmp::Reverse;

use domain::timestamp::Timestamp;

use crate::load::Playbook;
use crate::scope::Facts;

/// Of the playbooks that fit the one with the highest priority, then the smallest id. One whose `when` cannot be evaluated fits:
/// its plan then says what is wrong, where leaving it out would say nothing.
pub(crate) fn propose<'a>(playbooks: impl Iterator<Item = &'a Playbook>, facts: &Facts, now: Timestamp) -> Option<&'a Playbook> {
    playbooks.filter(|playbook| playbook.is_applicable(facts, now).unwrap_or(true)).min_by_key(order)
}

/// The playbooks that fit, in the order in which they are proposed. One whose `when` cannot be evaluated is not among them.
pub(crate) fn fitting<'a>(playbooks: impl Iterator<Item = &'a Playbook>, facts: &Facts, now: Timestamp) -> Vec<&'a Playbook> {
    let mut fitting: Vec<&Playbook> = playbooks.filter(|playbook| playbook.is_applicable(facts, now) == Ok(true)).collect();
    fitting.sort_by_key(order);
    fitting
}

fn order(playbook: &&Playbook) -> (Reverse<i32>, domain::id::PlaybookId) {
    (Reverse(playbook.document().priority), playbook.id().clone())
}
