//! Messages that go out as files.

super::table! { "outbox_messages"
    #[sea_orm(primary_key, auto_increment = false)]
    key: String,
    outbox: String,
    body: String,
    claimed_at: i64,
    written_at: Option<i64>,
}
