//! What a parameter of an action may hold. Which parameters an action has is in the domain's manifests.

use std::net::IpAddr;
use std::str::FromStr;

use domain::action::{Manifest, ParameterKind};
use domain::incident::State;
use domain::observable::ObservableKind;
use domain::verdict::Verdict;
use serde_json::Value as Json;

use crate::duration::Duration;
use crate::shape::document::Tag;
use crate::template::TEXT_BYTES_MAX;

/// Why a value does not fit its parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidParameter {
    #[error("must be a text that is not empty")]
    NoText,
    #[error("must be at most {TEXT_BYTES_MAX} bytes")]
    TooLong,
    #[error("must not contain a NUL character")]
    ContainsNul,
    #[error("must be an IPv4 or IPv6 address")]
    NoIp,
    #[error("must be a domain name")]
    NoDomain,
    #[error("must be a whole number and s, m, h or d, from 1s to 366d, such as 24h")]
    NoDuration,
    #[error("must be an address that starts with http:// or https://")]
    NoUrl,
    #[error("must be one of {}", METHODS.join(", "))]
    NoMethod,
    #[error("must be a map")]
    NoMap,
    #[error("must be 1 to 64 of a-z, A-Z, 0-9, `.`, `_`, `:` and `-`")]
    NoTag,
    #[error("must be one of unknown, benign, suspicious, malicious")]
    NoVerdict,
    #[error("must be contained: a run takes its incident nowhere else")]
    NoReachedState,
    #[error("must be a list of kinds of observables: {}", kinds())]
    NoKinds,
}

/// The methods of a request.
pub const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Does the value fit a parameter of this kind?
pub fn check(kind: ParameterKind, value: &Json) -> Result<(), InvalidParameter> {
    match kind {
        ParameterKind::Text => text(value).map(drop),
        ParameterKind::Ip => is(IpAddr::from_str(text(value)?).is_ok(), InvalidParameter::NoIp),
        ParameterKind::Domain => is(is_domain(text(value)?), InvalidParameter::NoDomain),
        ParameterKind::Duration => is(Duration::from_str(text(value)?).is_ok(), InvalidParameter::NoDuration),
        ParameterKind::Url => is(is_url(text(value)?), InvalidParameter::NoUrl),
        ParameterKind::Method => is(METHODS.contains(&text(value)?), InvalidParameter::NoMethod),
        ParameterKind::Map => is(value.is_object(), InvalidParameter::NoMap),
        ParameterKind::Tag => is(text(value)?.parse::<Tag>().is_ok(), InvalidParameter::NoTag),
        ParameterKind::Verdict => is(text(value)?.parse::<Verdict>().is_ok(), InvalidParameter::NoVerdict),
        ParameterKind::ReachedState => is(text(value)? == State::Contained.as_str(), InvalidParameter::NoReachedState),
        ParameterKind::ObservableKinds => is(is_list_of_kinds(value), InvalidParameter::NoKinds),
    }
}

/// The names of the parameters that an action takes, for people.
#[must_use]
pub fn names(manifest: &Manifest) -> String {
    manifest.parameters.iter().map(|parameter| parameter.name).collect::<Vec<_>>().join(", ")
}

fn text(value: &Json) -> Result<&str, InvalidParameter> {
    let text = value.as_str().filter(|text| !text.trim().is_empty()).ok_or(InvalidParameter::NoText)?;
    is(text.len() <= TEXT_BYTES_MAX, InvalidParameter::TooLong)?;
    is(!text.contains('\0'), InvalidParameter::ContainsNul)?;
    Ok(text)
}

fn is(holds: bool, otherwise: InvalidParameter) -> Result<(), InvalidParameter> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Any alert's domain passes, in whatever script: a name is refused here for what cannot be one, not for what is unusual.
fn is_domain(text: &str) -> bool {
    let is_part = |c: char| !c.is_whitespace() && !c.is_control() && (!c.is_ascii_punctuation() || matches!(c, '-' | '_'));
    text.strip_suffix('.').unwrap_or(text).split('.').all(|label| !label.is_empty() && label.chars().all(is_part))
}

fn is_url(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !text.contains(char::is_whitespace))
}

fn is_list_of_kinds(value: &Json) -> bool {
    let is_kind = |item: &Json| item.as_str().is_some_and(|word| ObservableKind::from_str(word).is_ok());
    value.as_array().is_some_and(|items| items.iter().all(is_kind) && items.len() <= ObservableKind::ALL.len())
}

fn kinds() -> String {
    ObservableKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use domain::action::ParameterKind;
    use serde_json::{Value, json};

    use super::{InvalidParameter, check};

    #[test]
    fn every_kind_takes_its_own_values_only() {
        let expect = |kind: ParameterKind, value: Value, expected: Result<(), InvalidParameter>| {
            assert_eq!(check(kind, &value), expected, "{kind} {value}");
        };
        expect(ParameterKind::Text, json!("soc"), Ok(()));
        expect(ParameterKind::Text, json!(" "), Err(InvalidParameter::NoText));
        expect(ParameterKind::Text, json!(5), Err(InvalidParameter::NoText));
        expect(ParameterKind::Text, json!(null), Err(InvalidParameter::NoText));
        expect(ParameterKind::Text, json!("a\0b"), Err(InvalidParameter::ContainsNul));
        expect(ParameterKind::Text, json!("x".repeat(16_385)), Err(InvalidParameter::TooLong));
        expect(ParameterKind::Ip, json!("91.23.11.9"), Ok(()));
        expect(ParameterKind::Ip, json!("2001:db8::1"), Ok(()));
        expect(ParameterKind::Ip, json!("91.23.11"), Err(InvalidParameter::NoIp));
        expect(ParameterKind::Domain, json!("login.example"), Ok(()));
        expect(ParameterKind::Domain, json!("bücher.example."), Ok(()));
        expect(ParameterKind::Domain, json!("i\u{307}stanbul.example"), Ok(()));
        expect(ParameterKind::Domain, json!("https://login.example/"), Err(InvalidParameter::NoDomain));
        expect(ParameterKind::Domain, json!("a b"), Err(InvalidParameter::NoDomain));
        expect(ParameterKind::Domain, json!("a..example"), Err(InvalidParameter::NoDomain));
        expect(ParameterKind::Duration, json!("24h"), Ok(()));
        expect(ParameterKind::Duration, json!("soon"), Err(InvalidParameter::NoDuration));
        expect(ParameterKind::ObservableKinds, json!(["ip", "file_hash"]), Ok(()));
        expect(ParameterKind::ObservableKinds, json!(["planet"]), Err(InvalidParameter::NoKinds));
        expect(ParameterKind::ObservableKinds, json!("ip"), Err(InvalidParameter::NoKinds));
    }
}
