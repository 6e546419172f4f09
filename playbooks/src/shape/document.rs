//! The shape of a playbook, key by key. Its fields as the program holds them are in `schema`.

use domain::action::Action;
use domain::approval::{APPROVAL_EXPIRES_S_MAX, QUORUM_MAX};
use domain::id::{IncidentType, PlaybookId, StepId};
use domain::incident::State;
use domain::plan::{ATTEMPTS_MAX, BACKOFF_S_MAX, OnError, TIMEOUT_S_MAX};
use domain::verdict::Verdict;

use super::{Field, Shape, Text};
use crate::check::{DESCRIPTION_BYTES_MAX, NAME_BYTES_MAX, REASON_BYTES_MAX, STEPS_MAX, TAG_BYTES_MAX, TESTS_MAX, TYPES_MAX};

/// The longest name of a person, in bytes.
const USERNAME_BYTES_MAX: usize = 64;

const SEVERITIES: [&str; 10] = ["S1", "S2", "S3", "S4", "S5", "critical", "high", "medium", "low", "informational"];

/// A whole playbook.
pub(crate) fn document() -> Shape {
    let types = Shape::OneOrList { item: Box::new(incident_type()), max: TYPES_MAX };
    Shape::Object(vec![
        Field::required("id", "The playbook's id, such as PB-BRUTE-FORCE", playbook_id()),
        Field::required("name", "A few words for people", line(NAME_BYTES_MAX)),
        Field::optional("description", "What it does, for people", Shape::Text(Text::free(DESCRIPTION_BYTES_MAX))),
        Field::required("incident_type", "A type of incident, or a list of types", types),
        Field::optional(
            "priority",
            "Of several that fit, the highest is proposed; 0 if absent",
            integer(i32::MIN.into(), i32::MAX.into()),
        ),
        Field::optional("when", "Is the playbook applicable? CEL; absent means yes", expression()),
        Field::optional("auto_run", "Does it start by itself? CEL; absent means never", expression()),
        Field::optional("requires_approval_if", "Rules of which any that holds asks for an approval", approval_rules()),
        Field::optional("approval", "How the approval of the whole plan is asked for", approval_terms()),
        Field::required("actions", "The steps, in order", list(step(), 1, STEPS_MAX)),
        Field::optional("on_success", "What follows a run in which every step went well", on_success()),
        Field::optional("close_if", "Closes a new incident by itself if everything given here holds", close_rule()),
        Field::optional("escalate_if", "Escalates an incident, once, if everything given here holds", escalation_rule()),
        Field::optional("tests", "Alerts, and what must follow from each", list(test(), 0, TESTS_MAX)),
    ])
}

fn approval_rules() -> Shape {
    Shape::Object(vec![
        Field::optional("severity_at_least", "The incident is this severe, or more", words(&SEVERITIES)),
        Field::optional("privileged_account", "A privileged account is involved", Shape::True),
        Field::optional("verdict_in", "The incident's verdict is one of these", verdicts()),
        Field::optional("destructive", "Any step of the plan is destructive", Shape::True),
        Field::optional("condition", "A CEL expression holds", expression()),
    ])
}

fn approval_terms() -> Shape {
    let expires_in = duration(APPROVAL_EXPIRES_S_MAX, "a length of time from 1s to 24h, such as 4h");
    Shape::Object(vec![
        Field::optional("quorum", "How many people must approve; 1 if absent", integer(1, QUORUM_MAX.into())),
        Field::optional("expires_in", "How long people have to decide; 4h if absent", expires_in),
    ])
}

fn step() -> Shape {
    let timeout = duration(TIMEOUT_S_MAX, "a length of time from 1s to 1h, such as 30s");
    Shape::Object(vec![
        Field::required("id", "The step's name, which later steps read as steps.<id>", step_id()),
        Field::required("action", "What the step does", words(&all(Action::ALL, Action::as_str))),
        Field::optional("when", "Does the step run? CEL; absent means yes", expression()),
        Field::optional("with", "The action's parameters; texts may hold ${{ }}", Shape::Parameters),
        Field::optional("approval", "A signature asked for before this step", approval_terms()),
        Field::optional("retry", "How often it is tried, and how long to wait between", retry()),
        Field::optional("timeout", "How long one attempt may take; 60s if absent", timeout),
        Field::optional("on_error", "What follows if it fails; stop if absent", words(&all(OnError::ALL, OnError::as_str))),
        Field::optional("destructive", "Treat the step as destructive, whatever its action declares", Shape::True),
        Field::optional("customer_impact", "Treat the step as noticed by customers", Shape::True),
    ])
}

fn retry() -> Shape {
    let backoff = duration(BACKOFF_S_MAX, "a length of time from 1s to 1h, such as 2s");
    Shape::Object(vec![
        Field::required("attempts", "How often it is tried in all", integer(1, ATTEMPTS_MAX.into())),
        Field::optional("backoff", "The wait after the first attempt, doubled after each; 2s if absent", backoff),
    ])
}

fn on_success() -> Shape {
    Shape::Object(vec![Field::required("transition", "Where the incident goes", words(&[State::Contained.as_str()]))])
}

fn close_rule() -> Shape {
    Shape::Object(vec![
        Field::optional("verdict_in", "The incident's verdict is one of these", verdicts()),
        Field::optional("condition", "A CEL expression holds", expression()),
        Field::required("reason", "Why it is closed, for people", line(REASON_BYTES_MAX)),
    ])
}

fn escalation_rule() -> Shape {
    let tag = Text::word::<Tag>(TAG_PATTERN, "1 to 64 of a-z, A-Z, 0-9, `.`, `_`, `:` and `-`");
    Shape::Object(vec![
        Field::optional("severity_at_least", "The incident is this severe, or more", words(&SEVERITIES)),
        Field::optional("verdict_in", "The incident's verdict is one of these", verdicts()),
        Field::optional("condition", "A CEL expression holds", expression()),
        Field::required("tag", "The tag that the incident gets", Shape::Text(tag)),
        Field::optional("assignee", "The user name of the person who gets the incident", line(USERNAME_BYTES_MAX)),
    ])
}

fn test() -> Shape {
    Shape::Object(vec![
        Field::required("name", "What the test shows", line(NAME_BYTES_MAX)),
        Field::required("alert", "An alert in the native format", Shape::Mapping),
        Field::optional("given", "What happens in the run, other than that everything goes well", given()),
        Field::required("expect", "What must follow; what is left out is not compared", expectation()),
    ])
}

fn given() -> Shape {
    Shape::Object(vec![
        Field::optional("verdict", "The incident's verdict", words(&all(Verdict::ALL, Verdict::as_str))),
        Field::optional("outputs", "The output of steps, by their id", Shape::Mapping),
        Field::optional("fails", "The steps that fail at every attempt", list(step_id(), 0, STEPS_MAX)),
    ])
}

fn expectation() -> Shape {
    Shape::Object(vec![
        Field::optional("severity", "The incident's severity", words(&SEVERITIES)),
        Field::optional("approval", "Must somebody sign the plan?", words(&["required", "not_required"])),
        Field::optional("steps", "The steps that run well, in order, once everything is signed", list(step_id(), 0, STEPS_MAX)),
        Field::optional("undone", "The steps that are taken back, in that order", list(step_id(), 0, STEPS_MAX)),
        Field::optional("run", "How the run ends", words(&["succeeded", "failed"])),
        Field::optional("state", "Where the incident is in the end", words(&all(State::ALL, State::as_str))),
        Field::optional("starts_by_itself", "Does auto_run start it?", words(&["yes", "no"])),
        Field::optional("closes", "Does close_if close the incident?", words(&["yes", "no"])),
        Field::optional("escalates", "Does escalate_if escalate it?", words(&["yes", "no"])),
    ])
}

fn playbook_id() -> Shape {
    Shape::Text(Text::word::<PlaybookId>("^PB-[A-Z0-9-]{1,60}$", "PB- and 1 to 60 of A-Z, 0-9 and -"))
}

fn step_id() -> Shape {
    Shape::Text(Text::word::<StepId>(WORD_PATTERN, "a lower-case letter and up to 63 of a-z, 0-9 and _"))
}

fn incident_type() -> Shape {
    Shape::Text(Text::word::<IncidentType>(WORD_PATTERN, "a type such as brute_force, or a list of types"))
}

const WORD_PATTERN: &str = "^[a-z][a-z0-9_]{0,63}$";
pub(crate) const TAG_PATTERN: &str = "^[A-Za-z0-9._:-]{1,64}$";

/// A tag, as far as a playbook may write one.
pub(crate) struct Tag;

impl std::str::FromStr for Tag {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
        if (1..=TAG_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_part) { Ok(Self) } else { Err(()) }
    }
}

fn line(bytes_max: usize) -> Shape {
    Shape::Text(Text::line(bytes_max))
}

fn expression() -> Shape {
    Shape::Text(Text::expression())
}

fn duration(seconds_max: u32, expected: &str) -> Shape {
    Shape::Text(Text::duration(seconds_max, expected))
}

fn integer(min: i64, max: i64) -> Shape {
    Shape::Integer { min, max }
}

fn words(words: &[&'static str]) -> Shape {
    Shape::Words(words.to_vec())
}

fn verdicts() -> Shape {
    list(words(&all(Verdict::ALL, Verdict::as_str)), 1, Verdict::ALL.len())
}

fn list(item: Shape, min: usize, max: usize) -> Shape {
    Shape::List { item: Box::new(item), min, max }
}

fn all<T: Copy>(values: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    values.iter().map(|value| word(*value)).collect()
}
