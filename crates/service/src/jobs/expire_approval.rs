//! An approval that nobody decided in time ends its run, and the incident goes back to where the run was asked from.

use domain::approval::ApprovalStatus;
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::ApprovalId;
use domain::run::RunStatus;
use domain::timestamp::Timestamp;
use store::{ClaimedJob, Trail, Tx};

use crate::core::Core;
use crate::error::ServiceError;
use crate::runs::{self, Ending};

/// The error of a run whose approval expired.
const EXPIRED: &str = "expired";

/// Does the job; done twice, it does nothing the second time.
pub async fn run(core: &Core, job: &ClaimedJob, id: ApprovalId) -> Result<(), ServiceError> {
    let (at, claimed) = (core.clock.now(), job.clone());
    match core.store.write(move |tx| async move { expire(&tx, &claimed, id, at).await }).await? {
        Expiry::Expired => Ok(()),
        Expiry::NothingToDo => Ok(core.store.finish_job(job).await?),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expiry {
    Expired,
    NothingToDo,
}

async fn expire(tx: &Tx, job: &ClaimedJob, id: ApprovalId, at: Timestamp) -> Result<Trail<Expiry>, ServiceError> {
    let Some(approval) = tx.approvals().find(id).await? else { return Ok(Trail::unchanged(Expiry::NothingToDo)) };
    if approval.status != ApprovalStatus::Pending {
        return Ok(Trail::unchanged(Expiry::NothingToDo));
    }
    tx.approvals().end(id, ApprovalStatus::Expired, at).await?;
    let origin = Origin::system();
    let run = runs::locked(tx, approval.run_id).await?;
    let mut entries =
        vec![EntryDraft::new(&origin, AuditAction::ApprovalExpired, Target::approval(id)).incident(approval.incident_id)];
    let ending = Ending { status: RunStatus::Rejected, error: Some(EXPIRED.to_owned()) };
    entries.extend(runs::end(tx, &run, ending, (&origin, at)).await?);
    tx.jobs().finish(job).await?;
    Ok(Trail::new(Expiry::Expired, entries))
}
