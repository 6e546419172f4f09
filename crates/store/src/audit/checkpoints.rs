//! Signed heads of the log, and the keys that sign them. How a head is signed is not known here.

use std::collections::BTreeSet;

use domain::audit::{AuditAction, Target};
use domain::id::{ApprovalId, IncidentId};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::leaves;
use crate::entity::{audit_checkpoints, audit_entries, audit_keys};
use crate::error::StoreError;
use crate::nouns::{Audit, Reads};
use crate::rows::{small, time};
use crate::write::Tx;

/// A signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// How many entries it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
    pub made_at: Timestamp,
}

/// A key that signs heads from some size of the log on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    pub since: u64,
    /// Its verifier key.
    pub verifier: String,
    pub added_at: Timestamp,
}

impl<D: Reads> Audit<'_, D> {
    /// The newest signed head.
    pub async fn newest_head(&self) -> Result<Option<SignedHead>, StoreError> {
        let newest = audit_checkpoints::Entity::find().order_by_desc(audit_checkpoints::Column::Size);
        newest.one(self.0.connected()).await?.map(head).transpose()
    }

    /// The signed head of this size.
    pub async fn find_head(&self, size: u64) -> Result<Option<SignedHead>, StoreError> {
        let Ok(size) = i64::try_from(size) else { return Ok(None) };
        audit_checkpoints::Entity::find_by_id(size).one(self.0.connected()).await?.map(head).transpose()
    }

    /// The smallest signed head that covers the entry with this `seq`.
    pub async fn head_over(&self, seq: i64) -> Result<Option<SignedHead>, StoreError> {
        let over = audit_checkpoints::Entity::find().filter(audit_checkpoints::Column::Size.gt(seq));
        over.order_by_asc(audit_checkpoints::Column::Size).one(self.0.connected()).await?.map(head).transpose()
    }

    /// Are there entries with all these `seq`, and does each concern an incident?
    pub async fn concern_incidents(&self, seqs: &[i64]) -> Result<bool, StoreError> {
        let wanted: BTreeSet<i64> = seqs.iter().copied().collect();
        let found = audit_entries::Entity::find()
            .filter(audit_entries::Column::Seq.is_in(wanted.iter().copied()))
            .filter(audit_entries::Column::IncidentId.is_not_null());
        Ok(found.count(self.0.connected()).await? == wanted.len() as u64)
    }

    /// The `seq` of the last decision on an approval of this incident.
    pub async fn decision_on(&self, approval: ApprovalId, incident: IncidentId) -> Result<Option<i64>, StoreError> {
        let seq = audit_entries::Column::Seq;
        let decisions = audit_entries::Entity::find()
            .select_only()
            .columns([seq, audit_entries::Column::Leaf])
            .filter(audit_entries::Column::IncidentId.eq(incident.number()))
            .filter(audit_entries::Column::Action.eq(AuditAction::ApprovalDecided.as_str()));
        let decisions: Vec<(i64, String)> = decisions.order_by_desc(seq).into_tuple().all(self.0.connected()).await?;
        let wanted = Target::approval(approval);
        for (seq, leaf) in decisions {
            if leaves::target(seq, &leaf)? == wanted {
                return Ok(Some(seq));
            }
        }
        Ok(None)
    }

    /// Signed heads that cover more entries than the first number and at most as many as the second, in order.
    pub async fn heads_after(&self, after: Option<u64>, most: u64, limit: u64) -> Result<Vec<SignedHead>, StoreError> {
        let size = audit_checkpoints::Column::Size;
        let after = after.map(number).transpose()?.map(|after| size.gt(after));
        let within = audit_checkpoints::Entity::find().filter(size.lte(number(most)?)).filter(Condition::all().add_option(after));
        let rows = within.order_by_asc(size).limit(limit).all(self.0.connected()).await?;
        rows.into_iter().map(head).collect()
    }

    /// The keys, the oldest first; the last one signs.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        let rows = audit_keys::Entity::find().order_by_asc(audit_keys::Column::Since).all(self.0.connected()).await?;
        let key = |row: audit_keys::Model| {
            Ok(SigningKey { since: small(row.since)?, verifier: row.verifier, added_at: time(row.added_at) })
        };
        rows.into_iter().map(key).collect()
    }
}

impl Audit<'_, Tx> {
    /// Keeps a signed head, unless one of the same size is kept already; gives the one that is kept.
    pub async fn keep_head(&self, head: SignedHead) -> Result<SignedHead, StoreError> {
        let size = head.size;
        if let Some(kept) = self.find_head(size).await? {
            return Ok(kept);
        }
        let row = audit_checkpoints::ActiveModel {
            size: Set(number(size)?),
            note: Set(head.note),
            made_at: Set(head.made_at.unix_ms()),
        };
        let known = OnConflict::column(audit_checkpoints::Column::Size).do_nothing().to_owned();
        audit_checkpoints::Entity::insert(row).on_conflict(known).exec_without_returning(self.0.connection()).await?;
        self.find_head(size).await?.ok_or_else(|| StoreError::Corrupt(format!("the head of {size} entries was not kept")))
    }

    /// Puts a key on record that signs from now on.
    pub async fn add_signing_key(&self, key: SigningKey) -> Result<(), StoreError> {
        let row = audit_keys::ActiveModel {
            since: Set(number(key.since)?),
            verifier: Set(key.verifier),
            added_at: Set(key.added_at.unix_ms()),
        };
        row.insert(self.0.connection()).await?;
        Ok(())
    }
}

fn head(row: audit_checkpoints::Model) -> Result<SignedHead, StoreError> {
    Ok(SignedHead { size: small(row.size)?, note: row.note, made_at: time(row.made_at) })
}

fn number(size: u64) -> Result<i64, StoreError> {
    i64::try_from(size).map_err(|_| StoreError::Corrupt(format!("no log has {size} entries")))
}
