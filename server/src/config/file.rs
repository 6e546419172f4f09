//! The one optional file: TOML, a line per setting. Whatever is wrong in it is told at once, with its line.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::fault::Fault;
use super::setting::{self, Kind, Setting};

/// The largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// A value of the file, as text, and its line.
pub struct Written {
    pub text: String,
    pub line: usize,
}

/// What the file says.
pub type Content = BTreeMap<&'static str, Written>;

/// Reads the file; adds what is wrong with it to the faults.
pub fn read(path: &Path, faults: &mut Vec<Fault>) -> Content {
    let text = match text_of(path) {
        Ok(text) => text,
        Err(detail) => {
            faults.push(Fault::new(path.display(), detail));
            return Content::new();
        }
    };
    let place = |offset: usize| format!("{}, line {}", path.display(), line_of(&text, offset));
    let (table, errors) = DeTable::parse_recoverable(&text);
    for error in &errors {
        let offset = error.span().map_or(0, |span| span.start);
        faults.push(Fault::new(place(offset), format!("is not TOML: {}", error.message())));
    }
    let mut content = Content::new();
    for (key, value) in table.get_ref() {
        let Some(setting) = setting::all().find(|setting| setting.key == key.get_ref().as_ref()) else {
            faults.push(Fault::new(place(key.span().start), unknown(key.get_ref())));
            continue;
        };
        match text_for(setting, value.get_ref()) {
            Some(text_of_value) => {
                let line = line_of(&text, value.span().start);
                content.insert(setting.key, Written { text: text_of_value, line });
            }
            None => {
                let found = value.get_ref().type_str();
                faults.push(Fault::new(
                    place(value.span().start),
                    format!("{} must be {}, not a TOML {found}", setting.key, wanted(setting)),
                ));
            }
        }
    }
    content
}

fn text_of(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?.len();
    if size > FILE_BYTES_MAX {
        return Err(format!("has {size} bytes; a configuration file has at most {FILE_BYTES_MAX}"));
    }
    std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))
}

/// The value as text, if it is of the TOML type that the setting is written in.
fn text_for(setting: &Setting, value: &DeValue<'_>) -> Option<String> {
    match setting.kind {
        Kind::Text => value.as_str().map(ToOwned::to_owned),
        Kind::Switch => value.as_bool().map(|value| value.to_string()),
    }
}

fn wanted(setting: &Setting) -> String {
    match setting.kind {
        Kind::Text => format!("a string: {}", setting.expected),
        Kind::Switch => setting.expected.to_owned(),
    }
}

fn unknown(key: &str) -> String {
    let known: Vec<&str> = setting::all().map(|setting| setting.key).collect();
    format!("{key} is not a setting; known are {}", known.join(", "))
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
