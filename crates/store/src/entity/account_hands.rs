//! A view: in whose hands accounts are.

super::table! { "account_hands"
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    hand: String,
}
