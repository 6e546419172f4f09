//! The one place that reads the clock and makes ids and randomness; everything else takes them as arguments.

use domain::audit::AuditAction;
use domain::timestamp::Timestamp;
use rand::Rng as _;
use rand::distr::Alphanumeric;
use store::Surroundings;
use uuid::Uuid;

use crate::crash_point::CrashPoint;
use crate::metrics;

/// Where time, ids and randomness come from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// Always this time, for tests; ids stay random.
    Fixed(Timestamp),
}

impl Clock {
    /// The time now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(self) -> Timestamp {
        match self {
            Self::Fixed(time) => time,
            Self::System => {
                let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_unix_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
            }
        }
    }

    /// A new UUID, version 7.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
    pub fn uuid(self) -> Uuid {
        Uuid::now_v7()
    }

    /// Random letters and digits, for passwords and secrets: about 5.95 bits each.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that makes randomness")]
    pub fn secret(self, length: usize) -> String {
        rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
    }

    /// Random bytes.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that makes randomness")]
    pub(crate) fn random_bytes<const N: usize>(self) -> [u8; N] {
        rand::rng().random()
    }

    /// Does Countersign act by itself upon what is logged? Only a build for benchmarks can rest, to find out what the log alone costs.
    #[must_use]
    pub fn follows_log(self) -> bool {
        !cfg!(feature = "bench") || std::env::var_os("COUNTERSIGN_BENCH_WITHOUT_TRIAGE").is_none()
    }
}

impl Surroundings for Clock {
    fn now(&self) -> Timestamp {
        Clock::now(*self)
    }

    fn uuid(&self) -> Uuid {
        Clock::uuid(*self)
    }

    fn salt(&self) -> [u8; 16] {
        self.random_bytes()
    }

    fn recorded(&self, actions: &[AuditAction]) {
        metrics::count_entries(actions);
    }

    #[cfg(feature = "bench")]
    fn keeps_log(&self) -> bool {
        static WITHOUT: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
        !WITHOUT.get_or_init(|| std::env::var_os("COUNTERSIGN_BENCH_WITHOUT_LOG").is_some())
    }

    fn placing(&self) {
        CrashPoint::PlacingEntries.reach();
    }
}
