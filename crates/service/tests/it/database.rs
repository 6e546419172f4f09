//! The databases that the stories run on: a SQLite file, and PostgreSQL where `COUNTERSIGN_TEST_POSTGRES` names a maintenance database.

use std::path::Path;

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use service::clock::Clock;

/// Runs each story on both databases.
macro_rules! on_both {
    ($($story:ident)+) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    super::$story(crate::database::On::Sqlite).await;
                }
            )+
        }

        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    let Some(on) = crate::database::On::postgres() else { return };
                    super::$story(on).await;
                }
            )+
        }
    };
}

pub(crate) use on_both;

/// Where a story runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    Sqlite,
    /// On this server.
    Postgres {
        maintenance: String,
    },
}

impl On {
    /// `None` only where PostgreSQL is left out on purpose.
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment which server they may use")]
    pub fn postgres() -> Option<Self> {
        if let Ok(maintenance) = std::env::var("COUNTERSIGN_TEST_POSTGRES") {
            return Some(Self::Postgres { maintenance });
        }
        assert!(
            std::env::var("COUNTERSIGN_TEST_SQLITE_ONLY").is_ok(),
            "set COUNTERSIGN_TEST_POSTGRES, or run `cargo xtask test`, which does"
        );
        None
    }

    /// The address of a new, empty database.
    pub async fn new_database(&self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}", folder.join("office.db").display()),
            Self::Postgres { maintenance } => {
                let name = format!("service_{}", Clock::System.uuid().simple());
                let connection = plain(maintenance).await;
                connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
                connection.close().await.unwrap();
                let (server, _) = maintenance.rsplit_once('/').unwrap();
                format!("{server}/{name}")
            }
        }
    }
}

/// A connection that knows nothing of the store.
pub async fn plain(url: &str) -> DatabaseConnection {
    Database::connect(url).await.unwrap()
}
