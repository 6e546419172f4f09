//! A batch of alerts: each is checked by itself, the good ones are one write, and everyone gets their own result.

use std::sync::Arc;

use api::alerts::{BatchFormat, BatchReceipt, BatchResult};
use api::{ApiError, Caller, Creation as _, ProblemBody, ProblemCode};
use domain::alert::batch::{ALERT_BYTES_MAX, BatchRefusal, split_array, split_lines};
use domain::id::CorrelationId;
use store::{IngestRequest, Ingested, Keeping, Posting, StoreError};

use super::{count, receipt, request};
use crate::core::{Core, kept};
use crate::error::ServiceError;
use crate::metrics::count_alert;

/// Takes a batch in.
pub async fn ingest(core: &Core, caller: &Caller, format: BatchFormat, body: &[u8]) -> Result<BatchReceipt, ApiError> {
    let items = match format {
        BatchFormat::Array => split_array(body),
        BatchFormat::Lines => split_lines(body),
    };
    let checked = items.map_err(refused)?.into_iter().map(|item| check(core, caller, item));
    let (requests, batch) = Batch::of(checked, caller.correlation_id.clone());
    let batch = Arc::new(batch);
    let keeping = caller.claim.clone().map(|claim| {
        let batch = Arc::clone(&batch);
        Keeping { claim, answer: Box::new(move |results| Some(kept(&batch.receipt(results)))) }
    });
    let results = core.store.ingest_posting(Posting { requests, keeping }).await.map_err(ServiceError::from)?;
    count(&results);
    Ok(batch.receipt(&results))
}

fn refused(refusal: BatchRefusal) -> ApiError {
    match refusal {
        BatchRefusal::Malformed(detail) => ApiError::new(ProblemCode::Malformed, detail),
        BatchRefusal::Invalid(error) => ApiError::invalid(vec![error]),
    }
}

fn check(core: &Core, caller: &Caller, item: &[u8]) -> Result<IngestRequest, ApiError> {
    if item.len() > ALERT_BYTES_MAX {
        return Err(ApiError::new(ProblemCode::TooLarge, format!("an alert has at most {ALERT_BYTES_MAX} bytes")));
    }
    request(core, caller, item.to_vec())
}

/// What is known of a batch before it is written.
struct Batch {
    /// For each alert why it was refused, or nothing if it is to be written.
    refusals: Vec<Option<ApiError>>,
    correlation_id: CorrelationId,
}

impl Batch {
    fn of(
        checked: impl Iterator<Item = Result<IngestRequest, ApiError>>,
        correlation_id: CorrelationId,
    ) -> (Vec<IngestRequest>, Self) {
        let (mut requests, mut refusals) = (Vec::new(), Vec::new());
        for item in checked {
            match item {
                Ok(request) => {
                    requests.push(request);
                    refusals.push(None);
                }
                Err(error) => {
                    count_alert("refused");
                    refusals.push(Some(error));
                }
            }
        }
        (requests, Self { refusals, correlation_id })
    }

    /// The answer, once it is known what became of those that were written.
    fn receipt(&self, results: &[Result<Ingested, StoreError>]) -> BatchReceipt {
        let mut written = results.iter();
        let results = self.refusals.iter().enumerate().map(|(index, refusal)| match refusal {
            Some(error) => self.refused(index, error),
            None => match written.next() {
                Some(Ok(ingested)) => {
                    let alert = receipt(ingested.clone());
                    BatchResult::Taken { index, status: alert.status(), alert }
                }
                Some(Err(error)) => self.refused(index, &ServiceError::from(error.clone()).into()),
                None => self.refused(index, &ServiceError::from(StoreError::Abandoned).into()),
            },
        });
        BatchReceipt { results: results.collect() }
    }

    fn refused(&self, index: usize, error: &ApiError) -> BatchResult {
        BatchResult::Refused { index, status: error.status(), problem: ProblemBody::new(error, Some(&self.correlation_id)) }
    }
}
