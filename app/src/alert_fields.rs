//! The fields of an alert that a person writes: how each is asked for, and the JSON document they make together. What is valid
//! the server says.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What was typed, by the field's pointer.
pub type Typed = BTreeMap<&'static str, String>;

/// How a field is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Line,
    Lines,
    /// One of these, as (value, label); none at first.
    Choice(&'static [(&'static str, &'static str)]),
    /// A number from 1 to 5.
    Input,
    /// Words with commas between them.
    Words,
    Flag,
}

/// One field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where it stands in the document, as a JSON Pointer.
    pub pointer: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: Kind,
}

/// Fields that belong together.
pub struct Group {
    pub title: &'static str,
    pub fields: &'static [Field],
}

/// The types that Countersign knows out of the box; others are typed.
pub const TYPES: [&str; 11] = [
    "brute_force",
    "malware",
    "phishing",
    "suspicious_ip",
    "suspicious_login",
    "lateral_movement",
    "data_exfil",
    "beaconing",
    "privilege_escalation",
    "ransomware",
    "other",
];

/// The pointer of the field that offers [`TYPES`].
pub const TYPE_POINTER: &str = "/incident_type";

const SEVERITIES: &[(&str, &str)] = &[
    ("critical", "S1 critical"),
    ("high", "S2 high"),
    ("medium", "S3 medium"),
    ("low", "S4 low"),
    ("informational", "S5 informational"),
];

const fn field(pointer: &'static str, label: &'static str, hint: &'static str, kind: Kind) -> Field {
    Field { pointer, label, hint, kind }
}

/// The form, from top to bottom.
pub const GROUPS: [Group; 3] = [
    Group {
        title: "What happened",
        fields: &[
            field("/title", "Title", "One line. Left empty, it is made of the type and what is known.", Kind::Line),
            field(TYPE_POINTER, "Type", "Left empty, it is derived from the content.", Kind::Line),
            field("/raw_log", "Description or raw log", "Kept exactly as it is.", Kind::Lines),
            field("/occurred_at", "When", "With its zone: 2026-03-11T10:00:00Z. Left empty: now.", Kind::Line),
        ],
    },
    Group {
        title: "How bad it is",
        fields: &[
            field(
                "/severity",
                "Severity",
                "Enough by itself. Numbers that you give below count instead.",
                Kind::Choice(SEVERITIES),
            ),
            field("/impact", "Impact", "1 to 5", Kind::Input),
            field("/likelihood", "Likelihood", "1 to 5", Kind::Input),
            field("/confidence", "Confidence", "1 to 5", Kind::Input),
            field("/context/privileged_account", "A privileged account is concerned", "", Kind::Flag),
            field("/context/critical_asset", "A critical asset is concerned", "", Kind::Flag),
        ],
    },
    Group {
        title: "Who and where",
        fields: &[
            field("/src_ip", "Source address", "", Kind::Line),
            field("/dst_ip", "Destination address", "", Kind::Line),
            field("/username", "User", "", Kind::Line),
            field("/hostname", "Host", "", Kind::Line),
            field("/domain", "Domain", "", Kind::Line),
            field("/url", "Link", "", Kind::Line),
            field("/email", "Mail address", "", Kind::Line),
            field("/file_hash", "File hash", "MD5, SHA-1 or SHA-256", Kind::Line),
            field("/tags", "Tags", "With commas between them.", Kind::Words),
            field("/mitre", "ATT&CK techniques", "T1110, T1078", Kind::Words),
        ],
    },
];

/// The document: fields that were left empty are left out.
pub fn document(typed: &Typed) -> Value {
    let mut document = Map::new();
    let mut context = Map::new();
    for field in GROUPS.iter().flat_map(|group| group.fields) {
        let Some(value) = typed.get(field.pointer).and_then(|text| value(field.kind, text)) else { continue };
        let name = field.pointer.rsplit('/').next().unwrap_or_default().to_owned();
        let members = if field.pointer.starts_with("/context/") { &mut context } else { &mut document };
        members.insert(name, value);
    }
    if !context.is_empty() {
        document.insert("context".to_owned(), Value::Object(context));
    }
    Value::Object(document)
}

/// Does an error at `pointer` belong to this field? One in a list belongs to the whole list.
pub fn concerns(pointer: &str, field: &Field) -> bool {
    pointer.strip_prefix(field.pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn value(kind: Kind, text: &str) -> Option<Value> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    Some(match kind {
        // What is no number goes as it is: the server says what it must be.
        Kind::Input => trimmed.parse::<i64>().map_or_else(|_| json!(trimmed), Value::from),
        Kind::Words => trimmed.split(',').map(str::trim).filter(|word| !word.is_empty()).collect(),
        Kind::Flag => json!(true),
        Kind::Lines => json!(text),
        Kind::Line | Kind::Choice(_) => json!(trimmed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_holds_what_was_typed() {
        let typed = [
            ("/title", " Odd sign-in "),
            ("/impact", "4"),
            ("/confidence", "high"),
            ("/tags", "vpn, , night"),
            ("/context/critical_asset", "true"),
            ("/context/privileged_account", ""),
            ("/src_ip", "  "),
        ];
        let typed: Typed = typed.into_iter().map(|(pointer, text)| (pointer, text.to_owned())).collect();
        let expected = json!({
            "title": "Odd sign-in", "impact": 4, "confidence": "high", "tags": ["vpn", "night"], "context": { "critical_asset": true },
        });
        assert_eq!(document(&typed), expected);
    }

    #[test]
    fn errors_find_their_field() {
        let tags = GROUPS[2].fields.iter().find(|field| field.pointer == "/tags").unwrap();
        for (pointer, expected) in [("/tags", true), ("/tags/0", true), ("/tags2", false), ("", false)] {
            assert_eq!(concerns(pointer, tags), expected, "{pointer}");
        }
    }
}
