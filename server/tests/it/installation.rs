//! A whole server for one test, with people and keys, and clients that speak to it as each of them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use api::users::UserChange;
use api::version::ExpectedVersion;
use domain::access::{Role, Scope};
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::Value;
use server::commands::serve::Running;
use server::config::{DataConfig, ServerConfig};
use service::accounts::{Accounts, NewKey, NewUser};
use service::clock::Clock;
use tempfile::TempDir;

use crate::inspection::Inspection;

/// The password of everybody in tests.
pub const PASSWORD: &str = "correct horse battery";

/// Runs a test on every database that there is to test on.
#[macro_export]
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name($crate::installation::Installation::on_sqlite().await).await; })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
                if let Some(installation) = $crate::installation::Installation::on_postgres().await { super::$name(installation).await; }
            })+
        }
    };
}

/// A running server with its people and keys.
pub struct Installation {
    _inspection: Inspection,
    pub running: Running,
    source: String,
    reader: String,
    pub folder: TempDir,
    pub database_url: String,
}

impl Installation {
    /// On a new SQLite file.
    pub async fn on_sqlite() -> Self {
        Self::start(None, server_config()).await
    }

    /// On a new SQLite file, configured in another way.
    pub async fn configured(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let mut config = server_config();
        change(&mut config);
        Self::start(None, config).await
    }

    /// On a new database of the PostgreSQL that the test command started; `None` only where the tests are told to do without.
    pub async fn on_postgres() -> Option<Self> {
        Some(Self::start(Some(new_postgres_database().await?), server_config()).await)
    }

    /// On PostgreSQL in a role that does not own the schema.
    pub async fn owned_by(database_url: &str, owner_url: &str) -> Self {
        Self::with_people(Self::at(Some(database_url.to_owned()), Some(owner_url.to_owned()), server_config()).await).await
    }

    async fn start(database_url: Option<String>, config: ServerConfig) -> Self {
        Self::with_people(Self::empty_as(database_url, config).await).await
    }

    async fn with_people(empty: Self) -> Self {
        let accounts = empty.accounts().await;
        for (username, roles) in PEOPLE {
            let new = NewUser {
                username: username.into(),
                display_name: username.into(),
                roles: roles.to_vec(),
                password: PASSWORD.into(),
            };
            accounts.add_user(new).await.unwrap();
        }
        let source = key(&accounts, "source", &[Scope::AlertsWrite]).await;
        let reader = key(&accounts, "reader", &[Scope::IncidentsRead, Scope::AuditRead]).await;
        Self { source, reader, ..empty }
    }

    /// Without people and keys, on this database or a new SQLite file.
    pub async fn empty(database_url: Option<String>) -> Self {
        Self::empty_as(database_url, server_config()).await
    }

    async fn empty_as(database_url: Option<String>, config: ServerConfig) -> Self {
        Self::at(database_url, None, config).await
    }

    async fn at(database_url: Option<String>, owner_url: Option<String>, config: ServerConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = DataConfig { data_dir: folder.path().to_owned(), database_url, owner_url };
        let running = Running::start(&data, &config).await.unwrap();
        let database_url = data.database_url();
        let _inspection = Inspection { database_url: database_url.clone() };
        Self { _inspection, running, source: String::new(), reader: String::new(), folder, database_url }
    }

    /// Another replica on the same database, which must be PostgreSQL.
    pub async fn replica(&self) -> Self {
        Self::empty(Some(self.database_url.clone())).await
    }

    /// Administration without a browser.
    pub async fn accounts(&self) -> Accounts {
        Accounts::new(self.running.store.clone(), Clock::System).await.unwrap()
    }

    /// A client with a new key.
    pub async fn key(&self, name: &str, scopes: &[Scope]) -> Client<'_> {
        Client { key: Some(key(&self.accounts().await, name, scopes).await), ..self.anonymous() }
    }

    /// Gives a person other roles, as at the command line: set by nobody.
    pub async fn grant(&self, username: &str, roles: &str) {
        let person = self.running.store.users().find_by_username(username).await.unwrap().unwrap().user.id;
        let roles = roles.split(' ').map(|role| role.parse().unwrap()).collect();
        let change = UserChange { roles: Some(roles), ..UserChange::default() };
        self.accounts().await.change_user(person, change, ExpectedVersion::Any).await.unwrap();
    }

    /// Changes rows behind the server's back, as time would.
    pub async fn sql(&self, statement: &str) {
        let connection = Database::connect(&self.database_url).await.unwrap();
        connection.execute_unprepared(statement).await.unwrap();
        connection.close().await.unwrap();
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address)
    }

    /// A client that nobody knows.
    pub fn anonymous(&self) -> Client<'_> {
        Client {
            installation: self,
            http: reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap(),
            key: None,
        }
    }

    /// A client of a signed-in person.
    pub async fn person(&self, username: &str) -> Client<'_> {
        let client = self.anonymous();
        let credentials = serde_json::json!({ "username": username, "password": PASSWORD });
        client.post("/api/v1/session", &credentials).await.expect(StatusCode::OK);
        client
    }

    /// A client with a key that was made elsewhere.
    pub fn with_key(&self, key: &str) -> Client<'_> {
        Client { key: Some(key.to_owned()), ..self.anonymous() }
    }

    pub fn source(&self) -> Client<'_> {
        Client { key: Some(self.source.clone()), ..self.anonymous() }
    }

    pub fn reader(&self) -> Client<'_> {
        Client { key: Some(self.reader.clone()), ..self.anonymous() }
    }
}

pub const PEOPLE: [(&str, &[Role]); 6] = [
    ("analyst", &[Role::Analyst]),
    ("approver", &[Role::Approver]),
    ("approver2", &[Role::Approver]),
    ("auditor", &[Role::Auditor]),
    ("admin", &[Role::Admin]),
    ("both", &[Role::Analyst, Role::Approver]),
];

async fn key(accounts: &Accounts, name: &str, scopes: &[Scope]) -> String {
    accounts.create_key(NewKey { name: name.into(), scopes: scopes.to_vec(), source: None, expires_at: None }).await.unwrap()
}

fn server_config() -> ServerConfig {
    ServerConfig { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..ServerConfig::default() }
}

/// The address of a new, empty database.
#[expect(clippy::disallowed_methods, reason = "the test command says where PostgreSQL is")]
pub async fn new_postgres_database() -> Option<String> {
    let Ok(maintenance) = std::env::var("COUNTERSIGN_TEST_POSTGRES") else {
        assert!(
            std::env::var("COUNTERSIGN_TEST_SQLITE_ONLY").is_ok(),
            "set COUNTERSIGN_TEST_POSTGRES, or run `cargo xtask test`, which does"
        );
        return None;
    };
    let name = format!("server_{}", Clock::System.uuid().simple());
    let connection = Database::connect(&maintenance).await.unwrap();
    connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    connection.close().await.unwrap();
    let (server, _) = maintenance.rsplit_once('/').unwrap();
    Some(format!("{server}/{name}"))
}

/// Somebody who talks to the server.
pub struct Client<'a> {
    installation: &'a Installation,
    pub http: reqwest::Client,
    pub key: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Client<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Posts to a certain server with an idempotency key.
    pub async fn send_to(&self, address: SocketAddr, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.http.post(format!("http://{address}{path}")).header("idempotency-key", key).json(body);
        self.send(match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        })
        .await
    }

    pub async fn post_nothing(&self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path)).await
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, self.installation.url(path));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }
}

impl Answer {
    /// The body, if the status is this one.
    #[track_caller]
    pub fn expect(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// A problem with this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["type"], format!("urn:countersign:problem:{code}"), "{}", self.body);
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["correlation_id"].as_str(), self.headers["x-correlation-id"].to_str().ok());
        self.body
    }
}

/// The JSON Pointers of a problem's errors.
pub fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

/// The actions of the audit log, the newest first, as an auditor reads them.
pub async fn newest_actions(installation: &Installation, count: usize) -> Vec<String> {
    let auditor = installation.person("auditor").await;
    let entries = auditor.get("/api/v1/audit-logs?limit=200").await.expect(StatusCode::OK);
    let actions = entries["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap().to_owned());
    actions.filter(|action| action != "USER_SIGNED_IN" && action != "ACCESS_DENIED").take(count).collect()
}

/// The files that runs put into the outbox; messages of Countersign itself are left out.
pub fn outbox(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder.join("outbox")) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("RUN-")).collect();
    names.sort();
    names
}
