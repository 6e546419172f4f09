//! Which ECS field each member of the native format fills, where it is found in the context when the member is absent, and the one
//! form that a value of each kind takes.

use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::text::{InvalidText, TextLimits};

/// The longest host name, in bytes of UTF-8.
pub const HOST_BYTES_MAX: usize = 255;
/// The longest account name, in bytes of UTF-8.
pub const USER_BYTES_MAX: usize = 256;
/// The longest domain, in bytes of UTF-8.
pub const DOMAIN_BYTES_MAX: usize = 253;
/// The longest URL, in bytes of UTF-8.
pub const URL_BYTES_MAX: usize = 8_192;
/// The longest e-mail address, in bytes of UTF-8.
pub const EMAIL_BYTES_MAX: usize = 320;

/// An ECS field and its value.
type Entry = (&'static str, String);

/// A value that cannot take the form of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidValue {
    #[error(transparent)]
    Text(#[from] InvalidText),
    #[error("must be an IPv4 or IPv6 address")]
    Ip,
    #[error("must be a domain such as mail.example")]
    Domain,
    #[error("must be an e-mail address such as name@mail.example")]
    Email,
    #[error("must be an MD5, SHA-1 or SHA-256: 32, 40 or 64 hexadecimal digits")]
    FileHash,
}

/// A member of the native format that fills an ECS field.
pub(super) struct MappedField {
    pub member: &'static str,
    /// Where it is looked for in the context, in this order.
    context: &'static [&'static str],
    normalise: fn(&str) -> Result<Entry, InvalidValue>,
}

/// All of them.
pub(super) const FIELDS: [MappedField; 8] = [
    MappedField { member: "src_ip", context: &["src_ip", "ip"], normalise: |text| ip(text).map(|ip| ("source.ip", ip)) },
    MappedField { member: "dst_ip", context: &["dst_ip"], normalise: |text| ip(text).map(|ip| ("destination.ip", ip)) },
    MappedField { member: "hostname", context: &["host", "hostname"], normalise: host },
    MappedField { member: "username", context: &["username", "user", "target_account"], normalise: user },
    MappedField { member: "domain", context: &["domain"], normalise: domain },
    MappedField { member: "url", context: &["url"], normalise: url },
    MappedField { member: "file_hash", context: &["file_hash", "hash"], normalise: file_hash },
    MappedField { member: "email", context: &["email", "sender"], normalise: email },
];

impl MappedField {
    /// The value in the form of its field.
    pub fn normalised(&self, text: &str) -> Result<Entry, InvalidValue> {
        if text.contains('\0') {
            return Err(InvalidText::ContainsNul.into());
        }
        (self.normalise)(text.trim())
    }

    /// The first usable value of the context and its name there. The context is free form, so a value that does not fit is passed
    /// over; but what cannot be stored, and what claims to be a file's hash and is none, is an error.
    pub fn in_context(&self, context: &Map<String, Value>) -> Option<(&'static str, Result<Entry, InvalidValue>)> {
        self.context.iter().find_map(|name| {
            let result = self.normalised(context.get(*name)?.as_str()?);
            let counts = matches!(result, Ok(_) | Err(InvalidValue::Text(InvalidText::ContainsNul) | InvalidValue::FileHash));
            counts.then_some((*name, result))
        })
    }
}

fn limited(text: &str, bytes_max: usize) -> Result<&str, InvalidText> {
    TextLimits { chars_min: 1, bytes_max }.check(text).map(|()| text)
}

fn ip(text: &str) -> Result<String, InvalidValue> {
    let ip: IpAddr = text.parse().map_err(|_| InvalidValue::Ip)?;
    Ok(ip.to_canonical().to_string())
}

fn host(text: &str) -> Result<Entry, InvalidValue> {
    Ok(("host.name", limited(text, HOST_BYTES_MAX)?.to_lowercase()))
}

fn user(text: &str) -> Result<Entry, InvalidValue> {
    Ok(("user.name", limited(text, USER_BYTES_MAX)?.to_owned()))
}

fn url(text: &str) -> Result<Entry, InvalidValue> {
    Ok(("url.full", limited(text, URL_BYTES_MAX)?.to_owned()))
}

fn domain(text: &str) -> Result<Entry, InvalidValue> {
    let text = limited(text.strip_suffix('.').unwrap_or(text), DOMAIN_BYTES_MAX)?;
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if text.split('.').all(is_label) { Ok(("domain", text.to_lowercase())) } else { Err(InvalidValue::Domain) }
}

fn email(text: &str) -> Result<Entry, InvalidValue> {
    let text = limited(text, EMAIL_BYTES_MAX)?;
    let is_address = text.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if is_address && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '<' || c == '>') {
        Ok(("email.address", text.to_lowercase()))
    } else {
        Err(InvalidValue::Email)
    }
}

fn file_hash(text: &str) -> Result<Entry, InvalidValue> {
    let field = match text.len() {
        32 => "file.hash.md5",
        40 => "file.hash.sha1",
        64 => "file.hash.sha256",
        _ => return Err(InvalidValue::FileHash),
    };
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok((field, text.to_ascii_lowercase()))
    } else {
        Err(InvalidValue::FileHash)
    }
}
