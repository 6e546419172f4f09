//! Details of the audit log that were erased.

super::table! { "audit_erasures"
    #[sea_orm(primary_key, auto_increment = false)]
    entry_id: String,
    erased_at: i64,
}
