//! Counts failed sign-ins per account and per network, in this process; time is an argument.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::digest::Digest;
use domain::timestamp::Timestamp;

/// Failures are counted over this long.
const WINDOW_MS: i64 = 5 * 60 * 1000;
/// Failures of one account within the window, from any network.
const ACCOUNT_FAILURES_MAX: usize = 10;
/// Failures from one network within the window, for any account.
const NETWORK_FAILURES_MAX: usize = 100;
/// Accounts and networks remembered at once; beyond it the ones without recent failures are forgotten first.
const REMEMBERED_MAX: usize = 50_000;

/// The failures of the last minutes.
#[derive(Default)]
pub struct Throttle {
    failures: Mutex<HashMap<Subject, Vec<Timestamp>>>,
}

/// Remembered by digest: a name that somebody makes up may be as long as a request, and must not stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Account(Digest),
    Network(Digest),
}

/// Somebody tries a password.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    pub account: &'a str,
    /// Where an anonymous attempt comes from; `None` for somebody who is signed in already, whom strangers in the same network cannot
    /// lock out.
    pub network: Option<&'a str>,
    pub at: Timestamp,
}

/// An attempt that may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// When the account's last failure (or attempt still under way) was.
    pub previous_failure: Option<Timestamp>,
}

/// Too many failures; seconds until the next attempt counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    pub retry_after_s: u32,
}

impl Subject {
    fn account(name: &str) -> Self {
        Self::Account(Digest::of(name.as_bytes()))
    }
}

impl Throttle {
    /// Counts an attempt as a failure until [`Throttle::succeeded`] takes it back, so that attempts at the same time cannot slip
    /// through together; refuses it if too many have failed already.
    pub fn begin(&self, attempt: &Attempt<'_>) -> Result<Begun, Throttled> {
        let now = attempt.at;
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = attempt.limits().filter_map(|(subject, max)| wait_ms(failures.get(&subject)?, max, now)).max();
        if let Some(wait_ms) = wait {
            return Err(Throttled { retry_after_s: u32::try_from(wait_ms / 1000 + 1).unwrap_or(1) });
        }
        if failures.len() >= REMEMBERED_MAX {
            failures.retain(|_, times| times.last().is_some_and(|last| now.since_ms(*last) < WINDOW_MS));
        }
        let before = failures.get(&Subject::account(attempt.account)).and_then(|times| times.last().copied());
        for (subject, _) in attempt.limits() {
            let times = failures.entry(subject).or_default();
            times.retain(|time| now.since_ms(*time) < WINDOW_MS);
            times.push(now);
        }
        Ok(Begun { previous_failure: before })
    }

    /// The attempt was no failure.
    pub fn succeeded(&self, attempt: &Attempt<'_>) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        for (subject, _) in attempt.limits() {
            let times = failures.entry(subject).or_default();
            if let Some(place) = times.iter().rposition(|time| *time == attempt.at) {
                times.remove(place);
            }
        }
    }
}

impl Attempt<'_> {
    fn limits(&self) -> impl Iterator<Item = (Subject, usize)> + use<'_> {
        let account = (Subject::account(self.account), ACCOUNT_FAILURES_MAX);
        let network = self.network.map(|network| (Subject::Network(Digest::of(network.as_bytes())), NETWORK_FAILURES_MAX));
        std::iter::once(account).chain(network)
    }
}

/// How long until fewer than `max` failures are within the window; `None` if that is so already.
fn wait_ms(times: &[Timestamp], max: usize, now: Timestamp) -> Option<i64> {
    let recent: Vec<_> = times.iter().filter(|time| now.since_ms(**time) < WINDOW_MS).collect();
    let decisive = recent.len().checked_sub(max)?;
    recent.get(decisive).map(|time| WINDOW_MS - now.since_ms(**time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_unix_ms(second * 1000)
    }

    fn attempt<'a>(account: &'a str, network: &'a str, second: i64) -> Attempt<'a> {
        Attempt { account, network: Some(network), at: at(second) }
    }

    #[test]
    fn ten_failures_of_an_account_lock_it_until_the_first_is_five_minutes_old() {
        let throttle = Throttle::default();
        for second in 0..9 {
            throttle.begin(&attempt("ann", "192.0.2.0/24", second)).unwrap();
        }
        throttle.begin(&attempt("ann", "198.51.100.0/24", 9)).unwrap();
        assert!(throttle.begin(&attempt("ann", "203.0.113.0/24", 10)).is_err());
        assert!(throttle.begin(&attempt("bob", "192.0.2.0/24", 10)).is_ok(), "another account is not locked");
        assert!(throttle.begin(&attempt("ann", "203.0.113.0/24", 299)).is_err());
        assert!(throttle.begin(&attempt("ann", "203.0.113.0/24", 300)).is_ok());
    }

    #[test]
    fn a_hundred_failures_lock_a_network_but_nobody_who_is_signed_in() {
        let throttle = Throttle::default();
        for account in 0..100 {
            throttle.begin(&attempt(&format!("user-{account}"), "192.0.2.0/24", 0)).unwrap();
        }
        assert_eq!(throttle.begin(&attempt("ann", "192.0.2.0/24", 1)), Err(Throttled { retry_after_s: 300 }));
        assert!(throttle.begin(&attempt("ann", "198.51.100.0/24", 1)).is_ok());
        assert!(throttle.begin(&Attempt { network: None, ..attempt("bob", "", 1) }).is_ok());
    }

    #[test]
    fn attempts_under_way_count_until_they_succeed() {
        let throttle = Throttle::default();
        for _ in 0..10 {
            throttle.begin(&attempt("ann", "192.0.2.0/24", 0)).unwrap();
        }
        assert!(throttle.begin(&attempt("ann", "192.0.2.0/24", 0)).is_err(), "the eleventh at the same time waits");
        throttle.succeeded(&attempt("ann", "192.0.2.0/24", 0));
        assert!(throttle.begin(&attempt("ann", "192.0.2.0/24", 0)).is_ok());
    }

    #[test]
    fn a_name_that_is_made_up_takes_no_more_room_than_another() {
        let throttle = Throttle::default();
        let long = "x".repeat(1_000_000);
        throttle.begin(&attempt(&long, "192.0.2.0/24", 0)).unwrap();
        let remembered = format!("{:?}", throttle.failures.lock().unwrap());
        assert!(remembered.len() < 1_000, "{} bytes", remembered.len());
    }

    #[test]
    fn what_was_before_tells_the_first_failure_of_a_minute() {
        let throttle = Throttle::default();
        let begin = |second| throttle.begin(&attempt("ann", "192.0.2.0/24", second)).unwrap().previous_failure;
        assert_eq!((begin(0), begin(30)), (None, Some(at(0))));
    }
}
