//! Sessions in the same database as everything else, behind tower-sessions' interface.

use async_trait::async_trait;
use domain::timestamp::Timestamp;
use service::clock::Clock;
use store::{Session, Store, StoreError};
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::session::{SignIn, stored_id};

/// Keeps sessions in the store.
#[derive(Clone)]
pub struct DatabaseSessions {
    store: Store,
    clock: Clock,
}

impl DatabaseSessions {
    /// Sessions of this store.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }
}

impl std::fmt::Debug for DatabaseSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseSessions")
    }
}

#[async_trait]
impl SessionStore for DatabaseSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.store.insert_session(self.session(record)?).await.map_err(backend)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.store.update_session(self.session(record)?).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(session) = self.store.sessions().find(&stored_id(id), self.clock.now()).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&session.data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date: to_offset(session.expires_at) }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.store.delete_session(&stored_id(id)).await.map_err(backend)
    }
}

impl DatabaseSessions {
    fn session(&self, record: &Record) -> Result<Session> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let sign_in = SignIn::of_record(record);
        let seen = sign_in.as_ref().map(SignIn::seen);
        Ok(Session {
            id: stored_id(&record.id),
            user_id: sign_in.as_ref().map(|sign_in| sign_in.user_id),
            data,
            expires_at: to_timestamp(record.expiry_date),
            created_at: sign_in.as_ref().map_or_else(|| self.clock.now(), |sign_in| sign_in.signed_in_at),
            seen_at: seen.map(|(at, _)| at),
            network: seen.map(|(_, traces)| traces.network.clone()),
            browser: seen.map(|(_, traces)| traces.browser.clone()),
        })
    }
}

fn to_timestamp(time: OffsetDateTime) -> Timestamp {
    Timestamp::from_unix_ms(i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX))
}

fn to_offset(time: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.unix_ms()) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn backend(error: StoreError) -> Error {
    match error {
        StoreError::Corrupt(what) => Error::Decode(what),
        error => Error::Backend(error.to_string()),
    }
}
