//! How often a key and a network may ask, if the installation says so: an even rate with room for a burst of one minute's worth. One
//! number is remembered for each, in this process; time is an argument.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use api::{ApiError, Caller, ProblemCode};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::access::Actor;
use domain::timestamp::Timestamp;
use service::clock::Clock;

use super::problem::Problem;

const MINUTE_MS: i64 = 60_000;
/// Keys or networks remembered at once; beyond it the ones that have been quiet are forgotten.
const REMEMBERED_MAX: usize = 50_000;
/// Seconds that a newcomer waits when there is no room to remember it.
const CROWDED_S: u32 = 60;
/// Whoever watches over the server may always ask how it is.
const NEVER: [&str; 3] = ["/livez", "/readyz", "/health"];

/// The limits of one server.
#[derive(Clone)]
pub struct RateLimits {
    clock: Clock,
    per_key: Option<Arc<Limiter>>,
    per_network: Option<Arc<Limiter>>,
}

impl RateLimits {
    /// Requests a minute of each key and of each network (/24, /48); `None` for as many as they like.
    #[must_use]
    pub fn new(clock: Clock, per_key: Option<u32>, per_network: Option<u32>) -> Self {
        let limiter = |per_minute: Option<u32>| per_minute.map(|per_minute| Arc::new(Limiter::new(per_minute)));
        Self { clock, per_key: limiter(per_key), per_network: limiter(per_network) }
    }

    fn check(&self, caller: &Caller) -> Result<(), Exceeded> {
        let now = self.clock.now();
        if let Some(limiter) = &self.per_network {
            limiter.check(&caller.network, now)?;
        }
        match (&self.per_key, &caller.actor) {
            (Some(limiter), Actor::Key(key)) => limiter.check(&key.id.to_string(), now),
            _ => Ok(()),
        }
    }
}

/// Refuses who asks too often.
pub async fn limit(State(limits): State<RateLimits>, request: Request, next: Next) -> Response {
    let checked = match request.extensions().get::<Caller>() {
        Some(caller) if !NEVER.contains(&request.uri().path()) => limits.check(caller),
        _ => Ok(()),
    };
    match checked {
        Ok(()) => next.run(request).await,
        Err(Exceeded { retry_after_s }) => {
            let error = ApiError::new(ProblemCode::RateLimited, "this key or this network asks more often than it may");
            Problem(ApiError { retry_after_s: Some(retry_after_s), ..error }).into_response()
        }
    }
}

/// Too often; seconds until the next request is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exceeded {
    retry_after_s: u32,
}

/// An even rate: each request moves the time from which the rate would be kept on by its share of a minute.
struct Limiter {
    share_ms: i64,
    due: Mutex<HashMap<String, i64>>,
}

impl Limiter {
    fn new(per_minute: u32) -> Self {
        Self { share_ms: (MINUTE_MS / i64::from(per_minute.max(1))).max(1), due: Mutex::default() }
    }

    fn check(&self, subject: &str, now: Timestamp) -> Result<(), Exceeded> {
        let now = now.unix_ms();
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.len() >= REMEMBERED_MAX && !due.contains_key(subject) {
            due.retain(|_, due| *due > now);
            if due.len() >= REMEMBERED_MAX {
                // So many at once are no callers but one that hides: it waits until the others are quiet.
                return Err(Exceeded { retry_after_s: CROWDED_S });
            }
        }
        let next = due.get(subject).copied().unwrap_or(now).max(now) + self.share_ms;
        let wait_ms = next - now - MINUTE_MS;
        if wait_ms > 0 {
            return Err(Exceeded { retry_after_s: u32::try_from(wait_ms.div_euclid(1000) + 1).unwrap_or(u32::MAX) });
        }
        due.insert(subject.to_owned(), next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(limiter: &Limiter, subject: &str, at_ms: i64, asked: usize) -> usize {
        (0..asked).filter(|_| limiter.check(subject, Timestamp::from_unix_ms(at_ms)).is_ok()).count()
    }

    #[test]
    fn a_minutes_worth_passes_at_once_and_then_an_even_rate() {
        let limiter = Limiter::new(60);
        assert_eq!(passed(&limiter, "key", 0, 100), 60);
        assert_eq!(passed(&limiter, "key", 999, 10), 0);
        assert_eq!(passed(&limiter, "key", 1_000, 10), 1);
        assert_eq!(passed(&limiter, "key", 11_000, 100), 10);
        assert_eq!(passed(&limiter, "key", 1_000_000, 100), 60);
        assert_eq!(passed(&limiter, "another", 0, 100), 60, "each has its own");
    }

    #[test]
    fn it_says_when_to_come_again() {
        let limiter = Limiter::new(1);
        let at = |ms: i64| limiter.check("key", Timestamp::from_unix_ms(ms)).map_err(|exceeded| exceeded.retry_after_s);
        assert_eq!(at(0), Ok(()));
        assert_eq!(at(0), Err(61));
        assert_eq!(at(59_999), Err(1));
        assert_eq!(at(60_000), Ok(()));
    }

    #[test]
    fn what_is_quiet_is_forgotten() {
        let limiter = Limiter::new(1);
        for subject in 0..REMEMBERED_MAX {
            assert_eq!(passed(&limiter, &subject.to_string(), 0, 1), 1);
        }
        assert_eq!(passed(&limiter, "one more", MINUTE_MS - 1, 1), 0, "there is no room while all are busy");
        assert_eq!(passed(&limiter, "one more", MINUTE_MS, 1), 1);
        assert_eq!(limiter.due.lock().unwrap().len(), 1);
    }
}
