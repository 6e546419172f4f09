//! Entries on their way into the log, on PostgreSQL: each change commits its own, and whoever holds the head gives them their places, in the order
//! in which they were written. So changes do not wait for each other's commits, and the log has no gap.

use domain::audit::{EntryDraft, SALT_BYTES, Seal, SealedEntry};
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult as _, QueryResult, Set, Statement};

use super::Grown;
use crate::batch::Batch;
use crate::entity::audit_pending;
use crate::error::StoreError;
use crate::nouns::Audit;
use crate::rows::{json, time, to_json, word};
use crate::write::{Tx, Writes};

/// What was given its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// How many entries.
    pub count: usize,
    /// How large the log is now; 0 if nothing was placed.
    pub size: i64,
}

impl Audit<'_, Tx> {
    /// Keeps entries until they get their places, which is after this transaction is committed.
    pub(crate) fn hold(&self, batch: &mut Writes<'_>, drafts: impl Iterator<Item = EntryDraft>) -> Result<(), StoreError> {
        let surroundings = self.0.surroundings();
        let row = |draft: EntryDraft| {
            Ok(audit_pending::ActiveModel {
                entry_id: Set(surroundings.uuid().to_string()),
                at: Set(surroundings.now().unix_ms()),
                salt: Set(hex::encode(surroundings.salt())),
                draft: Set(to_json(&draft)?),
                ..Default::default()
            })
        };
        batch.insert_all(drafts.map(row).collect::<Result<_, StoreError>>()?);
        Ok(())
    }

    /// Gives entries their places, at most so many. The head stays locked until the transaction ends, so that replicas do it one after another.
    pub(crate) async fn place(&self, limit: u64) -> Result<Placed, StoreError> {
        let take = Statement::from_sql_and_values(DbBackend::Postgres, TAKE, [limit.into()]);
        let mut taken = self.0.connection().query_all_raw(take).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        taken.sort_unstable_by_key(|(row, _)| row.number);
        let count = taken.len();
        let (rows, heads): (Vec<_>, Vec<_>) = taken.into_iter().unzip();
        let Some(head) = heads.into_iter().next() else { return Ok(Placed { count, size: 0 }) };
        let entries = rows.into_iter().zip(head.size..).map(sealed).collect::<Result<_, _>>()?;
        let mut batch = Batch::on(self.0.connection());
        let size = self.insert(&mut batch, head, entries).await?;
        batch.send().await?;
        Ok(Placed { count, size })
    }
}

/// Locks the head, and takes the oldest entries away. Whoever waited for the lock finds those taken that another one placed meanwhile. The
/// rows are told by their numbers: one with a smaller number may be committed later, and must not be taken unseen.
const TAKE: &str = "
WITH head AS (UPDATE audit_head SET size = size WHERE id = 1 RETURNING size, tree_size, edge),
    oldest AS (SELECT number FROM audit_pending ORDER BY number LIMIT $1)
DELETE FROM audit_pending AS pending USING head, oldest WHERE pending.number = oldest.number
RETURNING pending.number, pending.entry_id, pending.at, pending.salt, pending.draft, head.size, head.tree_size, head.edge";

fn read(row: &QueryResult) -> Result<(audit_pending::Model, Grown), StoreError> {
    Ok((audit_pending::Model::from_query_result(row, "")?, Grown::read(row)?))
}

fn sealed((row, seq): (audit_pending::Model, i64)) -> Result<SealedEntry, StoreError> {
    let mut salt = [0; SALT_BYTES];
    hex::decode_to_slice(&row.salt, &mut salt).map_err(|error| StoreError::Corrupt(format!("a pending salt: {error}")))?;
    let id = word(&row.entry_id)?;
    let draft: EntryDraft = json(&row.draft)?;
    Ok(draft.seal(Seal { seq, id, at: time(row.at), salt }))
}
