//! The bytes of alerts as received.

super::table! { "raw_alerts"
    #[sea_orm(primary_key, auto_increment = false)]
    alert_id: i64,
    bytes: Vec<u8>,
    sha256: String,
    received_at: i64,
}
