//! A server whose role owns nothing: it does the whole main job, and whoever has its address can take no guard of the log away.

use sea_orm::{ConnectionTrait as _, Database};
use server::commands::serve::Running;
use server::config::{DataConfig, ServerConfig};

use crate::installation::{Installation, new_postgres_database};
use crate::main_job::{approve_and_contain, incident};

/// What the server's role tries in vain, and what PostgreSQL says.
const REFUSED: [(&str, &str); 12] = [
    ("UPDATE audit_entries SET action = 'USER_DISABLED'", "permission denied"),
    ("DELETE FROM audit_entries", "permission denied"),
    ("TRUNCATE audit_entries", "permission denied"),
    ("TRUNCATE audit_detail", "permission denied"),
    ("UPDATE audit_detail SET detail = '{}'", "permission denied"),
    ("DELETE FROM audit_detail", "nothing says that it was erased"),
    ("UPDATE audit_checkpoints SET note = ''", "permission denied"),
    ("INSERT INTO audit_head (id, size) VALUES (2, 0)", "permission denied"),
    ("UPDATE audit_head SET size = 0, tree_size = 0", "UPDATE of audit_head is refused"),
    ("ALTER TABLE audit_entries DISABLE TRIGGER ALL", "must be owner"),
    ("DROP TRIGGER audit_entries_update ON audit_entries", "must be owner"),
    ("CREATE TABLE public.mine (id BIGINT)", "permission denied"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_owns_nothing_works_and_can_take_no_guard_away() {
    let Some(owner_url) = new_postgres_database().await else { return };
    let name = owner_url.rsplit('/').next().unwrap();
    let role = format!("role_{name}");
    let owner = Database::connect(&owner_url).await.unwrap();
    owner.execute_unprepared(&format!("CREATE ROLE {role} LOGIN PASSWORD 'only to log in'")).await.unwrap();
    let (_, host) = owner_url.split_once('@').unwrap();
    let server_url = format!("postgres://{role}:only%20to%20log%20in@{host}");

    let installation = Installation::owned_by(&server_url, &owner_url).await;
    let id = incident(&installation).await;
    approve_and_contain(&installation, &id).await;
    let server = Database::connect(&server_url).await.unwrap();
    for (statement, expected) in REFUSED {
        let refused = server.execute_unprepared(statement).await.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.contains(expected), "{statement}: {refused:?}");
    }
    // Later the server starts without the owner's address, as on a machine that does not have it.
    let folder = tempfile::tempdir().unwrap();
    let data = DataConfig { data_dir: folder.path().to_owned(), database_url: Some(server_url.clone()), owner_url: None };
    let config = ServerConfig { listen: ([127, 0, 0, 1], 0).into(), ..ServerConfig::default() };
    Running::start(&data, &config).await.unwrap().stop().await.unwrap();

    let same = DataConfig { owner_url: Some(owner_url.clone()), database_url: Some(owner_url), ..data };
    let refused = Running::start(&same, &config).await.err().map(|error| format!("{error:#}")).unwrap_or_default();
    assert!(refused.contains("must be another role"), "{refused}");
    drop(installation);
    owner.close().await.unwrap();
    server.close().await.unwrap();
}
