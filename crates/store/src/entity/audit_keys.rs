//! The keys that sign the heads of the audit log.

super::table! { "audit_keys"
    #[sea_orm(primary_key, auto_increment = false)]
    since: i64,
    verifier: String,
    added_at: i64,
}
