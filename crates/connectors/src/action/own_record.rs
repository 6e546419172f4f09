//! The name under which plans show what Countersign does to its own record. Nothing is called: the service writes it together with
//! the outcome.

use async_trait::async_trait;
use serde_json::Value;

use crate::{Connector, ConnectorError, Effect, Recovery};

/// A name, not a way out.
pub struct OwnRecord;

#[async_trait]
impl Connector for OwnRecord {
    fn name(&self) -> &'static str {
        "countersign"
    }

    fn revision(&self) -> u32 {
        1
    }

    fn recovery(&self) -> Recovery {
        Recovery::CallAgain
    }

    async fn perform(&self, effect: &Effect) -> Result<Value, ConnectorError> {
        Err(ConnectorError::NotHere(effect.action))
    }
}
