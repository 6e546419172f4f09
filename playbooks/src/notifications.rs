//! What Countersign tells people by itself: which events, in which words, to which channel. Sending is the worker's business.

use domain::notification::NotificationEvent as Event;
use domain::severity::Severity;
use domain::timestamp::Timestamp;
use serde::Deserialize;

use crate::duration::Duration;
use crate::expression::Place;
use crate::load::LoadError;
use crate::scope::{Facts, Scope};
use crate::template::Template;
use crate::yaml;

/// The rules of `notifications.yaml`. An event that is left out sends nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationRules {
    version: u32,
    /// The default channel.
    pub channel: String,
    events: Events,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Events {
    incident_reached: Option<Reached>,
    incident_escalated: Option<Wording>,
    approval_waits: Option<Wording>,
    approval_nears_expiry: Option<Nearing>,
    run_failed: Option<Wording>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    message: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reached {
    severity_at_least: Severity,
    message: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nearing {
    before: Duration,
    message: String,
}

const SHIPPED: &str = include_str!("../notifications.yaml");
const FILE: &str = "notifications.yaml";
/// The one version of the file that there is.
const VERSION: u32 = 1;

impl NotificationRules {
    /// What is embedded in the program.
    pub fn shipped() -> Result<Self, Vec<LoadError>> {
        Self::parse(SHIPPED)
    }

    /// Reads the rules; every message must compile.
    pub fn parse(text: &str) -> Result<Self, Vec<LoadError>> {
        let rules: Self = serde_yaml::from_str(text).map_err(|error| vec![LoadError::of_yaml(FILE, yaml::fault(&error))])?;
        let mut faults = Vec::new();
        if rules.version != VERSION {
            faults.push(LoadError::of_file(FILE, format!("version {} is not known; expected {VERSION}", rules.version)));
        }
        for (event, message) in Event::ALL.iter().filter_map(|event| Some((event, rules.wording(*event)?))) {
            if let Err(refused) = Template::compile(&message.into(), Place::Parameter(&[])) {
                faults.push(LoadError::of_file(FILE, format!("events.{event}.message: {refused}")));
            }
        }
        if faults.is_empty() { Ok(rules) } else { Err(faults) }
    }

    /// From which severity on an incident is told of; `None` if none is.
    #[must_use]
    pub fn severity_told(&self) -> Option<Severity> {
        self.events.incident_reached.as_ref().map(|reached| reached.severity_at_least)
    }

    /// How many seconds before its end an approval is told of; `None` if it is not.
    #[must_use]
    pub fn warning_s(&self) -> Option<u32> {
        self.events.approval_nears_expiry.as_ref().map(|nearing| nearing.before.seconds())
    }

    /// The message about this event of this incident; `None` if nothing is said about it. What cannot be resolved is said as it is
    /// written, so that a message is never lost.
    #[must_use]
    pub fn message(&self, event: Event, facts: &Facts, now: Timestamp) -> Option<String> {
        let written = self.wording(event)?;
        let template = Template::compile(&written.into(), Place::Parameter(&[])).ok();
        let resolved = template.and_then(|template| template.resolve(&Scope::before_run(facts, now)).ok());
        let text = resolved.and_then(|resolved| resolved.as_str().map(str::to_owned));
        Some(text.unwrap_or_else(|| format!("{event} {}: {written}", facts.incident.id)))
    }

    fn wording(&self, event: Event) -> Option<&str> {
        let events = &self.events;
        match event {
            Event::IncidentReached => events.incident_reached.as_ref().map(|reached| reached.message.as_str()),
            Event::IncidentEscalated => events.incident_escalated.as_ref().map(|wording| wording.message.as_str()),
            Event::ApprovalWaits => events.approval_waits.as_ref().map(|wording| wording.message.as_str()),
            Event::ApprovalNearsExpiry => events.approval_nears_expiry.as_ref().map(|nearing| nearing.message.as_str()),
            Event::RunFailed => events.run_failed.as_ref().map(|wording| wording.message.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::severity::Severity;

    use super::{Event, NotificationRules};

    #[test]
    fn the_shipped_rules_speak_of_every_event() {
        let rules = NotificationRules::shipped().unwrap_or_else(|faults| panic!("{faults:?}"));
        assert_eq!((rules.severity_told(), rules.warning_s()), (Some(Severity::S2), Some(1_800)));
        for event in Event::ALL {
            assert!(rules.wording(*event).is_some(), "{event}");
        }
    }

    #[test]
    fn a_message_must_compile_and_an_event_must_be_known() {
        let refused = |text: &str| NotificationRules::parse(text).map(|_| ()).map_err(|faults| faults[0].to_string());
        assert_eq!(refused("version: 1\nchannel: soc\nevents: {}\n"), Ok(()));
        for (text, expected) in [
            ("version: 2\nchannel: soc\nevents: {}\n", "version 2 is not known"),
            ("version: 1\nchannel: soc\nevents: { comet: { message: x } }\n", "unknown field `comet`"),
            ("version: 1\nchannel: soc\nevents: { run_failed: { message: \"${{ incident.mood }}\" } }\n", "unknown variable"),
        ] {
            assert!(refused(text).is_err_and(|error| error.contains(expected)), "{text}");
        }
    }
}
