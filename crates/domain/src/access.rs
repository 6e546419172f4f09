//! Who may do what: roles, scopes, the actor behind a request, and the one function that decides. Deny is the default.

use crate::id::{ApiKeyId, Source, UserId};
use crate::session::STEP_UP_MS_MAX;
use crate::timestamp::Timestamp;
use crate::user::UserRef;
use crate::word_enum;

word_enum! {
    /// What a person is trusted with. One person may hold several; none implies another.
    Role {
        Analyst = "analyst",
        Approver = "approver",
        Auditor = "auditor",
        Admin = "admin",
    }
}

word_enum! {
    /// What an API key is trusted with.
    Scope {
        AlertsWrite = "alerts:write",
        EventsWrite = "events:write",
        IncidentsRead = "incidents:read",
        AuditRead = "audit:read",
        IocRead = "ioc:read",
        FeedsRead = "feeds:read",
        MetricsRead = "metrics:read",
    }
}

word_enum! {
    /// Something that an actor may or may not do; one row of the access matrix each. The word is what the audit log keeps of a refusal.
    Permission {
        /// Incidents, alerts, runs, approvals, playbooks.
        Read = "read",
        /// Audit entries that concern an incident.
        ReadIncidentAudit = "read_incident_audit",
        /// Audit entries without an incident: sign-ins, users, keys, settings.
        ReadWholeAudit = "read_whole_audit",
        SubmitAlert = "submit_alert",
        WriteNote = "write_note",
        /// Title, tags, assignee, verdict, tasks, evidence, merging.
        EditIncident = "edit_incident",
        MoveState = "move_state",
        RequestRun = "request_run",
        CancelRun = "cancel_run",
        /// Say what happened in a step whose outcome is unknown; of a run that was gated only an approver may.
        ResolveStep = "resolve_step",
        DecideApproval = "decide_approval",
        /// Put another version of a playbook in force.
        UploadPlaybook = "upload_playbook",
        /// The live event stream: people only.
        Follow = "follow",
        /// One's own password and sessions: people only.
        ManageOwnAccount = "manage_own_account",
        /// Other people's accounts, passwords and sessions.
        ManageUsers = "manage_users",
        /// Say that somebody's account is theirs, whoever set it: people only.
        ConfirmAccount = "confirm_account",
        ManageApiKeys = "manage_api_keys",
        /// Keep lists of incidents under names: people only, each their own.
        KeepViews = "keep_views",
        /// Counts and measurements: keys only.
        ReadMetrics = "read_metrics",
    }
}

/// A signed-in person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub user: UserRef,
    pub roles: Vec<Role>,
    /// When the password was last given: at sign-in or at a step-up.
    pub authenticated_at: Timestamp,
}

/// A program with an API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    pub id: ApiKeyId,
    pub name: String,
    pub scopes: Vec<Scope>,
    /// The one source that this key may post for, if it is bound.
    pub source: Option<Source>,
    /// Who made it, if they were an analyst: then what it posts is posted by their hand.
    pub hand_of: Option<UserId>,
}

/// Who is behind a request or a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    Anonymous,
    User(SignedIn),
    Key(KeyHolder),
    /// Countersign itself: the worker, expiry, the loading of playbooks.
    System,
}

/// The actor lacks the permission. `SignInFirst` for nobody, `Forbidden` for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("sign in, or send an API key")]
    SignInFirst,
    #[error("your roles or scopes do not include this")]
    Forbidden,
}

/// Proof that an actor is a person with the role `approver`; only [`Actor::as_approver`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Approver<'a>(&'a SignedIn);

impl Approver<'_> {
    /// The person.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.0.user.id
    }

    /// How others see the person.
    #[must_use]
    pub fn user(&self) -> &UserRef {
        &self.0.user
    }

    /// Has the person given their password lately? A sign-in that is dated later than now was dated by a clock that was wrong.
    #[must_use]
    pub fn has_confirmed_lately(&self, now: Timestamp) -> bool {
        (0..=STEP_UP_MS_MAX).contains(&now.since_ms(self.0.authenticated_at))
    }
}

impl Actor {
    /// The signed-in person, if it is one.
    #[must_use]
    pub fn as_user(&self) -> Option<&SignedIn> {
        if let Self::User(user) = self { Some(user) } else { None }
    }

    /// The person by whose hand this is done: their own, or the analyst's who made the key.
    #[must_use]
    pub fn hand(&self) -> Option<UserId> {
        match self {
            Self::User(person) => Some(person.user.id),
            Self::Key(key) => key.hand_of,
            Self::Anonymous | Self::System => None,
        }
    }

    /// The person as an approver; forbidden for anyone else.
    pub fn as_approver(&self) -> Result<Approver<'_>, Denied> {
        authorize(self, Permission::DecideApproval)?;
        self.as_user().map(Approver).ok_or(Denied::Forbidden)
    }
}

/// May this actor do this? The only place that knows the table of roles and scopes.
pub fn authorize(actor: &Actor, permission: Permission) -> Result<(), Denied> {
    let allowed = match actor {
        Actor::Anonymous => return Err(Denied::SignInFirst),
        Actor::System => true,
        Actor::User(user) => user.roles.iter().any(|role| role_may(*role, permission)),
        Actor::Key(key) => key.scopes.iter().any(|scope| scope_may(*scope, permission)),
    };
    if allowed { Ok(()) } else { Err(Denied::Forbidden) }
}

fn role_may(role: Role, permission: Permission) -> bool {
    match permission {
        Permission::Read
        | Permission::ReadIncidentAudit
        | Permission::Follow
        | Permission::ManageOwnAccount
        | Permission::KeepViews => true,
        Permission::ReadWholeAudit => matches!(role, Role::Auditor | Role::Admin),
        Permission::SubmitAlert
        | Permission::WriteNote
        | Permission::EditIncident
        | Permission::MoveState
        | Permission::RequestRun
        | Permission::CancelRun => role == Role::Analyst,
        Permission::ResolveStep => matches!(role, Role::Analyst | Role::Approver),
        Permission::DecideApproval => role == Role::Approver,
        Permission::UploadPlaybook => role == Role::Admin,
        Permission::ManageUsers | Permission::ManageApiKeys => role == Role::Admin,
        Permission::ConfirmAccount => matches!(role, Role::Approver | Role::Admin),
        Permission::ReadMetrics => false,
    }
}

fn scope_may(scope: Scope, permission: Permission) -> bool {
    match permission {
        Permission::Read => scope == Scope::IncidentsRead,
        Permission::ReadIncidentAudit => scope == Scope::AuditRead,
        Permission::SubmitAlert => scope == Scope::AlertsWrite,
        Permission::ReadMetrics => scope == Scope::MetricsRead,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Actor, Denied, KeyHolder, Permission, Role, Scope, SignedIn, authorize};
    use crate::id::{ApiKeyId, UserId};
    use crate::timestamp::Timestamp;
    use crate::user::UserRef;

    fn person(role: Role) -> Actor {
        let user = UserRef { id: UserId::new(Uuid::nil()), username: role.to_string() };
        Actor::User(SignedIn { user, roles: vec![role], authenticated_at: Timestamp::from_unix_ms(0) })
    }

    fn key(scope: Scope) -> Actor {
        Actor::Key(KeyHolder {
            id: ApiKeyId::new(Uuid::nil()),
            name: scope.to_string(),
            scopes: vec![scope],
            source: None,
            hand_of: None,
        })
    }

    #[test]
    fn each_role_may_what_the_table_of_roles_says() {
        let check = |permission: Permission, expected: &[Role]| {
            let may = |role: &Role| authorize(&person(*role), permission).is_ok();
            assert_eq!(Role::ALL.iter().copied().filter(may).collect::<Vec<_>>(), expected, "{permission:?}");
        };
        check(Permission::Read, Role::ALL);
        check(Permission::ReadIncidentAudit, Role::ALL);
        check(Permission::Follow, Role::ALL);
        check(Permission::KeepViews, Role::ALL);
        check(Permission::ReadWholeAudit, &[Role::Auditor, Role::Admin]);
        check(Permission::SubmitAlert, &[Role::Analyst]);
        check(Permission::WriteNote, &[Role::Analyst]);
        check(Permission::EditIncident, &[Role::Analyst]);
        check(Permission::MoveState, &[Role::Analyst]);
        check(Permission::RequestRun, &[Role::Analyst]);
        check(Permission::CancelRun, &[Role::Analyst]);
        check(Permission::ResolveStep, &[Role::Analyst, Role::Approver]);
        check(Permission::DecideApproval, &[Role::Approver]);
        check(Permission::UploadPlaybook, &[Role::Admin]);
        check(Permission::ManageOwnAccount, Role::ALL);
        check(Permission::ManageUsers, &[Role::Admin]);
        check(Permission::ConfirmAccount, &[Role::Approver, Role::Admin]);
        check(Permission::ManageApiKeys, &[Role::Admin]);
        check(Permission::ReadMetrics, &[]);
    }

    #[test]
    fn each_scope_may_what_it_is_for() {
        let check = |scope: Scope, expected: &[Permission]| {
            let may = |permission: &Permission| authorize(&key(scope), *permission).is_ok();
            assert_eq!(Permission::ALL.iter().copied().filter(may).collect::<Vec<_>>(), expected, "{scope}");
        };
        check(Scope::AlertsWrite, &[Permission::SubmitAlert]);
        check(Scope::IncidentsRead, &[Permission::Read]);
        check(Scope::AuditRead, &[Permission::ReadIncidentAudit]);
        check(Scope::MetricsRead, &[Permission::ReadMetrics]);
        for scope in [Scope::EventsWrite, Scope::IocRead, Scope::FeedsRead] {
            check(scope, &[]);
        }
    }

    #[test]
    fn nobody_may_do_anything_and_only_people_approve() {
        for &permission in Permission::ALL {
            assert_eq!(authorize(&Actor::Anonymous, permission), Err(Denied::SignInFirst));
        }
        assert_eq!(Actor::System.as_approver().map(|_| ()), Err(Denied::Forbidden));
        assert_eq!(key(Scope::AlertsWrite).as_approver().map(|_| ()), Err(Denied::Forbidden));
        assert!(person(Role::Approver).as_approver().is_ok());
    }
}
