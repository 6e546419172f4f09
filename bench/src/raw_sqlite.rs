//! What ingestion in batches is compared with: the shortest program that makes the same bytes durable in one SQLite table.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use rusqlite::Connection;

use crate::alerts;
use crate::load::{Stopwatch, per_second};

const ROWS_PER_TRANSACTION: u64 = 1_000;

/// Rows a second, in transactions of 1,000 rows with `synchronous=FULL`.
pub fn rows_per_second(file: &Path, duration: Duration) -> Result<f64> {
    let mut connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE raw (id INTEGER PRIMARY KEY, body BLOB NOT NULL);",
    )?;
    let mut spent = Duration::ZERO;
    let mut rows = 0;
    while spent < duration {
        let bodies: Vec<Vec<u8>> = (rows..rows + ROWS_PER_TRANSACTION).map(alerts::body).collect();
        let watch = Stopwatch::start();
        insert(&mut connection, &bodies)?;
        spent += watch.elapsed();
        rows += ROWS_PER_TRANSACTION;
    }
    Ok(per_second(rows, spent))
}

fn insert(connection: &mut Connection, bodies: &[Vec<u8>]) -> Result<()> {
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO raw (body) VALUES (?1)")?;
        for body in bodies {
            insert.execute([body])?;
        }
    }
    Ok(transaction.commit()?)
}
