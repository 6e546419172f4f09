//! Versions of playbooks.

super::table! { "playbook_versions"
    #[sea_orm(primary_key, auto_increment = false)]
    digest: String,
    playbook_id: String,
    document: String,
    origin: String,
    author: Option<String>,
    created_at: i64,
    source: Option<String>,
}
