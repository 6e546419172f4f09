//! Details of audit entries, which may be erased.

super::table! { "audit_detail"
    #[sea_orm(primary_key, auto_increment = false)]
    entry_id: String,
    salt: String,
    detail: String,
}
