//! Sends a message of Countersign itself. Done twice, the connector sees the same key.

use std::sync::Arc;

use connectors::Effect;
use domain::action::Action;
use domain::plan::RunMode;
use serde_json::{Map, Value};
use store::{ClaimedJob, Untrailed};

use crate::core::Core;
use crate::error::ServiceError;

/// Does the job; a message that cannot be sent is tried again later, like any job.
pub async fn run(core: &Core, job: &ClaimedJob, number: i64) -> Result<(), ServiceError> {
    let found = core.store.notifications().find(number).await?;
    if let Some(notification) = found.filter(|notification| notification.sent_at.is_none()) {
        let parameters = [("channel", notification.new.channel), ("message", notification.new.message)];
        let effect = Effect {
            key: format!("NTF-{number:010}"),
            incident_id: notification.new.incident_id,
            run_id: None,
            step: None,
            action: Action::Notify,
            parameters: parameters.map(|(name, text)| (name.to_owned(), Value::from(text))).into_iter().collect::<Map<_, _>>(),
        };
        let connector = Arc::clone(core.registry.of(Action::Notify, RunMode::Live));
        connector.perform(&effect).await.map_err(|error| ServiceError::Connector(error.to_string()))?;
    }
    let (job, at) = (job.clone(), core.clock.now());
    core.store
        .write_untrailed(Untrailed::NotificationSent, move |tx| async move {
            tx.notifications().set_sent(number, at).await?;
            tx.jobs().finish(&job).await
        })
        .await?;
    Ok(())
}
