//! The bytes of files, in pieces.

super::table! { "evidence_pieces"
    #[sea_orm(primary_key, auto_increment = false)]
    upload: String,
    #[sea_orm(primary_key, auto_increment = false)]
    position: i64,
    bytes: Vec<u8>,
    received_at: i64,
}
