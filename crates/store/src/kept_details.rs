//! What a database keeps of the details of its log beside the entries themselves, compared with what the entries say: no detail of an entry that is
//! not there, and no erasure that no entry tells of.

use std::collections::BTreeSet;

use domain::audit::erasures::Erasures;
use domain::audit::verification::LogFault;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait as _, QuerySelect, Statement};

use crate::entity::{audit_detail, audit_erasures};
use crate::error::StoreError;

/// The first detail whose entry is not there. Both databases find it by one pass over each table.
const ORPHAN: &str = "
SELECT min(detail.entry_id) AS entry_id FROM audit_detail AS detail
LEFT JOIN audit_entries AS entry ON entry.entry_id = detail.entry_id WHERE entry.entry_id IS NULL";

/// The ids of entries whose details were erased, as the database keeps them.
pub type KeptErasures = BTreeSet<String>;

/// The erasures that are kept.
pub async fn erasures<C: ConnectionTrait>(connection: &C) -> Result<KeptErasures, StoreError> {
    let ids = audit_erasures::Entity::find().select_only().column(audit_erasures::Column::EntryId);
    Ok(ids.into_tuple::<String>().all(connection).await?.into_iter().collect())
}

/// What is wrong with the details that are kept, and with the erasures that were kept before the log was read. So many details were found
/// with their entries.
pub async fn faults<C: ConnectionTrait>(
    connection: &C,
    found: u64,
    said: &Erasures,
    before: &KeptErasures,
) -> Result<Vec<LogFault>, StoreError> {
    let mut faults: Vec<LogFault> = orphan(connection, found).await?.map(LogFault::Orphan).into_iter().collect();
    let ids: BTreeSet<&String> = said.erased().values().collect();
    faults.extend(before.iter().find(|id| !ids.contains(id)).cloned().map(LogFault::ErasureUnsaid));
    let kept = erasures(connection).await?;
    let unkept = said.erased().iter().find(|(_, id)| !kept.contains(*id));
    faults.extend(unkept.map(|(seq, _)| LogFault::ErasureNotKept(*seq)));
    Ok(faults)
}

/// As many details as were found leave none over, unless the log has grown since.
async fn orphan<C: ConnectionTrait>(connection: &C, found: u64) -> Result<Option<String>, StoreError> {
    if audit_detail::Entity::find().count(connection).await? == found {
        return Ok(None);
    }
    let statement = Statement::from_string(connection.get_database_backend(), ORPHAN);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.map_or(Ok(None), |row| row.try_get("", "entry_id"))?)
}
