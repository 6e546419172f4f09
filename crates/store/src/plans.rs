//! Plans as they were signed: the canonical JSON by its digest. A plan is stored once and never changes.

use std::collections::HashMap;

use domain::digest::Digest;
use domain::id::IncidentId;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::entity::plans::{ActiveModel, Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Plans, Reads};
use crate::rows::word;
use crate::write::Tx;

/// A plan, or the rest of one at a gate, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPlan {
    pub digest: Digest,
    pub incident_id: IncidentId,
    /// The canonical JSON whose digest it is.
    pub body: String,
    pub created_at: Timestamp,
}

impl<D: Reads> Plans<'_, D> {
    /// The canonical JSON of the plan with this digest.
    pub async fn find_body(&self, digest: &Digest) -> Result<Option<String>, StoreError> {
        Ok(Entity::find_by_id(digest.to_string()).one(self.0.connected()).await?.map(|row| row.body))
    }

    /// The canonical JSON of these plans, by digest; unknown digests are left out.
    pub async fn bodies(&self, digests: &[Digest]) -> Result<HashMap<Digest, String>, StoreError> {
        if digests.is_empty() {
            return Ok(HashMap::new());
        }
        let known = Entity::find().filter(Column::Digest.is_in(digests.iter().map(ToString::to_string)));
        let rows = known.all(self.0.connected()).await?;
        rows.into_iter().map(|row| Ok((word(&row.digest)?, row.body))).collect()
    }

    /// The same; an error if there is no such plan.
    pub async fn get_body(&self, digest: &Digest) -> Result<String, StoreError> {
        self.find_body(digest).await?.ok_or_else(|| StoreError::NotFound(format!("plan {digest}")))
    }
}

impl Plans<'_, Tx> {
    /// Adds a plan unless it is there already: the same text has the same digest.
    pub async fn insert_if_new(&self, plan: &StoredPlan) -> Result<(), StoreError> {
        if self.find_body(&plan.digest).await?.is_some() {
            return Ok(());
        }
        let row = ActiveModel {
            digest: Set(plan.digest.to_string()),
            incident_id: Set(plan.incident_id.number()),
            body: Set(plan.body.clone()),
            created_at: Set(plan.created_at.unix_ms()),
        };
        let known = OnConflict::column(Column::Digest).do_nothing().to_owned();
        Entity::insert(row).on_conflict(known).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }
}
