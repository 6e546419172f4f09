//! Entries of the audit log.

super::table! { "audit_entries"
    #[sea_orm(primary_key, auto_increment = false)]
    seq: i64,
    entry_id: String,
    at: i64,
    actor_kind: String,
    actor_id: Option<String>,
    action: String,
    target_kind: String,
    target_id: String,
    incident_id: Option<i64>,
    correlation_id: Option<String>,
    outcome: String,
    leaf: String,
}
