//! `Idempotency-Key`: a request that creates something is done once, and whoever repeats it gets the first answer. The claim travels
//! with the caller to the store, which keeps the answer in the transaction of the change. What changes nothing keeps nothing. A repeated
//! request goes the same way as the first one, as far as it is looked at whether its sender may ask for it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use api::answers::Answers;
use api::{ApiError, Caller, ProblemCode};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::access::Actor;
use domain::alert::batch::BATCH_BYTES_MAX;
use domain::idempotency::{Claim, ClaimPlace, IdempotencyKey, Kept, KeptAnswer};
use service::crash_point::CrashPoint;
use tracing::Instrument as _;

use super::body::{self, BODY_BYTES_MAX};
use super::problem::Problem;

/// The header with the key.
pub const KEY: &str = "idempotency-key";
/// Says that an answer was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Signing in makes a new session each time, and a repeated answer could not carry it.
const SIGN_IN: &str = "/api/v1/session";
/// A link that sets a password is shown once.
const LINK: &str = "/password-link";
/// Nothing is changed there.
const VALIDATION: &str = "/api/v1/playbooks/validate";
const BATCH: &str = "/api/v1/alerts/batch";
/// Files are larger than what is read here, and are known by their digest once they were received.
const EVIDENCE: &str = "/evidence";

/// The kept answers, and what this process is working on.
#[derive(Clone)]
pub struct Repeats {
    answers: Arc<dyn Answers>,
    in_work: Arc<Mutex<HashSet<ClaimPlace>>>,
}

impl Repeats {
    /// With nothing in work yet.
    #[must_use]
    pub fn new(answers: Arc<dyn Answers>) -> Self {
        Self { answers, in_work: Arc::default() }
    }

    fn enter(&self, place: &ClaimPlace) -> Option<InWork> {
        let entered = self.in_work.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone());
        entered.then(|| InWork { in_work: Arc::clone(&self.in_work), place: place.clone() })
    }
}

/// The first answer again, if this is the same request.
fn replay(kept: Kept, claim: &Claim) -> Result<Response, ApiError> {
    if kept.request == claim.request {
        return Ok(replayed(kept.answer));
    }
    Err(ApiError::new(ProblemCode::IdempotencyMismatch, "use another key for another body"))
}

/// Is it not for this sender to know what was answered before? Or could nobody find out?
fn is_barred(response: &Response) -> bool {
    let status = response.status();
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::TOO_MANY_REQUESTS)
        || status.is_server_error()
}

/// A request under way; dropped, it is no longer.
struct InWork {
    in_work: Arc<Mutex<HashSet<ClaimPlace>>>,
    place: ClaimPlace,
}

impl Drop for InWork {
    fn drop(&mut self) {
        self.in_work.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.place);
    }
}

/// Lets a request with a key happen once.
pub async fn once(State(repeats): State<Repeats>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().and_then(|caller| name_of(&caller.actor));
    let (Some(caller), true) = (caller, may_be_claimed(&request)) else { return next.run(request).await };
    match claimed(repeats, caller, request, next).await {
        Ok(response) => response,
        Err(error) => Problem(error).into_response(),
    }
}

fn may_be_claimed(request: &Request) -> bool {
    request.method() == Method::POST && request.headers().contains_key(KEY) && is_repeatable(request.uri().path())
}

/// May the answer to a POST at this address be kept and given again?
#[must_use]
pub fn is_repeatable(path: &str) -> bool {
    !path.starts_with(SIGN_IN) && !path.ends_with(LINK) && path != VALIDATION
}

/// Nobody has no name: whoever is not known is refused anyway.
fn name_of(actor: &Actor) -> Option<String> {
    match actor {
        Actor::User(person) => Some(format!("user:{}", person.user.id)),
        Actor::Key(key) => Some(format!("key:{}", key.id)),
        Actor::Anonymous | Actor::System => None,
    }
}

async fn claimed(repeats: Repeats, caller: String, request: Request, next: Next) -> Result<Response, ApiError> {
    let key = key_of(request.headers())?;
    let bytes_max = if request.uri().path() == BATCH { BATCH_BYTES_MAX } else { BODY_BYTES_MAX };
    let place = ClaimPlace { caller, path: request.uri().path().to_owned(), key };
    if place.path.ends_with(EVIDENCE) {
        return file_claimed(repeats, place, request, next).await;
    }
    let (head, body) = request.into_parts();
    let body = body::read(Request::from_parts(head.clone(), body), bytes_max).await?;
    let claim = Claim::new(place, &body);
    let Some(in_work) = repeats.enter(&claim.place) else { return Err(under_way()) };
    let kept = repeats.answers.find(&claim.place).await?;
    let request = Request::from_parts(head, Body::from(body));
    let asked = if kept.is_some() { claim.clone().answered() } else { claim.clone() };
    let response = in_own_task(asked, request, next, in_work).await?;
    if response.status().is_success() || is_barred(&response) {
        return Ok(response);
    }
    let kept = match kept {
        // It was stopped before it was asked who sends it.
        Some(kept) if kept.request == claim.request && !is_in_progress(&response) => return Ok(response),
        // Another replica may have done it meanwhile, and refused this one for what it had changed.
        None => repeats.answers.find(&claim.place).await?,
        kept => kept,
    };
    kept.map_or(Ok(response), |kept| replay(kept, &claim))
}

/// A file is received before it can be compared; whoever receives it says that it is in progress only of the very same one.
async fn file_claimed(repeats: Repeats, place: ClaimPlace, request: Request, next: Next) -> Result<Response, ApiError> {
    let Some(in_work) = repeats.enter(&place) else { return Err(under_way()) };
    let response = in_own_task(Claim::new(place.clone(), &[]), request, next, in_work).await?;
    if !is_in_progress(&response) {
        return Ok(response);
    }
    Ok(repeats.answers.find(&place).await?.map_or(response, |kept| replayed(kept.answer)))
}

fn under_way() -> ApiError {
    ApiError::new(ProblemCode::InProgress, "the same request is under way; repeat it to get its answer")
}

fn is_in_progress(response: &Response) -> bool {
    response.extensions().get::<Arc<ApiError>>().is_some_and(|error| error.code == ProblemCode::InProgress)
}

async fn in_own_task(claim: Claim, mut request: Request, next: Next, in_work: InWork) -> Result<Response, ApiError> {
    if let Some(caller) = request.extensions_mut().get_mut::<Caller>() {
        caller.claim = Some(Arc::new(claim));
    }
    // In a task of its own, so that a client that goes away does not part the change from its answer.
    let work = async move {
        let response = next.run(request).await;
        if response.status().is_success() {
            CrashPoint::BeforeAnswer.reach();
        }
        drop(in_work);
        response
    };
    let done = tokio::spawn(work.instrument(tracing::Span::current())).await;
    done.map_err(|_| ApiError::new(ProblemCode::Internal, "the request failed"))
}

fn key_of(headers: &HeaderMap) -> Result<IdempotencyKey, ApiError> {
    let mut keys = headers.get_all(KEY).iter();
    let (key, another) = (keys.next().and_then(|key| key.to_str().ok()).unwrap_or_default(), keys.next());
    if another.is_some() {
        return Err(ApiError::invalid_field("/Idempotency-Key", "is given twice"));
    }
    key.parse().map_err(|error| ApiError::invalid_field("/Idempotency-Key", format!("{error}")))
}

fn replayed(answer: KeptAnswer) -> Response {
    let mut response = answer.body.into_response();
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}
