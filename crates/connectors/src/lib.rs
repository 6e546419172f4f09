//! What stands behind an action: everything that Countersign does to other systems goes through a connector of this crate.
//! It decides nothing; which action runs, and whether it may, is settled before a connector is called.

pub mod action;
mod registry;

pub use registry::Registry;

use async_trait::async_trait;
use domain::action::Action;
use domain::id::{IncidentId, RunId, StepId};
use domain::timestamp::Timestamp;
use serde_json::{Map, Value};

/// One thing to do, resolved down to its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The same for every attempt at the same step of the same run: a connector that has seen it does nothing new.
    pub key: String,
    pub incident_id: IncidentId,
    /// `None` for a message of Countersign itself.
    pub run_id: Option<RunId>,
    pub step: Option<StepId>,
    pub action: Action,
    pub parameters: Map<String, Value>,
}

/// What to do about an effect whose outcome was lost in a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Calling again with the same key does nothing twice, whichever server on the same database calls.
    CallAgain,
    /// Only a person can find out.
    AskPerson,
}

/// The connector could not do it.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// Nothing was written.
    #[error("cannot write the outbox: {0}")]
    Outbox(std::io::Error),
    /// The file is there, but would perhaps not survive a loss of power.
    #[error("the outbox has the message, and may lose it again: {0}")]
    OutboxUnsure(std::io::Error),
    /// Another server has this message, and has perhaps written it.
    #[error("the outbox of another server has had this message since {since}, and has not said that it is written")]
    HeldElsewhere { since: Timestamp },
    /// It is not known what is on record, or what was put there.
    #[error("the record of messages cannot be used: {0}")]
    Record(String),
    #[error("{0} is done where the record is kept, by no connector")]
    NotHere(Action),
}

/// The implementation behind an action.
#[async_trait]
pub trait Connector: Send + Sync {
    /// As plans and the audit log name it.
    fn name(&self) -> &'static str;
    /// Rises whenever the configuration changes, so that a signed plan notices.
    fn revision(&self) -> u32;
    /// What to do about an effect whose outcome was lost.
    fn recovery(&self) -> Recovery;
    /// Does it, and answers with the step's output.
    async fn perform(&self, effect: &Effect) -> Result<Value, ConnectorError>;

    /// Removes what a process that died left half done. Called once, before anything is performed.
    async fn clear_up(&self) -> Result<(), ConnectorError> {
        Ok(())
    }

    /// Ends what is on record as begun here, and is not known to have been done. Called now and then.
    async fn take_up(&self) -> Result<(), ConnectorError> {
        Ok(())
    }
}
