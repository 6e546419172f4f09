//! Intents on record before a connector is called.

super::table! { "effects"
    #[sea_orm(primary_key, auto_increment = false)]
    key: String,
    run_id: i64,
    step: String,
    kind: String,
    grant_id: Option<String>,
    action: String,
    connector: String,
    input: String,
    started_at: i64,
    target: Option<String>,
}
