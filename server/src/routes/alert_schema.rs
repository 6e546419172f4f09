//! The native alert as the OpenAPI document describes it. What is really taken is decided in `domain::alert`; a property-based tester
//! holds the two together.

use serde_json::{Value, json};

/// The name of the schema.
pub const NAME: &str = "AlertIn";

/// An alert as a source posts it; only the name stands here, because the generator of schemas has no words for the rest.
#[derive(utoipa::ToSchema)]
pub struct AlertIn;

/// The schema.
pub fn schema() -> Value {
    json!({
        "type": "object",
        "description": "One notice from a source. Members that are not named here are kept in its raw bytes and ignored.",
        "properties": {
            "alert_id": text("The sender's own id; a second alert with the same source and id is a duplicate.", "^[A-Za-z0-9._:@-]{1,128}$"),
            "source": text("Where it comes from; by default the key's source or name.", "^[A-Za-z0-9._:@-]{1,64}$"),
            "incident_type": text("What kind of incident it is.", "^[a-z][a-z0-9_]{0,63}$"),
            "alert_type": text("The same as incident_type, which it must not stand beside.", "^[a-z][a-z0-9_]{0,63}$"),
            "title": long_text("A line for people.", 512),
            "severity": text("critical, high, medium, low, informational, or S1 to S5, in any case.", SEVERITY),
            "impact": input("How bad it would be."),
            "likelihood": input("How likely it is true."),
            "confidence": input("How sure the sender is."),
            "occurred_at": { "type": "string", "format": "date-time", "description": "When it happened (RFC 3339)." },
            "src_ip": { "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] },
            "dst_ip": { "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] },
            "hostname": long_text("The host that it happened on.", 255),
            "username": long_text("The account that it happened to.", 256),
            "domain": { "type": "string", "maxLength": 254, "pattern": DOMAIN, "description": "A domain such as mail.example." },
            "url": long_text("A URL.", 8_192),
            "file_hash": text("MD5, SHA-1 or SHA-256.", FILE_HASH),
            "email": { "type": "string", "maxLength": 320, "pattern": EMAIL, "description": "An e-mail address such as name@mail.example." },
            "raw_log": long_text("What the source saw, as it saw it.", 1_048_576),
            "context": {
                "type": "object",
                "description": "Whatever else the sender knows. Where the alert names no file_hash, a text called file_hash or hash here must be one.",
                "properties": { "privileged_account": { "type": "boolean" }, "critical_asset": { "type": "boolean" } }
            },
            "tags": texts("Labels."),
            "mitre": texts("Techniques of MITRE ATT&CK.")
        },
        "anyOf": [{ "required": ["incident_type"] }, { "required": ["alert_type"] }, { "required": ["title"] }, { "required": ["raw_log"] }],
        "not": { "required": ["incident_type", "alert_type"] },
        "example": {
            "incident_type": "brute_force", "severity": "high", "src_ip": "203.0.113.7", "username": "admin", "raw_log": "41 failures"
        }
    })
}

const SEVERITY: &str = "^([Cc][Rr][Ii][Tt][Ii][Cc][Aa][Ll]|[Hh][Ii][Gg][Hh]|[Mm][Ee][Dd][Ii][Uu][Mm]|[Ll][Oo][Ww]|\
     [Ii][Nn][Ff][Oo][Rr][Mm][Aa][Tt][Ii][Oo][Nn][Aa][Ll]|[Ss][1-5])$";

const FILE_HASH: &str = "^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$";
/// Letters of any script, digits, `-` and `_` between dots.
const DOMAIN: &str = "^[\\w-]+(\\.[\\w-]+)*\\.?$";
const EMAIL: &str = "^[^\\s\\x00-\\x1f\\x7f-\\x9f<>]+@[^\\s\\x00-\\x1f\\x7f-\\x9f<>@]+$";

fn text(description: &str, pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern, "description": description })
}

/// At least one character that is not white space; the limit is one of bytes, so that it may be reached earlier.
fn long_text(description: &str, bytes_max: usize) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": bytes_max, "pattern": "\\S", "description": description })
}

fn input(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 5, "description": description })
}

fn texts(description: &str) -> Value {
    json!({ "type": "array", "maxItems": 64, "items": long_text("One of them.", 128), "description": description })
}
