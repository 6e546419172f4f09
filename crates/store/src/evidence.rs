//! Files kept with incidents as rows: what is known about each, and its bytes in pieces, so that a large file holds up nobody. The
//! database itself refuses any change to a file that is on record.

use domain::digest::Digest;
use domain::evidence::Evidence;
use domain::id::{EvidenceId, IncidentId, RunId, UserId};
use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use uuid::Uuid;

use crate::entity::evidence::{ActiveModel, Column, Entity, Model};
use crate::entity::evidence_pieces;
use crate::error::StoreError;
use crate::nouns::{EvidenceFiles, Reads};
use crate::numbers::Numbered;
use crate::rows::{big, small, time, word};
use crate::store::Store;
use crate::users::{maybe_reference, usernames};
use crate::write::{Tx, Untrailed};

/// How long pieces without a file are left alone, in milliseconds: an upload takes no longer than this.
const UPLOAD_MS_MAX: i64 = 3_600_000;

/// A file whose pieces are all there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvidence {
    pub incident_id: IncidentId,
    pub upload: Uuid,
    pub name: String,
    pub size: u64,
    pub sha256: Digest,
    /// `None` if a run captured it that started by itself.
    pub added_by: Option<UserId>,
    /// The run that captured it.
    pub run_id: Option<RunId>,
    pub added_at: Timestamp,
}

/// A file on record, and where its pieces are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvidence {
    pub evidence: Evidence,
    pub upload: Uuid,
}

impl Store {
    /// Keeps one piece of a file that is being received.
    pub async fn keep_piece(&self, upload: Uuid, position: usize, bytes: Vec<u8>, at: Timestamp) -> Result<(), StoreError> {
        self.write_untrailed_bytes(Untrailed::Upload, bytes.len(), move |tx| async move {
            tx.evidence_files().insert_piece(upload, position, bytes, at).await
        })
        .await
    }

    /// Forgets what was received of a file that is not on record.
    pub async fn drop_pieces(&self, upload: Uuid) -> Result<(), StoreError> {
        self.write_untrailed(Untrailed::Upload, move |tx| async move {
            let of_upload = evidence_pieces::Entity::delete_many().filter(evidence_pieces::Column::Upload.eq(upload.to_string()));
            of_upload.exec(tx.connection()).await?;
            Ok(())
        })
        .await
    }

    /// Forgets what is left of uploads that broke off with their server, an hour ago or earlier.
    pub async fn drop_lost_pieces(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write_untrailed(Untrailed::Upload, move |tx| async move {
            let on_record = Entity::find().select_only().column(Column::Upload);
            evidence_pieces::Entity::delete_many()
                .filter(evidence_pieces::Column::ReceivedAt.lt(now.plus_ms(-UPLOAD_MS_MAX).unix_ms()))
                .filter(evidence_pieces::Column::Upload.not_in_subquery(sea_orm::QueryTrait::into_query(on_record)))
                .exec(tx.connection())
                .await?;
            Ok(())
        })
        .await
    }
}

impl<D: Reads> EvidenceFiles<'_, D> {
    /// The file with this id.
    pub async fn find(&self, id: EvidenceId) -> Result<Option<StoredEvidence>, StoreError> {
        let row = Entity::find_by_id(id.number()).one(self.0.connected()).await?;
        Ok(self.complete(row.into_iter().collect()).await?.pop())
    }

    /// The newest files of an incident, the newest first.
    pub async fn list_of_incident(&self, incident_id: IncidentId, limit: u64) -> Result<Vec<Evidence>, StoreError> {
        let of_incident = Entity::find().filter(Column::IncidentId.eq(incident_id.number()));
        let rows = of_incident.order_by_desc(Column::Id).limit(limit).all(self.0.connected()).await?;
        Ok(self.complete(rows).await?.into_iter().map(|stored| stored.evidence).collect())
    }

    /// How many files an incident has.
    pub async fn count_of_incident(&self, incident_id: IncidentId) -> Result<u64, StoreError> {
        Ok(Entity::find().filter(Column::IncidentId.eq(incident_id.number())).count(self.0.connected()).await?)
    }

    /// One piece of a file; `None` behind the last one.
    pub async fn find_piece(&self, upload: Uuid, position: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let found = evidence_pieces::Entity::find_by_id((upload.to_string(), big(position))).one(self.0.connected()).await?;
        Ok(found.map(|piece| piece.bytes))
    }

    async fn complete(&self, rows: Vec<Model>) -> Result<Vec<StoredEvidence>, StoreError> {
        let names = usernames(self.0.connected(), rows.iter().filter_map(|row| row.added_by.clone()).collect()).await?;
        rows.into_iter()
            .map(|row| {
                let evidence = Evidence {
                    id: EvidenceId::new(row.id),
                    incident_id: IncidentId::new(row.incident_id),
                    name: row.name,
                    size: small(row.size)?,
                    sha256: word(&row.sha256)?,
                    added_by: maybe_reference(&names, row.added_by.as_deref())?,
                    run_id: row.run_id.map(RunId::new),
                    added_at: time(row.added_at),
                };
                Ok(StoredEvidence { evidence, upload: word(&row.upload)? })
            })
            .collect()
    }
}

impl EvidenceFiles<'_, Tx> {
    /// One piece of a file that is not on record yet.
    pub async fn insert_piece(&self, upload: Uuid, position: usize, bytes: Vec<u8>, at: Timestamp) -> Result<(), StoreError> {
        let row = evidence_pieces::ActiveModel {
            upload: Set(upload.to_string()),
            position: Set(big(position)),
            bytes: Set(bytes),
            received_at: Set(at.unix_ms()),
        };
        evidence_pieces::Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }

    /// Puts a file on record; from then on it cannot be changed.
    pub async fn insert(&self, new: &NewEvidence) -> Result<EvidenceId, StoreError> {
        let number = self.0.next_number(Numbered::Evidence).await?;
        let row = ActiveModel {
            id: Set(number),
            incident_id: Set(new.incident_id.number()),
            upload: Set(new.upload.to_string()),
            name: Set(new.name.clone()),
            size: Set(i64::try_from(new.size).unwrap_or(i64::MAX)),
            sha256: Set(new.sha256.to_string()),
            added_by: Set(new.added_by.map(|id| id.to_string())),
            run_id: Set(new.run_id.map(RunId::number)),
            added_at: Set(new.added_at.unix_ms()),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(EvidenceId::new(number))
    }
}
