//! The environment as it was when the process started: the variables that may be ours.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::setting;

/// What all our variables but one begin with.
const PREFIX: &str = "COUNTERSIGN_";
/// Names the file.
pub const CONFIG_FILE: &str = "COUNTERSIGN_CONFIG";
/// Variables with our prefix that are no settings: what tests and their debug builds read.
const BESIDE_SETTINGS: [&str; 3] = ["COUNTERSIGN_TEST_", "COUNTERSIGN_CRASH_POINT", "COUNTERSIGN_BINARY"];

/// Variables and their values.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// Of this process.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect()
    }

    /// The value of a variable; one that is empty is as good as absent. `Err` if it is not UTF-8.
    pub fn find(&self, name: &str) -> Result<Option<&str>, NotText> {
        match self.0.get(name) {
            Some(value) if !value.is_empty() => value.to_str().map(Some).ok_or(NotText),
            _ => Ok(None),
        }
    }

    /// Variables that look like ours but are no setting: a typing error, or another program's.
    #[must_use]
    pub fn unknown(&self) -> Vec<&str> {
        let is_known = |name: &str| {
            name == CONFIG_FILE
                || setting::all().any(|setting| setting.environment == name)
                || BESIDE_SETTINGS.iter().any(|prefix| name.starts_with(prefix))
        };
        self.0.keys().map(String::as_str).filter(|name| name.starts_with(PREFIX) && !is_known(name)).collect()
    }
}

/// The value is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotText;

impl FromIterator<(String, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, OsString)>>(variables: I) -> Self {
        let ours = |name: &str| name.starts_with(PREFIX) || setting::all().any(|setting| setting.environment == name);
        Self(variables.into_iter().filter(|(name, _)| ours(name)).collect())
    }
}
