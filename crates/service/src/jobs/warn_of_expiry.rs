//! Says that an approval nears its end and nobody has decided it.

use domain::approval::ApprovalStatus;
use domain::id::ApprovalId;
use domain::notification::NotificationEvent as Event;
use store::ClaimedJob;

use crate::core::Core;
use crate::error::ServiceError;
use crate::notifications::Notice;

/// Does the job; done twice, it says so once.
pub async fn run(core: &Core, job: &ClaimedJob, id: ApprovalId) -> Result<(), ServiceError> {
    if let Some(approval) = core.store.approvals().find(id).await?
        && approval.status == ApprovalStatus::Pending
    {
        let notice = Notice { event: Event::ApprovalNearsExpiry, subject: id.to_string(), incident_id: approval.incident_id };
        notice.queue(core).await?;
    }
    Ok(core.store.finish_job(job).await?)
}
