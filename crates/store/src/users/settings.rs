//! Who set what of an account, and who confirmed it, as rows; and in whose hands accounts are, as the database's views say. The rule is in
//! `domain::account`.

use std::collections::{BTreeSet, HashMap};

use domain::account::{AccountAspect, AccountSetting, Setter};
use domain::id::UserId;
use domain::timestamp::Timestamp;
use domain::user::{User, UserRef};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entity::{account_changes, account_confirmations, account_hands, account_settings};
use crate::error::StoreError;
use crate::nouns::{Reads, Users};
use crate::numbers::Numbered;
use crate::rows::{maybe_time, time, word};
use crate::users::{Usernames, maybe_reference, usernames};
use crate::write::Tx;

/// How many accounts wait for a confirmation in one list; whoever has more begins with these.
const OPEN_MAX: u64 = 1_000;

/// Since when a person could, or could not, decide approvals; the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApproverHistory(Vec<(Timestamp, bool)>);

impl ApproverHistory {
    /// Could they at that time?
    #[must_use]
    pub fn was_approver(&self, at: Timestamp) -> bool {
        self.0.iter().find(|(since, _)| *since <= at).is_some_and(|(_, is_approver)| *is_approver)
    }
}

impl<D: Reads> Users<'_, D> {
    /// What was last set of these accounts.
    pub async fn settings_of(&self, ids: &[UserId]) -> Result<HashMap<UserId, Vec<AccountSetting>>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        self.settings(Condition::all().add(account_settings::Column::UserId.is_in(ids.iter().map(ToString::to_string)))).await
    }

    /// The accounts of which something was set by somebody, and is not confirmed. Some of it may be the owner's own.
    pub async fn list_open_settings(&self) -> Result<HashMap<UserId, Vec<AccountSetting>>, StoreError> {
        let open = Condition::all().add(account_settings::Column::SetBy.is_not_null());
        self.settings(open.add(account_settings::Column::ConfirmedBy.is_null())).await
    }

    async fn settings(&self, which: Condition) -> Result<HashMap<UserId, Vec<AccountSetting>>, StoreError> {
        let newest_first = account_settings::Entity::find().filter(which).order_by_desc(account_settings::Column::Id);
        let rows = newest_first.limit(OPEN_MAX).all(self.0.connected()).await?;
        let people = rows.iter().flat_map(|row| row.set_by.clone().into_iter().chain(row.confirmed_by.clone())).collect();
        let names = usernames(self.0.connected(), people).await?;
        let mut settings: HashMap<UserId, Vec<AccountSetting>> = HashMap::new();
        for row in rows {
            settings.entry(word(&row.user_id)?).or_default().push(setting(&names, &row)?);
        }
        for of_account in settings.values_mut() {
            of_account.sort_by_key(|setting| setting.aspect);
        }
        Ok(settings)
    }

    /// In whose hands these accounts are now, by the database's clock.
    pub async fn hands_of(&self, ids: &BTreeSet<UserId>) -> Result<HashMap<UserId, Vec<UserRef>>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let of_accounts = account_hands::Column::UserId.is_in(ids.iter().map(ToString::to_string));
        let rows = account_hands::Entity::find().filter(of_accounts).all(self.0.connected()).await?;
        let names = usernames(self.0.connected(), rows.iter().map(|row| row.hand.clone()).collect()).await?;
        let mut hands: HashMap<UserId, Vec<UserRef>> = HashMap::new();
        for row in rows {
            hands.entry(word(&row.user_id)?).or_default().push(crate::users::reference(&names, &row.hand)?);
        }
        Ok(hands)
    }

    /// Since when this person could, or could not, decide approvals, by the database's clock; the newest first.
    pub async fn approver_history(&self, id: UserId) -> Result<ApproverHistory, StoreError> {
        let rows = account_changes::Entity::find()
            .filter(account_changes::Column::UserId.eq(id.to_string()))
            .filter(account_changes::Column::Aspect.eq(AccountAspect::Roles.as_str()))
            .order_by_desc(account_changes::Column::Id)
            .all(self.0.connected())
            .await?;
        Ok(ApproverHistory(rows.into_iter().map(|change| (time(change.set_at), change.is_approver != 0)).collect()))
    }
}

impl Users<'_, Tx> {
    /// Puts on record who set this of an account.
    pub async fn note_setter(&self, user: &User, aspect: AccountAspect, setter: Setter, at: Timestamp) -> Result<(), StoreError> {
        let row = account_changes::ActiveModel {
            id: Set(self.0.next_number(Numbered::AccountChanges).await?),
            user_id: Set(user.id.to_string()),
            aspect: Set(aspect.to_string()),
            is_approver: Set(user.is_enabled_approver().into()),
            set_by: Set(setter.by.map(|id| id.to_string())),
            via: Set(setter.via.to_string()),
            set_at: Set(at.unix_ms()),
        };
        account_changes::Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }

    /// Confirms what others set of an account; [`StoreError::Refused`] if the database finds that this person may not.
    pub async fn confirm(&self, owner: UserId, by: UserId, at: Timestamp) -> Result<(), StoreError> {
        let open = account_settings::Entity::find()
            .filter(account_settings::Column::UserId.eq(owner.to_string()))
            .filter(account_settings::Column::SetBy.is_not_null())
            .filter(account_settings::Column::SetBy.ne(owner.to_string()))
            .filter(account_settings::Column::ConfirmedBy.is_null())
            .all(self.0.connection())
            .await?;
        for setting in open {
            let row = account_confirmations::ActiveModel {
                change_id: Set(setting.id),
                confirmed_by: Set(by.to_string()),
                confirmed_at: Set(at.unix_ms()),
            };
            account_confirmations::Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        }
        Ok(())
    }
}

fn setting(names: &Usernames, row: &account_settings::Model) -> Result<AccountSetting, StoreError> {
    Ok(AccountSetting {
        aspect: word(&row.aspect)?,
        set_by: maybe_reference(names, row.set_by.as_deref())?,
        via: word(&row.via)?,
        set_at: time(row.set_at),
        confirmed_by: maybe_reference(names, row.confirmed_by.as_deref())?,
        confirmed_at: maybe_time(row.confirmed_at),
    })
}
