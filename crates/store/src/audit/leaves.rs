//! What an entry says only in its leaf, which is the one thing that is hashed: the columns beside it are those that entries are found by.

use domain::audit::{AuditActor, Outcome, Target};
use domain::id::CorrelationId;
use migration::Dialect;
use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, SimpleExpr};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::StoreError;

/// What the leaf alone says.
#[derive(Deserialize)]
pub(super) struct Leaf {
    pub actor: AuditActor,
    pub target: Target,
    pub correlation_id: Option<CorrelationId>,
    pub outcome: Outcome,
    pub facts: Map<String, Value>,
}

/// Whom or what an entry concerns.
pub(super) fn target(seq: i64, leaf: &str) -> Result<Target, StoreError> {
    #[derive(Deserialize)]
    struct Concerning {
        target: Target,
    }
    read::<Concerning>(seq, leaf).map(|concerning| concerning.target)
}

/// What is wanted of the leaf of the entry with this `seq`.
pub(super) fn read<T: DeserializeOwned>(seq: i64, leaf: &str) -> Result<T, StoreError> {
    serde_json::from_str(leaf).map_err(|error| StoreError::Corrupt(format!("the leaf of entry {seq}: {error}")))
}

/// The kind of who acted, as the database reads it.
pub(super) fn actor_kind(backend: DbBackend) -> Result<SimpleExpr, StoreError> {
    said(backend, &["actor", "kind"])
}

/// The id of what an entry concerns, in the words of the index `audit_entries_by_erased`.
pub(super) fn target_id(backend: DbBackend) -> Result<SimpleExpr, StoreError> {
    said(backend, &["target", "id"])
}

fn said(backend: DbBackend, path: &[&str]) -> Result<SimpleExpr, StoreError> {
    Ok(Expr::cust(Dialect::of(backend)?.in_json("leaf", path)))
}
