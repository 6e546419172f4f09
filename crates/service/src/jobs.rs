//! Work that is done later: what kinds there are, and how each is written down. A job carries ids only and may be done twice.

pub mod advance_run;
pub mod expire_approval;
pub mod send_notification;
pub mod warn_of_expiry;

use domain::id::{ApprovalId, RunId};
use domain::timestamp::Timestamp;
use store::{ClaimedJob, NewJob, StoreError, Tx};

use crate::error::ServiceError;

/// One piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Carry a run on, as far as it goes.
    AdvanceRun(RunId),
    /// End an approval that nobody decided in time.
    ExpireApproval(ApprovalId),
    /// Say that an approval nears its end.
    WarnOfExpiry(ApprovalId),
    /// Send a message of Countersign itself, by its number.
    SendNotification(i64),
}

impl Job {
    /// As the job table holds it, to be done from this time on.
    pub fn at(self, run_after: Timestamp) -> NewJob {
        let (kind, subject) = self.words();
        NewJob { kind: kind.to_owned(), subject, run_after }
    }

    /// Nobody needs it to be done any more.
    pub async fn call_off(self, tx: &Tx) -> Result<(), StoreError> {
        let (kind, subject) = self.words();
        tx.jobs().call_off(kind, &subject).await
    }

    fn words(self) -> (&'static str, String) {
        match self {
            Self::AdvanceRun(id) => ("advance_run", id.to_string()),
            Self::ExpireApproval(id) => ("expire_approval", id.to_string()),
            Self::WarnOfExpiry(id) => ("warn_of_expiry", id.to_string()),
            Self::SendNotification(number) => ("send_notification", number.to_string()),
        }
    }

    /// What a claimed job is.
    pub fn of(claimed: &ClaimedJob) -> Result<Self, ServiceError> {
        let corrupt = || ServiceError::Corrupt(format!("job {} {}", claimed.kind, claimed.subject));
        match claimed.kind.as_str() {
            "advance_run" => claimed.subject.parse().map(Self::AdvanceRun).map_err(|_| corrupt()),
            "expire_approval" => claimed.subject.parse().map(Self::ExpireApproval).map_err(|_| corrupt()),
            "warn_of_expiry" => claimed.subject.parse().map(Self::WarnOfExpiry).map_err(|_| corrupt()),
            "send_notification" => claimed.subject.parse().map(Self::SendNotification).map_err(|_| corrupt()),
            _ => Err(corrupt()),
        }
    }
}
