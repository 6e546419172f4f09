//! A store in a database of its own, and a plain connection to the same database. PostgreSQL is the server whose maintenance database
//! `COUNTERSIGN_TEST_POSTGRES` names.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::timestamp::Timestamp;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use store::{Store, StoreError, Surroundings, Tx, Untrailed};
use tempfile::TempDir;
use tokio::sync::{OnceCell, oneshot};
use tokio::task::JoinHandle;
use uuid::{Builder, Uuid};

/// Runs each story on both databases.
macro_rules! on_both {
    ($($(#[$attribute:meta])* $story:ident)+) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    let fixture = crate::fixture::Fixture::on_sqlite().await;
                    super::$story(&fixture).await;
                    fixture.close().await;
                }
            )+
        }

        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    let Some(fixture) = crate::fixture::Fixture::on_postgres().await else { return };
                    super::$story(&fixture).await;
                    fixture.close().await;
                }
            )+
        }
    };
}

pub(crate) use on_both;

/// 2026-03-11T10:00:00Z.
pub const START: i64 = 1_773_223_200_000;
/// The advisory lock under which replicas ingest.
const INGESTION_LOCK: i64 = 0x636f_756e_7465_7202;
const POSTGRES: &str = "COUNTERSIGN_TEST_POSTGRES";
const SQLITE_ONLY: &str = "COUNTERSIGN_TEST_SQLITE_ONLY";

/// A clock that stands still until it is moved, and ids and salts that are all different.
pub struct TestSurroundings {
    now_ms: AtomicI64,
    count: AtomicU64,
}

impl TestSurroundings {
    pub fn new() -> Self {
        Self { now_ms: AtomicI64::new(START), count: AtomicU64::new(0) }
    }

    pub fn advance_ms(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    fn next(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }
}

impl Surroundings for TestSurroundings {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.now_ms.load(Ordering::Relaxed))
    }

    fn uuid(&self) -> Uuid {
        uuid(self.next())
    }

    fn salt(&self) -> [u8; 16] {
        u128::from(self.next()).to_be_bytes()
    }
}

/// A UUID of version 7 that is different for each number.
pub fn uuid(number: u64) -> Uuid {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    Builder::from_unix_timestamp_millis(START.unsigned_abs(), &bytes).into_uuid()
}

pub struct Fixture {
    pub store: Store,
    pub surroundings: Arc<TestSurroundings>,
    pub url: String,
    place: Place,
}

enum Place {
    File { _folder: TempDir },
    Server { maintenance: String, name: String },
}

impl Fixture {
    pub async fn on_sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("countersign.db").display());
        let fixture = Self::open(url, Place::File { _folder: folder }).await;
        fixture.store.migrate().await.unwrap();
        fixture
    }

    /// `None` only where PostgreSQL is left out on purpose.
    pub async fn on_postgres() -> Option<Self> {
        let maintenance = maintenance_url()?;
        let template = template(&maintenance).await;
        let name = database_name();
        execute(&maintenance, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let url = with_database(&maintenance, &name);
        Some(Self::open(url, Place::Server { maintenance, name }).await)
    }

    async fn open(url: String, place: Place) -> Self {
        let surroundings = Arc::new(TestSurroundings::new());
        let store = Store::open(&url, surroundings.clone()).await.unwrap();
        Self { store, surroundings, url, place }
    }

    /// Another store on the same database, as a second replica has it.
    pub async fn another_store(&self) -> Store {
        Store::open(&self.url, self.surroundings.clone()).await.unwrap()
    }

    /// A connection that knows nothing of the store.
    pub async fn plain(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.unwrap()
    }

    pub fn is_sqlite(&self) -> bool {
        self.store.is_sqlite()
    }

    pub fn now(&self) -> Timestamp {
        self.surroundings.now()
    }

    /// Holds up the writer, so that what is submitted meanwhile waits together.
    pub async fn hold_writer(&self) -> Held {
        let (started, running) = oneshot::channel();
        let (release, released) = oneshot::channel::<()>();
        let store = self.store.clone();
        let task = tokio::spawn(async move {
            let held = store.write_untrailed::<(), StoreError, _, _>(Untrailed::Check, move |_: Tx| async move {
                started.send(()).unwrap();
                released.await.unwrap();
                Ok(())
            });
            held.await.unwrap();
        });
        running.await.unwrap();
        Held { release: Release::Change(release), task: Some(task) }
    }

    /// Holds up ingestion, so that alerts posted meanwhile wait together.
    pub async fn hold_ingestion(&self) -> Held {
        if self.is_sqlite() {
            return self.hold_writer().await;
        }
        let plain = self.plain().await;
        plain.execute_unprepared("SET idle_in_transaction_session_timeout = 0").await.unwrap();
        let holder = Database::connect(&self.url).await.unwrap();
        let transaction =
            sea_orm::TransactionTrait::begin_with_options(&holder, sea_orm::TransactionOptions::default()).await.unwrap();
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({INGESTION_LOCK})")).await.unwrap();
        Held { release: Release::Lock(transaction), task: None }
    }

    pub async fn close(self) {
        self.store.close().await.unwrap();
        if let Place::Server { maintenance, name } = self.place {
            execute(&maintenance, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

/// What waits until this is released.
pub struct Held {
    release: Release,
    task: Option<JoinHandle<()>>,
}

enum Release {
    Change(oneshot::Sender<()>),
    Lock(sea_orm::DatabaseTransaction),
}

impl Held {
    pub async fn release(self) {
        match self.release {
            Release::Change(release) => release.send(()).unwrap(),
            Release::Lock(transaction) => transaction.rollback().await.unwrap(),
        }
        if let Some(task) = self.task {
            task.await.unwrap();
        }
    }
}

/// Long enough for tasks that were spawned to reach the queue.
pub async fn let_others_wait() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment which server they may use")]
fn maintenance_url() -> Option<String> {
    if let Ok(url) = std::env::var(POSTGRES) {
        return Some(url);
    }
    assert!(
        std::env::var(SQLITE_ONLY).is_ok(),
        "{POSTGRES} must name a maintenance database; set {SQLITE_ONLY} to leave PostgreSQL out on purpose"
    );
    None
}

/// A migrated database that the others are copied from.
async fn template(maintenance: &str) -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let make = async || {
        let name = database_name();
        execute(maintenance, &format!("CREATE DATABASE {name}")).await;
        let url = with_database(maintenance, &name);
        let store = Store::open(&url, Arc::new(TestSurroundings::new())).await.unwrap();
        store.migrate().await.unwrap();
        store.close().await.unwrap();
        name
    };
    TEMPLATE.get_or_init(make).await
}

fn database_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("countersign_store_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn with_database(maintenance: &str, name: &str) -> String {
    let (server, rest) = maintenance.rsplit_once('/').unwrap();
    let parameters = rest.find('?').map_or("", |start| &rest[start..]);
    format!("{server}/{name}{parameters}")
}

async fn execute(url: &str, sql: &str) {
    let connection = Database::connect(url).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}
