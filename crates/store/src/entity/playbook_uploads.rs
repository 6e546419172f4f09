//! Uploads of playbooks.

super::table! { "playbook_uploads"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    playbook_id: String,
    digest: String,
    author: String,
    created_at: i64,
}
