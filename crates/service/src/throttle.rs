//! Counts failed sign-ins per account and per network, in this process; time is an argument.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

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

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Account(String),
    Network(String),
}

/// Too many failures; seconds until the next attempt counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    pub retry_after_s: u32,
}

impl Throttle {
    /// May this account be tried from this network now?
    pub fn check(&self, account: &str, network: &str, now: Timestamp) -> Result<(), Throttled> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let limits = [
            (Subject::Account(account.to_owned()), ACCOUNT_FAILURES_MAX),
            (Subject::Network(network.to_owned()), NETWORK_FAILURES_MAX),
        ];
        match limits.iter().filter_map(|(subject, max)| wait_ms(failures.get(subject)?, *max, now)).max() {
            Some(wait_ms) => Err(Throttled { retry_after_s: u32::try_from(wait_ms / 1000 + 1).unwrap_or(1) }),
            None => Ok(()),
        }
    }

    /// Has this account had no failure since then?
    pub fn is_first_failure_since(&self, account: &str, since: Timestamp) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let times = failures.get(&Subject::Account(account.to_owned()));
        times.and_then(|times| times.last()).is_none_or(|last| *last < since)
    }

    /// A sign-in failed.
    pub fn record_failure(&self, account: &str, network: &str, now: Timestamp) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED_MAX {
            failures.retain(|_, times| times.last().is_some_and(|last| now.since_ms(*last) < WINDOW_MS));
        }
        for subject in [Subject::Account(account.to_owned()), Subject::Network(network.to_owned())] {
            let times = failures.entry(subject).or_default();
            times.retain(|time| now.since_ms(*time) < WINDOW_MS);
            times.push(now);
        }
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

    #[test]
    fn ten_failures_of_an_account_lock_it_until_the_first_is_five_minutes_old() {
        let throttle = Throttle::default();
        for second in 0..9 {
            throttle.record_failure("ann", "192.0.2.0/24", at(second));
        }
        assert_eq!(throttle.check("ann", "192.0.2.0/24", at(9)), Ok(()));
        throttle.record_failure("ann", "198.51.100.0/24", at(9));
        assert!(throttle.check("ann", "203.0.113.0/24", at(10)).is_err());
        assert_eq!(throttle.check("bob", "192.0.2.0/24", at(10)), Ok(()), "another account is not locked");
        assert!(throttle.check("ann", "203.0.113.0/24", at(299)).is_err());
        assert_eq!(throttle.check("ann", "203.0.113.0/24", at(300)), Ok(()));
    }

    #[test]
    fn a_hundred_failures_lock_a_network() {
        let throttle = Throttle::default();
        for account in 0..100 {
            throttle.record_failure(&format!("user-{account}"), "192.0.2.0/24", at(0));
        }
        assert_eq!(throttle.check("ann", "192.0.2.0/24", at(1)), Err(Throttled { retry_after_s: 300 }));
        assert_eq!(throttle.check("ann", "198.51.100.0/24", at(1)), Ok(()));
    }
}
