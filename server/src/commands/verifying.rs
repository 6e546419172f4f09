//! Verifies the log in a database, and the tree that is stored with it.

use anyhow::{Context as _, Result, ensure};
use audit_verify::{LogReader, Trust, Verdict};
use store::{KeptHead, KeptLog};

/// Verifies the log in this database as far as it says that it goes; what is logged meanwhile is not looked at.
pub async fn verify_database(url: &str, trust: &Trust) -> Result<Verdict> {
    let log = KeptLog::open(url).await.context("cannot open the database")?;
    let (head, notes) = (log.head().await?, log.notes().await?);
    let reader = read_entries(&log, head.size).await?;
    read_tree(&log, &reader, &head).await?;
    let verdict = reader.conclude(&notes, &log.verifier_keys().await?, trust)?;
    log.close().await?;
    Ok(verdict)
}

async fn read_entries(log: &KeptLog, size: u64) -> Result<LogReader> {
    let mut reader = LogReader::default();
    while reader.size() < size {
        let entries = log.entries(i64::try_from(reader.size())?).await?;
        ensure!(!entries.is_empty(), "the log says {size} entries, and there are {}", reader.size());
        for entry in entries.iter().take(usize::try_from(size - reader.size())?) {
            reader.add(entry)?;
        }
    }
    Ok(reader)
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
