//! Verifies the log in a database, and the tree that is stored with it.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use audit_verify::{Fault, LogReader, ReadEntry, Trust, Verdict};
use futures::{StreamExt as _, stream};
use store::{KeptHead, KeptLog};

/// Entries that are read at once.
const BLOCK: usize = 500;
/// Blocks that are read or looked at side by side.
const BLOCKS_AT_ONCE: usize = 4;

/// Verifies the log in this database as far as it says that it goes. What is logged meanwhile is looked at only where it says why a detail is gone.
pub async fn verify_database(url: &str, trust: &Trust) -> Result<Verdict> {
    let log = KeptLog::open(url).await.context("cannot open the database")?;
    // In this order: a head that is signed meanwhile covers more entries.
    let (erasures, notes, head) = (log.erasures().await?, log.notes().await?, log.head().await?);
    let mut reader = LogReader::default();
    read_entries(&log, &mut reader, head.size).await?;
    if reader.erasures().expect_none_vanished().is_err() {
        read_on(&log, &mut reader).await?;
    }
    let (reader, trust, carried) = (Arc::new(reader), trust.clone(), log.verifier_keys().await?);
    let of_heads = Arc::clone(&reader);
    let concluded = tokio::task::spawn_blocking(move || of_heads.conclude(&notes, &carried, &trust));
    // The tree that is stored is made anew meanwhile.
    let tree = read_tree(&log, &reader, &head).await;
    let verdict = concluded.await?;
    tree?;
    let verdict = verdict?;
    let faults = log.detail_faults(reader.details(), reader.erasures(), &erasures).await?;
    log.close().await?;
    faults.into_iter().next().map_or(Ok(verdict), |fault| Err(Fault::Entry(fault).into()))
}

/// Verifies that the database guards what it holds as this version makes it; gives what else is there.
pub async fn verify_guards(url: &str) -> Result<Vec<String>> {
    let log = KeptLog::open(url).await.context("cannot open the database")?;
    let report = log.guards().await?;
    log.close().await?;
    report.expect_sound()?;
    Ok(report.noted)
}

/// Reads the entries up to this size. Blocks of them are read and looked at side by side, on all processors, and taken in order.
async fn read_entries(log: &KeptLog, reader: &mut LogReader, size: u64) -> Result<()> {
    let starts = (reader.size()..size).step_by(BLOCK);
    let blocks = starts.map(|start| read_block(log.clone(), start..size.min(start + BLOCK as u64)));
    let mut blocks = stream::iter(blocks).buffered(BLOCKS_AT_ONCE);
    while let Some(block) = blocks.next().await {
        let Block { entries, is_whole } = block?;
        entries.into_iter().try_for_each(|entry| reader.take(entry?))?;
        if !is_whole {
            return read_rest(log, reader, size).await;
        }
    }
    Ok(())
}

/// Entries that were looked at by themselves.
struct Block {
    entries: Vec<Result<ReadEntry, Fault>>,
    /// Is an entry there for each place?
    is_whole: bool,
}

async fn read_block(log: KeptLog, places: Range<u64>) -> Result<Block> {
    let stored = log.entries_in(i64::try_from(places.start)?..i64::try_from(places.end)?).await?;
    let is_whole = stored.len() as u64 == places.end - places.start;
    let look = move || stored.iter().zip(places).map(|(entry, place)| ReadEntry::new(entry, place)).collect();
    Ok(Block { entries: tokio::task::spawn_blocking(look).await?, is_whole })
}

/// The same one after another, from a place where an entry is missing.
async fn read_rest(log: &KeptLog, reader: &mut LogReader, size: u64) -> Result<()> {
    while reader.size() < size {
        let entries = log.entries(i64::try_from(reader.size())?).await?;
        ensure!(!entries.is_empty(), "the log says {size} entries, and there are {}", reader.size());
        for entry in entries.iter().take(usize::try_from(size - reader.size())?) {
            reader.add(entry)?;
        }
    }
    Ok(())
}

/// A detail may have been erased while the log was read: the entry that says so is committed with it, and waits for its place or has it.
async fn read_on(log: &KeptLog, reader: &mut LogReader) -> Result<()> {
    let pending = log.pending().await?;
    reader.read_on();
    read_entries(log, reader, log.head().await?.size).await?;
    reader.excuse(&pending);
    Ok(())
}

async fn read_tree(log: &KeptLog, reader: &LogReader, head: &KeptHead) -> Result<()> {
    let mut tree = reader.tree(head.tree_size)?;
    let mut from = 0;
    loop {
        let nodes = log.nodes(head, from).await?;
        let Some(last) = nodes.last() else { break };
        from = last.position + 1;
        nodes.into_iter().try_for_each(|node| tree.add(node))?;
    }
    Ok(tree.end(head.edge.as_deref())?)
}
