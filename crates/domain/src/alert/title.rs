//! The title of an alert that has none: its type, and who, where from, or what it is about.

use super::{NormalisedAlert, TITLE_BYTES_MAX};
use crate::id::IncidentType;
use crate::text::shortened;

/// How much of a raw log's first line a title shows, in bytes.
const QUOTED_BYTES_MAX: usize = 160;
/// Words of a type that are written in capitals.
const ACRONYMS: [&str; 5] = ["c2", "dns", "ip", "url", "vpn"];

pub(super) fn derive(alert: &NormalisedAlert, incident_type: &IncidentType) -> String {
    let on = alert.ecs_field("user.name").or(alert.ecs_field("host.name")).map(|value| format!(" on {value}"));
    let from = alert.ecs_field("source.ip").map(|value| format!(" from {value}"));
    let about = match (on, from) {
        (None, None) => other_observable(alert).or_else(|| first_line(alert)).unwrap_or_default(),
        (on, from) => on.unwrap_or_default() + &from.unwrap_or_default(),
    };
    shortened(&format!("{}{about}", in_words(incident_type)), TITLE_BYTES_MAX)
}

fn in_words(incident_type: &IncidentType) -> String {
    let spelled = |word: &str| if ACRONYMS.contains(&word) { word.to_uppercase() } else { word.to_owned() };
    let words = incident_type.as_str().split('_').map(spelled).collect::<Vec<_>>().join(" ");
    let (first, rest) = words.split_at(1);
    first.to_uppercase() + rest
}

fn other_observable(alert: &NormalisedAlert) -> Option<String> {
    alert.observables().into_iter().next().map(|observable| format!(" involving {}", observable.value))
}

fn first_line(alert: &NormalisedAlert) -> Option<String> {
    let line = alert.raw_log.as_deref()?.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(format!(": {}", shortened(line, QUOTED_BYTES_MAX)))
}
