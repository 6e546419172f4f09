//! Signed heads of the audit log.

super::table! { "audit_checkpoints"
    #[sea_orm(primary_key, auto_increment = false)]
    size: i64,
    note: String,
    made_at: i64,
}
