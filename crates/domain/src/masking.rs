//! Secrets in what a step was given and what it answered: found by the name of their member or by their form, and hidden from
//! whoever reads a run. What is stored and executed stays as it is.

use serde_json::Value;

/// What stands where a secret was.
pub const MASK: &str = "********";

/// A member whose name holds one of these words holds a secret.
const SECRET_NAMES: [&str; 9] =
    ["password", "passwd", "secret", "token", "api_key", "apikey", "authorization", "cookie", "private_key"];
/// How a credential in a header begins; one word follows.
const SCHEMES: [&str; 2] = ["bearer", "basic"];
const PEM_START: &str = "-----BEGIN ";

/// The same document without its secrets.
#[must_use]
pub fn masked(value: Value) -> Value {
    match value {
        Value::String(text) if is_credential(&text) => Value::from(MASK),
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| {
                let value = if names_a_secret(&name) { hidden(value) } else { masked(value) };
                (name, value)
            };
            Value::Object(members.into_iter().map(member).collect())
        }
        other => other,
    }
}

/// Every text in it is hidden; numbers and truth values tell nothing.
fn hidden(value: Value) -> Value {
    match value {
        Value::String(_) => Value::from(MASK),
        Value::Array(items) => Value::Array(items.into_iter().map(hidden).collect()),
        Value::Object(members) => Value::Object(members.into_iter().map(|(name, value)| (name, hidden(value))).collect()),
        other => other,
    }
}

fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', ' '], "_");
    SECRET_NAMES.iter().any(|word| name.contains(word))
}

fn is_credential(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let scheme = words.next().is_some_and(|first| SCHEMES.iter().any(|scheme| first.eq_ignore_ascii_case(scheme)));
    text.starts_with(PEM_START) || (scheme && words.next().is_some() && words.next().is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MASK, masked};

    fn check(given: Value, expected: Value) {
        assert_eq!(masked(given), expected);
    }

    #[test]
    fn members_that_are_named_like_a_secret_are_hidden() {
        check(json!({ "password": "hunter2" }), json!({ "password": MASK }));
        check(
            json!({ "X-API-Key": "k", "headers": { "Cookie": ["a", "b"] } }),
            json!({ "X-API-Key": MASK, "headers": { "Cookie": [MASK, MASK] } }),
        );
        check(
            json!({ "client_secret": { "value": "v", "version": 3 } }),
            json!({ "client_secret": { "value": MASK, "version": 3 } }),
        );
        check(
            json!({ "token_count": 5, "password_reset": true, "secret": null }),
            json!({ "token_count": 5, "password_reset": true, "secret": null }),
        );
    }

    #[test]
    fn credentials_are_hidden_wherever_they_stand() {
        check(json!(["Bearer abc.def", "Basic dXNlcg=="]), json!([MASK, MASK]));
        check(json!({ "body": "-----BEGIN PRIVATE KEY-----" }), json!({ "body": MASK }));
    }

    #[test]
    fn everything_else_stays() {
        let plain =
            json!({ "user": "svc-backup", "ip": "203.0.113.7", "message": "Bearer of bad news", "list": [1, "two", null] });
        check(plain.clone(), plain);
    }
}
