//! Who confirmed what others set of an account.

super::table! { "account_confirmations"
    #[sea_orm(primary_key, auto_increment = false)]
    change_id: i64,
    confirmed_by: String,
    confirmed_at: i64,
}
