//! Hashes of the Merkle tree over the audit log.

super::table! { "audit_nodes"
    #[sea_orm(primary_key, auto_increment = false)]
    position: i64,
    hash: Vec<u8>,
}
