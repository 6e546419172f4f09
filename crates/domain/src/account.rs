//! In whose hands accounts are: whoever set somebody's roles, password or link could be that somebody, so both together are one person until
//! somebody else confirmed the account. The database enforces the same; a verifier of the log finds it with this book, from what the log says.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::id::UserId;
use crate::timestamp::Timestamp;
use crate::user::UserRef;
use crate::word_enum;

/// How long an account is in the hand of whoever set it where nobody is there to confirm it, in milliseconds: 24 hours.
pub const UNCONFIRMED_MS_MAX: i64 = 86_400_000;

word_enum! {
    /// What is set of an account.
    AccountAspect {
        /// Its roles, and whether it is enabled.
        Roles = "roles",
        /// Its password, or a link by which it is set.
        Password = "password",
    }
}

word_enum! {
    /// How it was set.
    SetVia {
        Person = "person",
        /// By whoever has the database anyway: counts as set by nobody.
        CommandLine = "command_line",
        /// By the link that makes the first admin.
        SetUp = "set_up",
        /// Before it was kept who set it.
        Upgrade = "upgrade",
    }
}

/// What was last set of an account, by whom, and who confirmed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountSetting {
    pub aspect: AccountAspect,
    /// `null` if it counts as set by nobody.
    pub set_by: Option<UserRef>,
    pub via: SetVia,
    pub set_at: Timestamp,
    pub confirmed_by: Option<UserRef>,
    pub confirmed_at: Option<Timestamp>,
}

/// Who sets something of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setter {
    pub by: Option<UserId>,
    pub via: SetVia,
}

impl Setter {
    /// This person.
    #[must_use]
    pub const fn person(id: UserId) -> Self {
        Self { by: Some(id), via: SetVia::Person }
    }

    /// Nobody, in this way.
    #[must_use]
    pub const fn nobody(via: SetVia) -> Self {
        Self { by: None, via }
    }
}

impl AccountSetting {
    /// Must somebody else look at it before the account's owner is a second person beside whoever set it?
    #[must_use]
    pub fn is_open(&self, owner: UserId) -> bool {
        self.confirmed_by.is_none() && self.set_by.as_ref().is_some_and(|setter| setter.id != owner)
    }
}

/// Why somebody cannot confirm an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmationRefused {
    #[error("nobody confirms their own account")]
    Own,
    #[error("you set this account yourself, so another admin or approver must confirm it")]
    SetByYou,
    #[error("{0} set this account and has yours in their hand, so somebody else must confirm it")]
    InTheirHand(String),
}

/// May this person confirm what is open of somebody's account? `hands` are those in whose hands the person's own account is.
pub fn check_confirmation(
    person: UserId,
    owner: UserId,
    open: &[AccountSetting],
    hands: &BTreeSet<UserId>,
) -> Result<(), ConfirmationRefused> {
    if person == owner {
        return Err(ConfirmationRefused::Own);
    }
    for setter in open.iter().filter_map(|setting| setting.set_by.as_ref()) {
        if setter.id == person {
            return Err(ConfirmationRefused::SetByYou);
        }
        if hands.contains(&setter.id) {
            return Err(ConfirmationRefused::InTheirHand(setter.username.clone()));
        }
    }
    Ok(())
}

/// What was set of an account last.
#[derive(Clone, Copy, Debug)]
struct LastSet {
    by: Option<UserId>,
    at: Timestamp,
    is_confirmed: bool,
}

/// An account as a log tells of it.
#[derive(Clone, Debug, Default)]
struct Account {
    roles: BTreeSet<Role>,
    is_enabled: bool,
    last: BTreeMap<AccountAspect, LastSet>,
    /// Since when it may, or may not, decide.
    approver: Vec<(Timestamp, bool)>,
}

/// Every account, as far as a log was read.
#[derive(Clone, Debug, Default)]
pub struct AccountBook(BTreeMap<UserId, Account>);

impl AccountBook {
    /// Somebody set the roles of an account, or whether it is enabled.
    pub fn set_roles(&mut self, owner: UserId, roles: BTreeSet<Role>, is_enabled: bool, at: Timestamp) {
        let account = self.0.entry(owner).or_default();
        account.approver.push((at, is_enabled && roles.contains(&Role::Approver)));
        (account.roles, account.is_enabled) = (roles, is_enabled);
    }

    /// Somebody disabled an account.
    pub fn disable(&mut self, owner: UserId, at: Timestamp) {
        let roles = self.0.get(&owner).map(|account| account.roles.clone()).unwrap_or_default();
        self.set_roles(owner, roles, false, at);
    }

    /// Who set this of an account last.
    pub fn set(&mut self, owner: UserId, aspect: AccountAspect, by: Option<UserId>, at: Timestamp) {
        self.0.entry(owner).or_default().last.insert(aspect, LastSet { by, at, is_confirmed: false });
    }

    /// Somebody confirmed what others set of an account.
    pub fn confirm(&mut self, owner: UserId) {
        if let Some(account) = self.0.get_mut(&owner) {
            account.last.values_mut().for_each(|last| last.is_confirmed = true);
        }
    }

    /// Those who set what is open of an account.
    #[must_use]
    pub fn setters_of(&self, owner: UserId) -> BTreeSet<UserId> {
        self.open(owner).map(|(by, _)| by).collect()
    }

    /// Is this an enabled account that may confirm others?
    #[must_use]
    pub fn may_confirm(&self, person: UserId) -> bool {
        self.0.get(&person).is_some_and(Account::may_confirm)
    }

    /// Could this person decide at that time?
    #[must_use]
    pub fn was_approver(&self, person: UserId, at: Timestamp) -> bool {
        let before = self.0.get(&person).and_then(|account| account.approver.iter().rev().find(|(since, _)| *since <= at));
        before.is_some_and(|(_, is_approver)| *is_approver)
    }

    /// In whose hands an account is at this time: of those who set it, of those who set theirs, and so on.
    #[must_use]
    pub fn hands_of(&self, owner: UserId, now: Timestamp) -> BTreeSet<UserId> {
        self.reach(owner, &|owner, by, at| now.since_ms(at) < UNCONFIRMED_MS_MAX || self.somebody_can_confirm(owner, by))
    }

    /// An enabled admin or approver, neither of the two, and not in the setter's hand themselves.
    fn somebody_can_confirm(&self, owner: UserId, setter: UserId) -> bool {
        self.0.iter().any(|(id, account)| {
            *id != owner && *id != setter && account.may_confirm() && !self.reach(*id, &|_, _, _| true).contains(&setter)
        })
    }

    fn reach(&self, owner: UserId, holds: &dyn Fn(UserId, UserId, Timestamp) -> bool) -> BTreeSet<UserId> {
        let (mut found, mut next) = (BTreeSet::new(), vec![owner]);
        while let Some(owner) = next.pop() {
            for (by, at) in self.open(owner) {
                if holds(owner, by, at) && found.insert(by) {
                    next.push(by);
                }
            }
        }
        found
    }

    /// Who set what is open of an account, each with the last time.
    fn open(&self, owner: UserId) -> impl Iterator<Item = (UserId, Timestamp)> {
        let last = self.0.get(&owner).into_iter().flat_map(|account| account.last.values());
        let mut open: BTreeMap<UserId, Timestamp> = BTreeMap::new();
        for set in last.filter(|last| !last.is_confirmed) {
            if let Some(by) = set.by.filter(|by| *by != owner) {
                let at = open.entry(by).or_insert(set.at);
                *at = (*at).max(set.at);
            }
        }
        open.into_iter()
    }
}

impl Account {
    fn may_confirm(&self) -> bool {
        self.is_enabled && (self.roles.contains(&Role::Admin) || self.roles.contains(&Role::Approver))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{AccountAspect, AccountBook, UNCONFIRMED_MS_MAX};
    use crate::access::Role::{self, Admin, Analyst, Approver};
    use crate::approval::tests::user_id;
    use crate::timestamp::Timestamp;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    /// People by number: their roles, and who made them.
    fn book(people: &[(u128, &[Role], Option<u128>)]) -> AccountBook {
        let mut book = AccountBook::default();
        for (id, roles, by) in people {
            book.set_roles(user_id(*id), roles.iter().copied().collect(), true, at(0));
            for aspect in AccountAspect::ALL {
                book.set(user_id(*id), *aspect, by.map(user_id), at(0));
            }
        }
        book
    }

    fn hands(book: &AccountBook, of: u128, now_ms: i64) -> Vec<u128> {
        book.hands_of(user_id(of), at(now_ms)).into_iter().map(|id| id.uuid().as_u128()).collect()
    }

    #[test]
    fn an_account_is_in_the_hand_of_whoever_set_it_until_somebody_else_confirmed_it() {
        let mut book = book(&[(1, &[Admin, Analyst], None), (2, &[Approver], Some(1)), (3, &[Approver], None)]);
        assert_eq!((hands(&book, 2, 1), hands(&book, 3, 1), hands(&book, 1, 1)), (vec![1], vec![], vec![]));
        // There is somebody to confirm it, so time changes nothing.
        assert_eq!(hands(&book, 2, 100 * UNCONFIRMED_MS_MAX), [1]);
        book.confirm(user_id(2));
        assert_eq!(hands(&book, 2, 1), []);
        book.set(user_id(2), AccountAspect::Password, Some(user_id(1)), at(5));
        assert_eq!(hands(&book, 2, 6), [1]);
        book.set(user_id(2), AccountAspect::Password, Some(user_id(3)), at(7));
        assert_eq!(hands(&book, 2, 8), [3]);
        book.set(user_id(2), AccountAspect::Password, None, at(9));
        assert_eq!(hands(&book, 2, 10), []);
    }

    #[test]
    fn whoever_set_the_account_of_a_setter_has_both_in_their_hand() {
        let book = book(&[(1, &[Admin], None), (2, &[Admin], Some(1)), (3, &[Approver], Some(2)), (4, &[Approver], None)]);
        assert_eq!(hands(&book, 3, 1), [1, 2]);
    }

    #[test]
    fn where_nobody_else_can_confirm_it_a_day_is_enough() {
        let alone = book(&[(1, &[Admin, Analyst], None), (2, &[Approver], Some(1)), (3, &[Analyst], None)]);
        assert_eq!(hands(&alone, 2, UNCONFIRMED_MS_MAX - 1), [1]);
        assert_eq!(hands(&alone, 2, UNCONFIRMED_MS_MAX), []);
        // Whoever is in the same hand is nobody else.
        let puppets = book(&[(1, &[Admin, Analyst], None), (2, &[Approver], Some(1)), (3, &[Approver], Some(1))]);
        assert_eq!((hands(&puppets, 2, 1), hands(&puppets, 2, UNCONFIRMED_MS_MAX)), (vec![1], vec![]));
    }

    #[test]
    fn whoever_could_decide_at_a_time_is_known() {
        let mut book = book(&[(1, &[Analyst], None)]);
        let roles = |roles: &[Role]| roles.iter().copied().collect::<BTreeSet<Role>>();
        book.set_roles(user_id(1), roles(&[Approver]), true, at(10));
        book.disable(user_id(1), at(20));
        book.set_roles(user_id(1), roles(&[Approver]), true, at(30));
        let check = |ms: i64, expected: bool| assert_eq!(book.was_approver(user_id(1), at(ms)), expected, "{ms}");
        check(9, false);
        check(10, true);
        check(19, true);
        check(20, false);
        check(29, false);
        check(30, true);
        assert!(!book.was_approver(user_id(2), at(30)));
    }
}
