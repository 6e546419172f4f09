//! The one row that says how large the audit log is.

super::table! { "audit_head"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    size: i64,
    tree_size: i64,
    edge: Option<Vec<u8>>,
}
