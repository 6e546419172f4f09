//! The whole log as lines, read a block at a time: what it is, each entry, and the signed heads, the newest over all of them.

use std::sync::Arc;

use api::ApiError;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use serde_json::json;
use store::{ExportedEntry, StoreError};

use crate::checkpoints;
use crate::core::Core;
use crate::error::ServiceError;

const FORMAT: &str = "countersign-audit-export/1";
/// Entries that are read at once.
const ENTRIES_AT_ONCE: u64 = 500;
/// Signed heads that are read at once.
const HEADS_AT_ONCE: u64 = 500;

type Lines = BoxStream<'static, Result<String, ApiError>>;

/// The lines, of the log as it is now.
pub async fn export(core: &Arc<Core>) -> Result<Lines, ServiceError> {
    let erasures = core.store.audit().erasure_count().await?;
    let newest = checkpoints::make(core).await?;
    let keys: Vec<String> = core.store.audit().signing_keys().await?.into_iter().map(|key| key.verifier).collect();
    let head = json!({ "format": FORMAT, "origin": core.log_origin, "verifier_key": keys, "size": newest.size });
    let begin = stream::iter([Ok(format!("{head}\n"))]);
    let entries = entries(Arc::clone(core), newest.size).chain(none_erased(Arc::clone(core), erasures));
    Ok(begin.chain(entries).chain(heads(Arc::clone(core), newest.size)).boxed())
}

/// An export breaks off when a detail was erased meanwhile: the entry that says so is not in it, and whoever verified it would find the detail missing.
fn none_erased(core: Arc<Core>, before: u64) -> Lines {
    let check = async move {
        let now = core.store.audit().erasure_count().await.map_err(ServiceError::from)?;
        if now == before {
            return Ok(());
        }
        Err(ServiceError::Store(StoreError::Stale("the audit log".to_owned())).into())
    };
    stream::once(check).filter_map(|checked: Result<(), ApiError>| async move { checked.err().map(Err) }).boxed()
}

fn entries(core: Arc<Core>, size: u64) -> Lines {
    let block = move |from: u64| {
        let core = Arc::clone(&core);
        async move {
            if from >= size {
                return Ok(None);
            }
            let wanted = ENTRIES_AT_ONCE.min(size - from);
            let found = core.store.audit().exported(from, wanted).await.map_err(ServiceError::from)?;
            if found.len() as u64 != wanted {
                return Err(ServiceError::Corrupt(format!("entries of the log are missing from {from} on")).into());
            }
            Ok(Some((found.iter().map(line).collect(), from + wanted)))
        }
    };
    stream::try_unfold(0, block).boxed()
}

/// The leaf and the detail are put in as they are stored: they are JSON already.
fn line(entry: &ExportedEntry) -> String {
    let detail = match &entry.detail {
        Some((salt, value)) => format!("{{\"salt\":\"{salt}\",\"value\":{value}}}"),
        None => "null".to_owned(),
    };
    format!("{{\"leaf\":{},\"detail\":{detail}}}\n", entry.leaf)
}

fn heads(core: Arc<Core>, size: u64) -> Lines {
    let block = move |after: Option<u64>| {
        let core = Arc::clone(&core);
        async move {
            let found = core.store.audit().heads_after(after, size, HEADS_AT_ONCE).await.map_err(ServiceError::from)?;
            let Some(last) = found.last().map(|head| head.size) else { return Ok(None) };
            let lines = found.iter().map(|head| format!("{}\n", json!({ "checkpoint": head.note }))).collect();
            Ok(Some((lines, Some(last))))
        }
    };
    stream::try_unfold(None, block).boxed()
}
