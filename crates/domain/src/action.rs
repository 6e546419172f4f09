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
        CreateTask = "create_task",
        Notify = "notify",
        HttpRequest = "http_request",
        AddTag = "add_tag",
        Assign = "assign",
        SetVerdict = "set_verdict",
        CaptureEvidence = "capture_evidence",
        Wait = "wait",
        Transition = "transition",
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
        /// An address that starts with `http://` or `https://`.
        Url = "url",
        /// GET, POST, PUT, PATCH or DELETE.
        Method = "method",
        /// A map.
        Map = "map",
        /// A tag of an incident.
        Tag = "tag",
        Verdict = "verdict",
        /// Where a step may take its incident: `contained`.
        ReachedState = "reached_state",
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

word_enum! {
    /// What a member of a step's output holds, as JSON Schema calls it.
    OutputKind {
        Text = "string",
        Flag = "boolean",
        Number = "integer",
        List = "array",
        Map = "object",
    }
}

/// One member of a step's output. The connector may add others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    pub name: &'static str,
    pub kind: OutputKind,
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
    pub output: &'static [Output],
    /// Does it take something away from somebody?
    pub destructive: bool,
    /// Can customers notice it?
    pub customer_impact: bool,
    /// The action that takes it back; it has the same target.
    pub undo: Option<Action>,
    pub reach: Reach,
}

/// What an action touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Other systems, by a connector.
    Outside,
    /// Only the incident's own record: done in the same write as its outcome.
    OwnRecord,
    /// Nothing: time passes.
    Time,
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
            Self::Enrich => harmless("Enrich", "Asks the enrichment providers about the incident's observables.", &[OBSERVABLES])
                .answering(&[VERDICT_OUT, SIGNALS_OUT, SIMULATED_OUT]),
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
            Self::Notify => {
                harmless("Notify", "Sends a message to a channel.", &[CHANNEL, MESSAGE]).answering(&[FILE_OUT, SIMULATED_OUT])
            }
            Self::HttpRequest => destructive("Call an API", "Sends a request to a configured host.", &[URL, METHOD, BODY])
                .answering(&[STATUS_OUT, BODY_OUT, SIMULATED_OUT]),
            Self::CreateTask => own("Create task", "Adds a task to the incident.", &[TITLE, ASSIGNEE]).answering(&[TASK_OUT]),
            Self::AddTag => own("Add tag", "Adds a tag to the incident.", &[TAG]).answering(&[CHANGED_OUT]),
            Self::Assign => own("Assign", "Gives the incident to a person.", &[PERSON]).answering(&[CHANGED_OUT]),
            Self::SetVerdict => {
                own("Set verdict", "Sets the incident's verdict, with its reason.", &[VERDICT, REASON]).answering(&[CHANGED_OUT])
            }
            Self::CaptureEvidence => own(
                "Capture evidence",
                "Keeps what is known of the incident now as a file that nobody can change.",
                &[SNAPSHOT_NAME],
            )
            .answering(&[EVIDENCE_OUT, SHA256_OUT]),
            Self::Transition => own("Move incident", "Moves the incident to another state.", &[TO]).answering(&[CHANGED_OUT]),
            Self::Wait => Manifest { reach: Reach::Time, ..own("Wait", "Lets time pass before the next step.", &[WAIT]) }
                .answering(&[WAITED_OUT]),
        }
    }
}

const fn harmless(title: &'static str, summary: &'static str, parameters: &'static [Parameter]) -> Manifest {
    Manifest {
        title,
        summary,
        parameters,
        output: &[SIMULATED_OUT],
        destructive: false,
        customer_impact: false,
        undo: None,
        reach: Reach::Outside,
    }
}

const fn own(title: &'static str, summary: &'static str, parameters: &'static [Parameter]) -> Manifest {
    Manifest { reach: Reach::OwnRecord, output: &[], ..harmless(title, summary, parameters) }
}

const fn destructive(title: &'static str, summary: &'static str, parameters: &'static [Parameter]) -> Manifest {
    Manifest { destructive: true, ..harmless(title, summary, parameters) }
}

impl Manifest {
    const fn answering(self, output: &'static [Output]) -> Self {
        Self { output, ..self }
    }

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
const TITLE: Parameter = required("title", "Its title.");
const DESCRIPTION: Parameter = optional("description", ParameterKind::Text, "Its text.");
const ASSIGNEE: Parameter = optional("assignee", ParameterKind::Text, "The user name of the person who shall do it.");
const PERSON: Parameter = required("user", "The user name of the person.");
const REASON: Parameter = required("reason", "Why.");
const SNAPSHOT_NAME: Parameter = optional("name", ParameterKind::Text, "What the file is called; `snapshot`, if absent.");
const URL: Parameter = target("url", ParameterKind::Url, "The address.");
const METHOD: Parameter = optional("method", ParameterKind::Method, "GET, if absent.");
const BODY: Parameter = optional("body", ParameterKind::Map, "The request's body, sent as JSON.");
const TAG: Parameter = Parameter { kind: ParameterKind::Tag, ..required("tag", "The tag.") };
const VERDICT: Parameter = Parameter { kind: ParameterKind::Verdict, ..required("verdict", "The verdict.") };
const TO: Parameter = Parameter { kind: ParameterKind::ReachedState, ..required("to", "The state: contained.") };
const WAIT: Parameter = Parameter { kind: ParameterKind::Duration, ..required("duration", "How long.") };

const SIMULATED_OUT: Output = output("simulated", OutputKind::Flag, "Nothing was really done.");
const VERDICT_OUT: Output = output("verdict", OutputKind::Text, "unknown, benign, suspicious or malicious.");
const SIGNALS_OUT: Output = output("signals", OutputKind::List, "What the providers said.");
const FILE_OUT: Output = output("file", OutputKind::Text, "The message's file, where messages are files.");
const STATUS_OUT: Output = output("status", OutputKind::Number, "The answer's status.");
const BODY_OUT: Output = output("body", OutputKind::Map, "The answer's body, if it is JSON.");
const TASK_OUT: Output = output("task", OutputKind::Text, "The task's id.");
const CHANGED_OUT: Output = output("changed", OutputKind::Flag, "Was it anything else before?");
const EVIDENCE_OUT: Output = output("evidence", OutputKind::Text, "The file's id.");
const SHA256_OUT: Output = output("sha256", OutputKind::Text, "SHA-256 of the file.");
const WAITED_OUT: Output = output("waited_s", OutputKind::Number, "Seconds.");

const fn output(name: &'static str, kind: OutputKind, summary: &'static str) -> Output {
    Output { name, kind, summary }
}
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
        check(Action::CreateTask, false, None);
        check(Action::Notify, false, None);
        check(Action::HttpRequest, true, None);
        for own in [Action::AddTag, Action::Assign, Action::SetVerdict, Action::CaptureEvidence, Action::Wait, Action::Transition]
        {
            check(own, false, None);
        }
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
