//! The default for every action that touches the outside: does nothing there and says what it would have done.

use async_trait::async_trait;
use domain::action::Action;
use serde_json::{Value, json};

use crate::{Connector, ConnectorError, Effect, Recovery};

/// Acts on nothing.
pub struct Simulated;

#[async_trait]
impl Connector for Simulated {
    fn name(&self) -> &'static str {
        "simulated"
    }

    fn revision(&self) -> u32 {
        1
    }

    fn recovery(&self) -> Recovery {
        Recovery::CallAgain
    }

    async fn perform(&self, effect: &Effect) -> Result<Value, ConnectorError> {
        Ok(match effect.action {
            Action::Enrich => json!({ "verdict": "unknown", "signals": [], "simulated": true }),
            action => json!({ "simulated": true, "would": action.as_str(), "parameters": effect.parameters }),
        })
    }
}
