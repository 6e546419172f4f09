//! The audit log over REST.

use api::audit::{
    ACTOR_BYTES_MAX, AuditEntryView, AuditFilter, AuditOrder, AuditQuery, CheckpointView, ConsistencyProof, InclusionProof,
    LogProof, PROVED_MAX, ProofQuery,
};
use api::page::ListFormat;
use api::{Backend, Page};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse as _, Response};
use domain::audit::AuditAction;
use domain::id::IncidentId;
use domain::timestamp::Timestamp;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::export;
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// Entries that the caller may see, the newest first.
#[utoipa::path(get, path = "/api/v1/audit-logs", tag = "audit", security(("key" = []), ("session" = [])),
    params(("incident_id" = Option<IncidentId>, Query), ("actor" = Option<String>, Query, min_length = 1, max_length = 256), ("action" = Option<AuditAction>, Query),
        ("from" = Option<Timestamp>, Query), ("to" = Option<Timestamp>, Query), ("order" = Option<AuditOrder>, Query), ("format" = Option<ListFormat>, Query, description = "Without it the Accept header decides"), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, content((Page<AuditEntryView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri, headers: HeaderMap) -> Answer<Response> {
    let mut query =
        QueryReader::new(&uri, &["incident_id", "actor", "action", "from", "to", "order", "format", "limit", "cursor"]);
    let filter = AuditFilter {
        incident_id: query.optional("incident_id"),
        actor: query.text("actor", ACTOR_BYTES_MAX),
        action: query.optional("action"),
        from: query.optional("from"),
        to: query.optional("to"),
    };
    let order = query.optional("order").unwrap_or(AuditOrder::NewestFirst);
    let wanted = query.wanted(&headers);
    query.finish()?;
    export::answer(wanted, move |page| {
        let (backend, caller, filter) = (backend.clone(), caller.clone(), filter.clone());
        async move { backend.audit.list(&caller, AuditQuery { filter, order, page }).await }
    })
    .await
}

/// A signed head over every entry that is in the log now.
#[utoipa::path(get, path = "/api/v1/audit/checkpoint", tag = "audit", security(("key" = []), ("session" = [])),
    responses((status = 200, body = CheckpointView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn checkpoint(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri) -> Answer<Json<CheckpointView>> {
    QueryReader::new(&uri, &[]).finish()?;
    Ok(Json(backend.audit.checkpoint(&caller).await?))
}

/// The proof that an entry is in the log: of the size that is asked for, or of the smallest signed head that covers it.
#[utoipa::path(get, path = "/api/v1/audit/proof/inclusion", tag = "audit", security(("key" = []), ("session" = [])),
    params(("seq" = i64, Query, minimum = 0), ("size" = Option<u64>, Query, minimum = 1)),
    responses((status = 200, body = InclusionProof), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn inclusion(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri) -> Answer<Json<InclusionProof>> {
    let mut query = QueryReader::new(&uri, &["seq", "size"]);
    let (seq, size) = (query.optional("seq"), query.optional("size"));
    query.finish()?;
    Ok(Json(backend.audit.prove_inclusion(&caller, seq, size).await?))
}

/// Entries with their proofs, all against one signed head over everything that is in the log now; and, from the size of a head that was kept,
/// the proof that the log has only grown.
#[utoipa::path(get, path = "/api/v1/audit/proof/entries", tag = "audit", security(("key" = []), ("session" = [])),
    params(("seqs" = String, Query, description = "1 to 200 numbers, separated by commas", pattern = "^[0-9]{1,18}(,[0-9]{1,18}){0,199}$"), ("kept" = Option<u64>, Query)),
    responses((status = 200, body = LogProof), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn entries(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri) -> Answer<Json<LogProof>> {
    let mut query = QueryReader::new(&uri, &["seqs", "kept"]);
    let wanted = ProofQuery { seqs: query.numbers("seqs", PROVED_MAX), kept: query.optional("kept") };
    query.finish()?;
    Ok(Json(backend.audit.prove(&caller, wanted).await?))
}

/// The proof of one entry as a file that holds the entry itself (C2SP tlog-proof): it is verified offline, with nothing but the log's key.
#[utoipa::path(get, path = "/api/v1/audit/proof/file", tag = "audit", security(("key" = []), ("session" = [])),
    params(("seq" = i64, Query, minimum = 0)),
    responses((status = 200, content_type = "text/plain", body = String), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn file(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri) -> Answer<Response> {
    let mut query = QueryReader::new(&uri, &["seq"]);
    let seq = query.optional::<i64>("seq");
    query.finish()?;
    let file = backend.audit.proof_file(&caller, seq).await?;
    let name = format!("attachment; filename=\"entry-{}.tlog-proof\"", seq.unwrap_or_default());
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, file).into_response())
}

/// The proof that the log of one size is the beginning of the log of another, by default of the newest signed head.
#[utoipa::path(get, path = "/api/v1/audit/proof/consistency", tag = "audit", security(("key" = []), ("session" = [])),
    params(("from" = u64, Query), ("to" = Option<u64>, Query)),
    responses((status = 200, body = ConsistencyProof), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn consistency(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri) -> Answer<Json<ConsistencyProof>> {
    let mut query = QueryReader::new(&uri, &["from", "to"]);
    let (from, to) = (query.optional("from"), query.optional("to"));
    query.finish()?;
    Ok(Json(backend.audit.prove_consistency(&caller, from, to).await?))
}

/// The whole log, for whoever verifies it without this server: a line that says what it is, a line for each entry, and the signed heads, the newest
/// over all of them. Not compressed, so that it can be verified as it comes.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit", security(("session" = [])),
    responses((status = 200, content_type = "application/x-ndjson", body = String), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn export(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri) -> Answer<Response> {
    QueryReader::new(&uri, &[]).finish()?;
    let lines = backend.audit.export(&caller).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit-log.ndjson\""),
        (header::CONTENT_ENCODING, "identity"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}
