//! The abilities together, and who asks for them.

use std::ops::Deref;
use std::sync::Arc;

use domain::access::Actor;
use domain::id::CorrelationId;
use domain::idempotency::Claim;

use crate::alerts::Alerts;
use crate::answers::Answers;
use crate::api_keys::ApiKeys;
use crate::approvals::Approvals;
use crate::audit::Audit;
use crate::changes::Changes;
use crate::health::Health;
use crate::incidents::Incidents;
use crate::metrics::Metrics;
use crate::overview::Overview;
use crate::people::People;
use crate::playbooks::Playbooks;
use crate::runs::Runs;
use crate::saved_views::SavedViews;
use crate::sessions::Sessions;
use crate::users::Users;

/// Everything the product can do. Cheap to clone: with every request it is, several times.
#[derive(Clone)]
pub struct Backend(Arc<Abilities>);

impl From<Abilities> for Backend {
    fn from(abilities: Abilities) -> Self {
        Self(Arc::new(abilities))
    }
}

impl Deref for Backend {
    type Target = Abilities;

    fn deref(&self) -> &Abilities {
        &self.0
    }
}

/// What the product can do, each noun by itself.
pub struct Abilities {
    pub alerts: Arc<dyn Alerts>,
    pub answers: Arc<dyn Answers>,
    pub api_keys: Arc<dyn ApiKeys>,
    pub approvals: Arc<dyn Approvals>,
    pub audit: Arc<dyn Audit>,
    pub changes: Arc<dyn Changes>,
    pub health: Arc<dyn Health>,
    pub incidents: Arc<dyn Incidents>,
    pub metrics: Arc<dyn Metrics>,
    pub overview: Arc<dyn Overview>,
    pub people: Arc<dyn People>,
    pub playbooks: Arc<dyn Playbooks>,
    pub runs: Arc<dyn Runs>,
    pub sessions: Arc<dyn Sessions>,
    pub users: Arc<dyn Users>,
    pub saved_views: Arc<dyn SavedViews>,
}

/// Who asks, and the request that it belongs to.
#[derive(Clone, Debug)]
pub struct Caller {
    pub actor: Actor,
    pub correlation_id: CorrelationId,
    /// The address block that the request came from (/24 or /48), for throttles.
    pub network: String,
    /// What this request may do only once, if it carries an idempotency key.
    pub claim: Option<Arc<Claim>>,
}
