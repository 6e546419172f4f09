//! What was seen in an alert.

super::table! { "alert_observables"
    #[sea_orm(primary_key, auto_increment = false)]
    alert_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    position: i64,
    field: String,
    kind: String,
    value: String,
}
