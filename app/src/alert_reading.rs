//! What was read out of an alert, as names and texts in the order in which a person wants them.

use domain::alert::NormalisedAlert;
use serde_json::Value;

use crate::plan_rows::plain;

/// A name, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub value: String,
}

/// Every field that the alert has: what it says of itself, then its ECS fields, then its context.
pub fn normalised(alert: &NormalisedAlert) -> Vec<Field> {
    let number = |value: Option<u8>| value.map(|value| format!("{value} of 5"));
    let list = |items: &[String]| (!items.is_empty()).then(|| items.join(", "));
    let yes = |holds: bool| holds.then(|| "yes".to_owned());
    let own = [
        ("incident_type", alert.incident_type.as_ref().map(ToString::to_string)),
        ("title", alert.title.clone()),
        ("severity", alert.source_severity.map(|severity| format!("{severity} {}", severity.label()))),
        ("impact", number(alert.impact)),
        ("likelihood", number(alert.likelihood)),
        ("confidence", number(alert.confidence)),
        ("occurred_at", alert.occurred_at.map(|at| at.to_string())),
        ("privileged_account", yes(alert.privileged_account)),
        ("critical_asset", yes(alert.critical_asset)),
        ("tags", list(&alert.tags)),
        ("mitre", list(&alert.mitre)),
        ("raw_log", alert.raw_log.clone()),
    ];
    let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let ecs = alert.ecs.iter().map(|(name, value)| (name.clone(), value.clone()));
    let context = alert.context.iter().map(|(name, value): (&String, &Value)| (format!("context.{name}"), plain(value)));
    own.chain(ecs).chain(context).map(|(name, value)| Field { name, value }).collect()
}

#[cfg(test)]
mod tests {
    use domain::alert::parse_alert;
    use serde_json::{Value, json};

    use super::normalised;

    fn check(alert: Value, expected: &[(&str, &str)]) {
        let fields = normalised(&parse_alert(&alert).unwrap());
        let found: Vec<(&str, &str)> = fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_what_the_alert_has_is_listed() {
        check(json!({ "title": "A", "impact": 4 }), &[("title", "A"), ("impact", "4 of 5")]);
        check(
            json!({ "incident_type": "malware", "severity": "high", "hostname": "web-1", "tags": ["vpn", "eu"],
                "context": { "critical_asset": true, "rule": 7 } }),
            &[
                ("incident_type", "malware"),
                ("severity", "S2 high"),
                ("critical_asset", "yes"),
                ("tags", "vpn, eu"),
                ("host.name", "web-1"),
                ("context.critical_asset", "true"),
                ("context.rule", "7"),
            ],
        );
    }
}
