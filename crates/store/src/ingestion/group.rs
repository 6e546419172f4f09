//! Taking a group in: everything in one savepoint, and only if that fails one by one, so that a bad alert harms only itself; then
//! the answers that are kept. The transaction is begun and ended by the writer.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;

use domain::idempotency::{Claim, ClaimPlace};
use futures::FutureExt;
use sea_orm::ConnectionTrait;

use super::{IngestRequest, Ingested, Posting, Results, candidates, saving};
use crate::error::StoreError;
use crate::write::Tx;

/// Takes postings in; one outcome for each, in the same order. An error means that the transaction itself is broken, and nothing of
/// it may stay.
pub(crate) async fn ingest_group(tx: &Tx, postings: &[Posting]) -> Result<Vec<Result<Results, StoreError>>, StoreError> {
    let is_claimed = claimed(tx, postings).await?;
    let live = || postings.iter().zip(&is_claimed).filter(|(_, claimed)| !**claimed).map(|(posting, _)| posting);
    let requests: Vec<&IngestRequest> = live().flat_map(|posting| &posting.requests).collect();
    let mut results = ingest_all(tx, &requests).await?.into_iter();
    let outcomes = postings.iter().zip(&is_claimed).map(|(posting, claimed)| match claimed {
        true => Err(StoreError::Claimed),
        false => Ok(results.by_ref().take(posting.requests.len()).collect()),
    });
    let outcomes: Vec<Result<Results, StoreError>> = outcomes.collect();
    keep_answers(tx, postings, &outcomes).await?;
    Ok(outcomes)
}

/// Which postings were done before, or stand twice in this group.
async fn claimed(tx: &Tx, postings: &[Posting]) -> Result<Vec<bool>, StoreError> {
    let claims: Vec<&Claim> = postings.iter().filter_map(|posting| Some(posting.keeping.as_ref()?.claim.as_ref())).collect();
    let mut taken: HashSet<&ClaimPlace> = tx.kept_answers().taken(&claims).await?.into_iter().collect();
    let claimed = postings.iter().map(|posting| match &posting.keeping {
        Some(keeping) => !taken.insert(&keeping.claim.place),
        None => false,
    });
    Ok(claimed.collect())
}

async fn keep_answers(tx: &Tx, postings: &[Posting], outcomes: &[Result<Results, StoreError>]) -> Result<(), StoreError> {
    for (posting, outcome) in postings.iter().zip(outcomes) {
        let (Some(keeping), Ok(results)) = (&posting.keeping, outcome) else { continue };
        if let Some(answer) = (keeping.answer)(results) {
            tx.kept_answers().insert(&keeping.claim, &answer).await?;
        }
    }
    Ok(())
}

async fn ingest_all(tx: &Tx, requests: &[&IngestRequest]) -> Result<Results, StoreError> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    match in_savepoint(tx, requests).await? {
        Ok(ingested) => Ok(ingested.into_iter().map(Ok).collect()),
        Err(error) if requests.len() == 1 => Ok(vec![Err(error)]),
        Err(_) => one_by_one(tx, requests).await,
    }
}

async fn one_by_one(tx: &Tx, requests: &[&IngestRequest]) -> Result<Results, StoreError> {
    let mut results = Vec::with_capacity(requests.len());
    for request in requests {
        let result = in_savepoint(tx, std::slice::from_ref(request)).await?;
        if result.is_ok() {
            tx.release().await?;
        }
        results.push(result.and_then(|mut ingested| ingested.pop().ok_or(StoreError::Abandoned)));
    }
    Ok(results)
}

/// The savepoint of what was taken in stays; it ends with the transaction at the latest.
async fn in_savepoint(tx: &Tx, requests: &[&IngestRequest]) -> Result<Result<Vec<Ingested>, StoreError>, StoreError> {
    tx.savepoint().await?;
    let result = AssertUnwindSafe(take_in(tx, requests)).catch_unwind().await.unwrap_or(Err(StoreError::Abandoned));
    if result.is_err() {
        tx.roll_back().await?;
    }
    Ok(result)
}

async fn take_in(tx: &Tx, requests: &[&IngestRequest]) -> Result<Vec<Ingested>, StoreError> {
    let received_at = tx.surroundings().now();
    let mut board = candidates::look_up(tx, requests, received_at).await?;
    for request in requests {
        board.place(request)?;
    }
    saving::save(tx, board).await
}

impl Tx {
    /// Begins a part that can be taken back by itself; parts do not stand within one another.
    pub(crate) async fn savepoint(&self) -> Result<(), StoreError> {
        self.connection().execute_unprepared("SAVEPOINT waiting").await?;
        Ok(())
    }

    /// Ends the part; its writes stay.
    pub(crate) async fn release(&self) -> Result<(), StoreError> {
        self.connection().execute_unprepared("RELEASE waiting").await?;
        Ok(())
    }

    /// Ends the part; its writes are taken back.
    pub(crate) async fn roll_back(&self) -> Result<(), StoreError> {
        self.connection().execute_unprepared("ROLLBACK TO waiting; RELEASE waiting").await?;
        Ok(())
    }
}
