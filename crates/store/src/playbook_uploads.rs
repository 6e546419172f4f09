//! Uploads of playbooks: which version was put in force by whom, in order. What an upload means for a run is decided elsewhere.

use std::collections::BTreeMap;

use domain::digest::Digest;
use domain::id::{PlaybookId, UserId};
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entity::playbook_uploads::{ActiveModel, Column, Entity};
use crate::entity::playbook_versions;
use crate::error::StoreError;
use crate::nouns::{PlaybookUploads, Reads};
use crate::numbers::Numbered;
use crate::playbook_versions::PlaybookVersion;
use crate::rows::word;
use crate::users::{reference, usernames};
use crate::write::Tx;

/// An upload of a version that is stored already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUpload {
    pub playbook_id: PlaybookId,
    pub digest: Digest,
    pub author: UserId,
    pub created_at: Timestamp,
}

impl<D: Reads> PlaybookUploads<'_, D> {
    /// The number of the newest upload; 0 if there is none. It rises with every upload, whoever made it.
    pub async fn newest_number(&self) -> Result<i64, StoreError> {
        let newest = Entity::find().select_only().column(Column::Id).order_by_desc(Column::Id).limit(1);
        Ok(newest.into_tuple::<i64>().one(self.0.connected()).await?.unwrap_or(0))
    }

    /// The version of each playbook that was uploaded last.
    pub async fn list_in_force(&self) -> Result<Vec<PlaybookVersion>, StoreError> {
        let last = Query::select().expr(Column::Id.into_expr().max()).from(Entity).group_by_col(Column::PlaybookId).to_owned();
        let digests = Query::select().column(Column::Digest).from(Entity).and_where(Column::Id.in_subquery(last)).to_owned();
        let versions = playbook_versions::Entity::find().filter(playbook_versions::Column::Digest.in_subquery(digests));
        versions.all(self.0.connected()).await?.into_iter().map(PlaybookVersion::try_from).collect()
    }

    /// Everybody who ever uploaded this version.
    pub async fn authors_of(&self, digest: &Digest) -> Result<Vec<UserId>, StoreError> {
        let uploads = Entity::find().select_only().column(Column::Author).filter(Column::Digest.eq(digest.to_string()));
        let authors: Vec<String> = uploads.distinct().into_tuple().all(self.0.connected()).await?;
        authors.iter().map(|author| word(author)).collect()
    }

    /// Who uploaded each version of a playbook last, by digest.
    pub async fn last_authors(&self, id: &PlaybookId) -> Result<BTreeMap<Digest, UserRef>, StoreError> {
        let of_playbook = Entity::find().filter(Column::PlaybookId.eq(id.as_str())).order_by_asc(Column::Id);
        let rows = of_playbook.all(self.0.connected()).await?;
        let names = usernames(self.0.connected(), rows.iter().map(|row| row.author.clone()).collect()).await?;
        rows.iter().map(|row| Ok((word(&row.digest)?, reference(&names, &row.author)?))).collect()
    }
}

impl PlaybookUploads<'_, Tx> {
    /// Adds an upload, which is in force from now on.
    pub async fn insert(&self, upload: &NewUpload) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(self.0.next_number(Numbered::PlaybookUploads).await?),
            playbook_id: Set(upload.playbook_id.to_string()),
            digest: Set(upload.digest.to_string()),
            author: Set(upload.author.to_string()),
            created_at: Set(upload.created_at.unix_ms()),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }
}
