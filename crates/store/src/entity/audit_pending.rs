//! Entries that are committed and have no place in the log yet; on PostgreSQL only.

super::table! { "audit_pending"
    #[sea_orm(primary_key)]
    number: i64,
    entry_id: String,
    at: i64,
    salt: String,
    draft: String,
}
