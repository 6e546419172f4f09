//! What all use cases share: the store, the playbooks, the connectors, the clock, and the check of a permission.

use std::sync::Arc;

use api::{Caller, Creation};
use connectors::Registry;
use domain::access::{Actor, Denied, Permission, authorize};
use domain::audit::{AuditAction, EntryDraft, Origin, Outcome, Target};
use domain::idempotency::{ClaimStanding, KeptAnswer};
use domain::sla::SlaRules;
use playbooks::notifications::NotificationRules;
use serde::Serialize;
use store::{IngestRules, SignedHead, Store, StoreError, Trail};
use tokio::sync::{Notify, watch};

use crate::changes::Feed;
use crate::clock::Clock;
use crate::error::ServiceError;
use crate::log_key::SigningKeys;
use crate::passwords::Passwords;
use crate::shelf::Shelf;
use crate::throttle::Throttle;

/// The HTTP status of what was changed.
const OK: u16 = 200;

/// Shared by all use cases of one process.
pub struct Core {
    pub store: Store,
    pub shelf: Shelf,
    pub registry: Registry,
    pub notifications: NotificationRules,
    pub clock: Clock,
    pub rules: Arc<IngestRules>,
    pub sla: SlaRules,
    pub passwords: Passwords,
    pub throttle: Throttle,
    pub feed: Feed,
    /// The log's name.
    pub log_origin: String,
    /// Sign the heads of the log.
    pub keys: Box<dyn SigningKeys>,
    /// The newest head that this process signed.
    pub signed: watch::Sender<Option<SignedHead>>,
    /// Rung when a job was written, so that a worker looks at once.
    pub work: Notify,
}

/// Who asks and which request it is, as the audit log names them.
pub fn origin(caller: &Caller) -> Origin {
    Origin { claim: caller.claim.clone(), ..Origin::request(&caller.actor, caller.correlation_id.clone()) }
}

/// What is kept for whoever repeats the request that made this.
pub fn kept(created: &impl Creation) -> KeptAnswer {
    let location = created.location().map(|location| ("location".to_owned(), location));
    KeptAnswer { status: created.status(), headers: location.into_iter().collect(), body: created.kept_body() }
}

/// What is kept for whoever repeats the request that changed this.
pub fn kept_view(changed: &impl Serialize) -> KeptAnswer {
    KeptAnswer { status: OK, headers: Vec::new(), body: serde_json::to_vec(changed).unwrap_or_default() }
}

/// Goes no further with a request that was answered before.
pub fn stop_if_answered(caller: &Caller) -> Result<(), ServiceError> {
    if is_answered(caller) { Err(StoreError::Claimed.into()) } else { Ok(()) }
}

/// Was this request answered before?
pub fn is_answered(caller: &Caller) -> bool {
    caller.claim.as_ref().is_some_and(|claim| claim.standing == ClaimStanding::Answered)
}

impl Core {
    /// Refuses a caller without this permission; a refusal of somebody known leaves an entry. A request that was answered before goes
    /// no further: whoever may still ask for it is answered again.
    pub async fn permit(&self, caller: &Caller, permission: Permission) -> Result<(), ServiceError> {
        self.check(caller, permission).await?;
        stop_if_answered(caller)
    }

    /// The same, where more is asked of the caller before [`stop_if_answered`].
    pub async fn check(&self, caller: &Caller, permission: Permission) -> Result<(), ServiceError> {
        let Err(denied) = authorize(&caller.actor, permission) else { return Ok(()) };
        if denied == Denied::Forbidden {
            self.record_denial(caller, permission).await?;
        }
        Err(denied.into())
    }

    async fn record_denial(&self, caller: &Caller, permission: Permission) -> Result<(), ServiceError> {
        let target = match &caller.actor {
            Actor::User(person) => Target::user(person.user.id),
            Actor::Key(key) => Target::api_key(key.id),
            Actor::Anonymous | Actor::System => return Ok(()),
        };
        let entry = EntryDraft::new(&origin(caller), AuditAction::AccessDenied, target)
            .outcome(Outcome::Denied)
            .fact("permission", permission.as_str());
        self.store.write(move |_| async move { Ok::<_, ServiceError>(Trail::new((), vec![entry])) }).await
    }
}
