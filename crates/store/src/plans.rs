//! Plans as they were signed: the canonical JSON by its digest. A plan is stored once and never changes; nobody reads one without the
//! comparison.

use std::collections::{BTreeSet, HashMap};

use domain::digest::Digest;
use domain::id::IncidentId;
use domain::sealed::Sealed;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Set};

use crate::entity::plans::{ActiveModel, Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Plans, Reads};
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
    /// What is stored as the canonical JSON of the plan with this digest.
    pub async fn get(&self, digest: &Digest) -> Result<Sealed<String>, StoreError> {
        let row = Entity::find_by_id(digest.to_string()).one(self.0.connected()).await?;
        Ok(Sealed::new(*digest, row.map(|row| row.body)))
    }

    /// The same of each of these plans, by digest.
    pub async fn list(&self, digests: &[Digest]) -> Result<HashMap<Digest, Sealed<String>>, StoreError> {
        if digests.is_empty() {
            return Ok(HashMap::new());
        }
        let known = Entity::find().filter(Column::Digest.is_in(digests.iter().map(ToString::to_string)));
        let rows = known.all(self.0.connected()).await?;
        let mut bodies: HashMap<String, String> = rows.into_iter().map(|row| (row.digest, row.body)).collect();
        let wanted: BTreeSet<Digest> = digests.iter().copied().collect();
        Ok(wanted.into_iter().map(|digest| (digest, Sealed::new(digest, bodies.remove(&digest.to_string())))).collect())
    }

    async fn is_known(&self, digest: &Digest) -> Result<bool, StoreError> {
        Ok(Entity::find_by_id(digest.to_string()).count(self.0.connected()).await? > 0)
    }
}

impl Plans<'_, Tx> {
    /// Adds a plan unless it is there already: the same text has the same digest.
    pub async fn insert_if_new(&self, plan: &StoredPlan) -> Result<(), StoreError> {
        if self.is_known(&plan.digest).await? {
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
