//! What can go wrong between Countersign and its database, told apart so that callers decide on variants, never on message text.

use sea_orm::sqlx::Error as DriverError;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

/// A read or a change that failed. A change that failed left nothing behind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Too many changes are waiting already; try again later.
    #[error("too many changes are waiting")]
    Overloaded,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// The database is held by someone else, or two changes were in each other's way; try again.
    #[error("the database is busy")]
    Busy,
    /// There is no such row.
    #[error("{0} does not exist")]
    NotFound(String),
    /// A row with this key is there already.
    #[error("already exists: {0}")]
    AlreadyExists(String),
    /// The row is no longer as it was when the change was decided.
    #[error("{0} has changed in the meantime")]
    Stale(String),
    /// Another worker has taken the job over.
    #[error("another worker has taken the job over")]
    LostLease,
    /// The same request is being done, or was done, under the same idempotency key.
    #[error("the same request is under way or done")]
    Claimed,
    /// A constraint or trigger of the database refused the change.
    #[error("the database refused: {0}")]
    Refused(String),
    /// A change came without audit entries.
    #[error("a change must leave a trail")]
    NoTrail,
    /// The change panicked, took too long, or its task went away.
    #[error("the change was abandoned")]
    Abandoned,
    /// A stored value cannot be read.
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
    /// The database does not run as Countersign needs it.
    #[error("the database is not set up as needed: {0}")]
    Misconfigured(String),
    /// Anything else that the database or the connection to it reported.
    #[error("database error: {0}")]
    Database(String),
}

/// What a driver's error code means to us.
enum Meaning {
    Duplicate,
    Refusal,
    Busy,
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => return Self::Closed,
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => return Self::Busy,
            _ => {}
        }
        match meaning_of(&error) {
            Some((Meaning::Duplicate, message)) => Self::AlreadyExists(message),
            Some((Meaning::Refusal, message)) => Self::Refused(message),
            Some((Meaning::Busy, _)) => Self::Busy,
            None => Self::Database(error.to_string()),
        }
    }
}

fn meaning_of(error: &DbErr) -> Option<(Meaning, String)> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    let DriverError::Database(error) = error.as_ref() else { return None };
    let code = error.code()?;
    let meaning = if code.len() == SQLSTATE_LENGTH { postgres_meaning(&code) } else { sqlite_meaning(code.parse().ok()?) };
    Some((meaning?, error.message().to_owned()))
}

const SQLSTATE_LENGTH: usize = 5;

fn postgres_meaning(sqlstate: &str) -> Option<Meaning> {
    match sqlstate {
        "23505" => Some(Meaning::Duplicate),
        // Deadlock, serialization failure, lock not available.
        "40P01" | "40001" | "55P03" => Some(Meaning::Busy),
        _ if sqlstate.starts_with("23") => Some(Meaning::Refusal),
        _ => None,
    }
}

/// The low byte is the kind of error, 5 and 6 of them "busy" and "locked", 19 a constraint; the rest says which constraint.
fn sqlite_meaning(code: u32) -> Option<Meaning> {
    match code {
        1555 | 2067 | 2579 => Some(Meaning::Duplicate),
        _ if code & 0xff == 19 => Some(Meaning::Refusal),
        _ if matches!(code & 0xff, 5 | 6) => Some(Meaning::Busy),
        _ => None,
    }
}
