//! What is known of those who may decide: read here for the rule in `domain::approval`.

use std::collections::{BTreeSet, HashMap};

use api::Caller;
use domain::approval::{Approval, Electorate};
use domain::id::{ApprovalId, UserId};
use store::{Reads, Tx};

use crate::error::ServiceError;

/// When this person decides, in the change that records it: nothing of it changes before that ends.
pub async fn of_vote(tx: &Tx, approval: &Approval, person: UserId) -> Result<Electorate, ServiceError> {
    let people: BTreeSet<UserId> = approval.voters().chain([person]).collect();
    let approvers = tx.users().approvers_among(people).await?;
    let seen = of_person(tx, std::slice::from_ref(approval), person).await?.remove(&approval.id).unwrap_or_default();
    Ok(Electorate { approvers, ..seen })
}

/// When the caller looks at these; of anybody but a person nothing has to be known.
pub async fn of_caller<D: Reads>(
    reads: &D,
    caller: &Caller,
    approvals: &[Approval],
) -> Result<HashMap<ApprovalId, Electorate>, ServiceError> {
    match caller.actor.as_approver() {
        Ok(approver) => of_person(reads, approvals, approver.user_id()).await,
        Err(_) => Ok(HashMap::new()),
    }
}

async fn of_person<D: Reads>(
    reads: &D,
    approvals: &[Approval],
    person: UserId,
) -> Result<HashMap<ApprovalId, Electorate>, ServiceError> {
    let asked_at = reads.approvals().first_asked_at(approvals).await?;
    let history = reads.users().approver_history(person).await?;
    let people = approvals.iter().flat_map(Approval::voters).chain([person]).collect();
    let hands = reads.users().hands_of(&people).await?;
    let electorate = |approval: &Approval| {
        let asked_at = asked_at.get(&approval.id).copied().unwrap_or(approval.requested_at);
        let known = Electorate { was_approver: history.was_approver(asked_at), hands: hands.clone(), ..Electorate::default() };
        (approval.id, known)
    };
    Ok(approvals.iter().map(electorate).collect())
}
