//! Entries of the audit log: the leaf, the first bytes of its hash, and what entries are found by.

super::table! { "audit_entries"
    #[sea_orm(primary_key, auto_increment = false)]
    seq: i64,
    entry_id: String,
    at: i64,
    actor_id: Option<String>,
    action: String,
    incident_id: Option<i64>,
    leaf: String,
    hash_start: Option<i64>,
}
