//! A view: what was last set of each account.

super::table! { "account_settings"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    user_id: String,
    aspect: String,
    set_by: Option<String>,
    via: String,
    set_at: i64,
    confirmed_by: Option<String>,
    confirmed_at: Option<i64>,
}
