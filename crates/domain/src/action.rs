//! What a step of a playbook can do, and what each action declares about itself. How an action is carried out is the crate
//! `connectors`' business.

use crate::word_enum;

word_enum! {
    /// Something that a step does.
    Action {
        Enrich = "enrich",
        BlockIp = "block_ip",
        UnblockIp = "unblock_ip",
        BlockDomain = "block_domain",
        UnblockDomain = "unblock_domain",
        DisableUser = "disable_user",
        EnableUser = "enable_user",
        RevokeSessions = "revoke_sessions",
        ResetPassword = "reset_password",
        IsolateHost = "isolate_host",
        ReleaseHost = "release_host",
        QuarantineEmail = "quarantine_email",
        CreateTicket = "create_ticket",
        Notify = "notify",
    }
}

word_enum! {
    /// What a parameter holds.
    ParameterKind {
        /// Any text that is not empty.
        Text = "text",
        /// An IPv4 or IPv6 address.
        Ip = "ip",
        Domain = "domain",
        /// A number and s, m, h or d, such as `24h`.
        Duration = "duration",
        /// A list of kinds of observables, such as `[ip, domain]`.
        ObservableKinds = "observable_kinds",
    }
}

/// One parameter of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: ParameterKind,
    pub required: bool,
    /// Does it name what the action is done to?
    pub target: bool,
    /// One line for people.
    pub summary: &'static str,
}

/// What an action declares about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// A few words for people.
    pub title: &'static str,
    /// One line for people.
    pub summary: &'static str,
    pub parameters: &'static [Parameter],
    /// Does it take something away from somebody?
    pub destructive: bool,
    /// Can customers notice it?
    pub customer_impact: bool,
    /// The action that takes it back; it has the same target.
    pub undo: Option<Action>,
}

impl Manifest {
    /// The parameter with this name.
    #[must_use]
    pub fn find_parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

impl Action {
    /// What the action declares about itself: its risk, its parameters, and what takes it back.
    #[must_use]
    pub const fn manifest(self) -> Manifest {
        match self {
            Self::Enrich => harmless("Enrich", "Asks the enrichment providers about the incident's observables.", &[OBSERVABLES]),
            Self::BlockIp => destructive("Block address", "Blocks an address at the perimeter.", &[IP, DURATION])
                .noticed_by_customers()
                .undone_by(Self::UnblockIp),
            Self::UnblockIp => harmless("Unblock address", "Lifts the block of an address.", &[IP]),
            Self::BlockDomain => {
                destructive("Block domain", "Blocks a domain in name resolution and proxies.", &[DOMAIN, DURATION])
                    .noticed_by_customers()
                    .undone_by(Self::UnblockDomain)
            }
            Self::UnblockDomain => harmless("Unblock domain", "Lifts the block of a domain.", &[DOMAIN]),
            Self::DisableUser => {
                destructive("Disable account", "Disables an account in the directory.", &[USER]).undone_by(Self::EnableUser)
            }
            Self::EnableUser => harmless("Enable account", "Enables a disabled account again.", &[USER]),
            Self::RevokeSessions => destructive("Revoke sessions", "Ends every session of an account.", &[USER]),
            Self::ResetPassword => destructive("Reset password", "Makes an account choose a new password.", &[USER]),
            Self::IsolateHost => destructive("Isolate host", "Cuts a host off the network, its agent excepted.", &[HOST])
                .noticed_by_customers()
                .undone_by(Self::ReleaseHost),
            Self::ReleaseHost => harmless("Release host", "Lets an isolated host back onto the network.", &[HOST]),
            Self::QuarantineEmail => {
                destructive("Quarantine mail", "Takes the messages of a sender out of all mailboxes.", &[EMAIL])
            }
            Self::CreateTicket => harmless("Create ticket", "Opens a ticket in the ticket system.", &[TITLE, DESCRIPTION]),
            Self::Notify => harmless("Notify", "Sends a message to a channel.", &[CHANNEL, MESSAGE]),
        }
    }
}

const fn harmless(title: &'static str, summary: &'static str, parameters: &'static [Parameter]) -> Manifest {
    Manifest { title, summary, parameters, destructive: false, customer_impact: false, undo: None }
}

const fn destructive(title: &'static str, summary: &'static str, parameters: &'static [Parameter]) -> Manifest {
    Manifest { destructive: true, ..harmless(title, summary, parameters) }
}

impl Manifest {
    const fn noticed_by_customers(self) -> Self {
        Self { customer_impact: true, ..self }
    }

    const fn undone_by(self, undo: Action) -> Self {
        Self { undo: Some(undo), ..self }
    }
}

const IP: Parameter = target("ip", ParameterKind::Ip, "The address.");
const DOMAIN: Parameter = target("domain", ParameterKind::Domain, "The domain.");
const USER: Parameter = target("user", ParameterKind::Text, "The account's name.");
const HOST: Parameter = target("host", ParameterKind::Text, "The host's name.");
const EMAIL: Parameter = target("email", ParameterKind::Text, "The sender's address.");
const DURATION: Parameter = optional("duration", ParameterKind::Duration, "How long it holds; until it is undone, if absent.");
const OBSERVABLES: Parameter =
    optional("observables", ParameterKind::ObservableKinds, "Which kinds to ask about; all, if absent.");
const TITLE: Parameter = required("title", "The ticket's title.");
const DESCRIPTION: Parameter = optional("description", ParameterKind::Text, "The ticket's text.");
const CHANNEL: Parameter = required("channel", "The channel's name.");
const MESSAGE: Parameter = required("message", "The message's text.");

const fn target(name: &'static str, kind: ParameterKind, summary: &'static str) -> Parameter {
    Parameter { name, kind, required: true, target: true, summary }
}

const fn required(name: &'static str, summary: &'static str) -> Parameter {
    Parameter { name, kind: ParameterKind::Text, required: true, target: false, summary }
}

const fn optional(name: &'static str, kind: ParameterKind, summary: &'static str) -> Parameter {
    Parameter { name, kind, required: false, target: false, summary }
}

#[cfg(test)]
mod tests {
    use super::Action;

    #[test]
    fn what_takes_something_away_is_destructive_and_what_gives_it_back_is_not() {
        let check = |action: Action, destructive: bool, undo: Option<Action>| {
            let manifest = action.manifest();
            assert_eq!((manifest.destructive, manifest.undo), (destructive, undo), "{action}");
        };
        check(Action::Enrich, false, None);
        check(Action::BlockIp, true, Some(Action::UnblockIp));
        check(Action::UnblockIp, false, None);
        check(Action::BlockDomain, true, Some(Action::UnblockDomain));
        check(Action::UnblockDomain, false, None);
        check(Action::DisableUser, true, Some(Action::EnableUser));
        check(Action::EnableUser, false, None);
        check(Action::RevokeSessions, true, None);
        check(Action::ResetPassword, true, None);
        check(Action::IsolateHost, true, Some(Action::ReleaseHost));
        check(Action::ReleaseHost, false, None);
        check(Action::QuarantineEmail, true, None);
        check(Action::CreateTicket, false, None);
        check(Action::Notify, false, None);
    }

    #[test]
    fn every_destructive_action_names_its_target_and_its_undo_has_the_same_one() {
        let targets = |action: Action| {
            action.manifest().parameters.iter().filter(|parameter| parameter.target).map(|p| (p.name, p.kind)).collect::<Vec<_>>()
        };
        for action in Action::ALL.iter().copied() {
            assert!(!action.manifest().destructive || !targets(action).is_empty(), "{action}");
            if let Some(undo) = action.manifest().undo {
                assert_eq!(targets(undo), targets(action), "{action}");
                assert!(!undo.manifest().destructive, "{undo}");
            }
        }
    }

    #[test]
    fn parameters_are_found_by_name() {
        let block_ip = Action::BlockIp.manifest();
        assert!(block_ip.find_parameter("ip").is_some_and(|parameter| parameter.target && parameter.required));
        assert!(block_ip.find_parameter("duration").is_some_and(|parameter| !parameter.target && !parameter.required));
        assert!(block_ip.find_parameter("user").is_none());
    }
}
