//! Which entries of the audit log an address asks for, and the address that asks for them. Times are UTC.

use api::audit::AuditFilter;

use crate::address::escaped;

/// The filter that the parameters of an address make. What cannot be read is left out: the form shows what is in force.
pub fn parse(get: impl Fn(&str) -> Option<String>) -> AuditFilter {
    let text = |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    AuditFilter {
        incident_id: text("incident_id").and_then(|id| id.parse().ok()),
        actor: text("actor"),
        action: text("action").and_then(|action| action.parse().ok()),
        from: text("from").and_then(|time| moment(&time)),
        to: text("to").and_then(|time| moment(&time)),
    }
}

/// A time as people and forms write it: RFC 3339, or without a zone, which means UTC, and without seconds.
fn moment(text: &str) -> Option<domain::timestamp::Timestamp> {
    [text.to_owned(), format!("{text}Z"), format!("{text}:00Z")].iter().find_map(|text| text.parse().ok())
}

/// The address of the list that passes this filter.
pub fn address(filter: &AuditFilter) -> String {
    joined("/audit", &query(filter))
}

/// Where all entries that pass this filter are downloaded in a format, `csv` or `ndjson`.
pub fn download(filter: &AuditFilter, format: &str) -> String {
    let query: Vec<String> = query(filter).into_iter().chain([format!("format={format}")]).collect();
    joined("/api/v1/audit-logs", &query)
}

fn joined(path: &str, query: &[String]) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

fn query(filter: &AuditFilter) -> Vec<String> {
    let parameters = [
        ("actor", filter.actor.clone()),
        ("action", filter.action.map(|action| action.to_string())),
        ("incident_id", filter.incident_id.map(|id| id.to_string())),
        ("from", filter.from.map(|at| at.to_string())),
        ("to", filter.to.map(|at| at.to_string())),
    ];
    parameters.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", escaped(&value?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::{address, download, parse};

    fn check(parameters: &[(&str, &str)], expected: &str) {
        let filter = parse(|name| parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()));
        assert_eq!(address(&filter), expected);
        let again = address(&parse(|name| {
            let query = expected.split_once('?')?.1;
            let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
            Some(pair.replace("%3A", ":"))
        }));
        assert_eq!(again, expected, "an address leads back to itself");
    }

    #[test]
    fn an_address_carries_what_was_asked_for() {
        check(&[], "/audit");
        check(&[("actor", " analyst "), ("action", "NOTE_ADDED")], "/audit?actor=analyst&action=NOTE_ADDED");
        check(&[("incident_id", "INC-0000000007"), ("action", "")], "/audit?incident_id=INC-0000000007");
        check(
            &[("from", "2026-03-11T10:00"), ("to", "2026-03-11T11:00:30")],
            "/audit?from=2026-03-11T10%3A00%3A00.000Z&to=2026-03-11T11%3A00%3A30.000Z",
        );
    }

    #[test]
    fn downloads_carry_the_same_filter() {
        let filter = parse(|name| (name == "actor").then(|| "analyst".to_owned()));
        assert_eq!(download(&filter, "csv"), "/api/v1/audit-logs?actor=analyst&format=csv");
        assert_eq!(download(&parse(|_| None), "ndjson"), "/api/v1/audit-logs?format=ndjson");
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        check(&[("incident_id", "7"), ("action", "SOMETHING"), ("from", "yesterday")], "/audit");
    }
}
