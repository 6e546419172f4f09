//! People, how they are referred to, and what may not happen to an account: nobody takes the last admin away, nor their own right to
//! administer. Passwords and sessions have files of their own.

use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::alert::FieldError;
use crate::id::UserId;
use crate::text::TextLimits;
use crate::timestamp::Timestamp;

/// The longest user name, in bytes.
pub const USERNAME_BYTES_MAX: usize = 64;
/// How long the name may be that others see.
pub const DISPLAY_NAME_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: 128 };

/// A person as other records show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserRef {
    pub id: UserId,
    pub username: String,
}

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub roles: Vec<Role>,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
}

/// Who changes an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changer {
    /// The person it belongs to.
    Themself,
    SomebodyElse,
}

impl User {
    /// The short form that other records show.
    #[must_use]
    pub fn reference(&self) -> UserRef {
        UserRef { id: self.id, username: self.username.clone() }
    }

    /// Can this person administer now?
    #[must_use]
    pub fn is_enabled_admin(&self) -> bool {
        self.disabled_at.is_none() && self.roles.contains(&Role::Admin)
    }

    /// Can this person decide approvals now?
    #[must_use]
    pub fn is_enabled_approver(&self) -> bool {
        self.disabled_at.is_none() && self.roles.contains(&Role::Approver)
    }

    /// What is wrong with turning this account into `next`; `other_admins` is how many enabled admins there are besides.
    #[must_use]
    pub fn faults_of_change(&self, next: &Self, changer: Changer, other_admins: usize) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut refuse = |pointer: &str, detail: &str| faults.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        let loses_role = self.roles.contains(&Role::Admin) && !next.roles.contains(&Role::Admin);
        let is_disabled = self.disabled_at.is_none() && next.disabled_at.is_some();
        if changer == Changer::Themself && loses_role {
            refuse("/roles", "nobody takes away their own role admin; ask another admin");
        }
        if changer == Changer::Themself && is_disabled {
            refuse("/enabled", "nobody disables themselves; ask another admin");
        }
        if changer == Changer::SomebodyElse && self.is_enabled_admin() && !next.is_enabled_admin() && other_admins == 0 {
            let pointer = if is_disabled { "/enabled" } else { "/roles" };
            refuse(pointer, "this is the last enabled admin; make another one first");
        }
        faults
    }
}

/// What is wrong with the words of an account: its user name, the name that others see, its roles.
#[must_use]
pub fn faults_of_words(username: &str, display_name: &str, roles: &[Role]) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let mut refuse = |pointer: &str, detail: String| faults.push(FieldError { pointer: pointer.into(), detail });
    if !is_account_name(username) {
        refuse("/username", format!("must be 1 to {USERNAME_BYTES_MAX} of a-z, 0-9 and . _ -"));
    }
    if let Err(invalid) = DISPLAY_NAME_LIMITS.check(display_name) {
        refuse("/display_name", invalid.to_string());
    }
    if roles.is_empty() {
        refuse("/roles", "must name at least one role".to_owned());
    }
    faults
}

/// Is this a name for an account or a key: 1 to 64 of a-z, 0-9 and `. _ -`?
#[must_use]
pub fn is_account_name(name: &str) -> bool {
    (1..=USERNAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Changer, User, faults_of_words};
    use crate::access::Role;
    use crate::id::UserId;
    use crate::timestamp::Timestamp;

    fn user(roles: &[Role], disabled: bool) -> User {
        let at = Timestamp::from_unix_ms(0);
        User {
            id: UserId::new(Uuid::nil()),
            username: "ann".into(),
            display_name: "Ann".into(),
            roles: roles.to_vec(),
            created_at: at,
            disabled_at: disabled.then_some(at),
        }
    }

    #[test]
    fn an_admin_stays_and_nobody_locks_themselves_out() {
        const ADMIN: &[Role] = &[Role::Admin];
        const ANALYST: &[Role] = &[Role::Analyst];
        use Changer::{SomebodyElse, Themself};
        let check = |(roles, disabled): (&[Role], bool), changer, others, expected: &[&str]| {
            let faults = user(ADMIN, false).faults_of_change(&user(roles, disabled), changer, others);
            let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(pointers, expected, "{roles:?} {disabled} {changer:?} {others}");
        };
        check((ADMIN, false), SomebodyElse, 0, &[]);
        check((&[Role::Analyst, Role::Admin], false), Themself, 0, &[]);
        check((ANALYST, false), SomebodyElse, 1, &[]);
        check((ANALYST, false), SomebodyElse, 0, &["/roles"]);
        check((ADMIN, true), SomebodyElse, 1, &[]);
        check((ADMIN, true), SomebodyElse, 0, &["/enabled"]);
        check((ANALYST, false), Themself, 5, &["/roles"]);
        check((ANALYST, true), Themself, 5, &["/roles", "/enabled"]);
        assert_eq!(user(ADMIN, true).faults_of_change(&user(ANALYST, true), SomebodyElse, 0), []);
        assert_eq!(user(ANALYST, false).faults_of_change(&user(ANALYST, true), SomebodyElse, 0), []);
    }

    #[test]
    fn the_words_of_an_account_are_checked_together() {
        let check = |username: &str, display_name: &str, roles: &[Role], expected: &[&str]| {
            let faults = faults_of_words(username, display_name, roles);
            assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), expected);
        };
        check("ann.b_c-9", "Ann Example", &[Role::Analyst], &[]);
        check(&"a".repeat(64), &"é".repeat(64), &[Role::Analyst], &[]);
        check(&"a".repeat(65), &"é".repeat(65), &[], &["/username", "/display_name", "/roles"]);
        check("Ann", " ", &[Role::Admin], &["/username", "/display_name"]);
        check("", "a\0b", &[Role::Admin], &["/username", "/display_name"]);
    }
}
