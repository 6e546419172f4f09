//! The settings in force and where each comes from: a flag before the environment, the environment before the file, the file before
//! the default.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::environment::{CONFIG_FILE, Environment};
use super::fault::{ConfigError, Fault};
use super::file;
use super::flags::Given;
use super::setting::{self, DATA_DIR, Fallback, Setting};

/// The file in the data directory that is read if nobody names another.
const FILE_NAME: &str = "countersign.toml";

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Flag(&'static str),
    Environment(&'static str),
    File(PathBuf, usize),
    Default,
}

/// Every value in force.
#[derive(Clone, Debug)]
pub struct Values {
    /// The file that was read.
    pub file: Option<PathBuf>,
    given: BTreeMap<&'static str, (String, Origin)>,
}

/// One setting as `countersign config` shows it: no secret is in it.
pub struct Row {
    pub key: &'static str,
    /// `None` if nothing is set; `otherwise` says what holds then.
    pub value: Option<String>,
    pub otherwise: Option<&'static str>,
    pub origin: Origin,
}

impl Values {
    /// Reads them all; everything that is wrong is told at once.
    pub fn read(flags: &Given, environment: &Environment) -> Result<Self, ConfigError> {
        let mut faults = Vec::new();
        let mut given = BTreeMap::new();
        for setting in setting::all() {
            if let Some(value) = said(setting, flags, environment, &mut faults) {
                given.insert(setting.key, value);
            }
        }
        let file = file_to_read(flags, environment, given.get(DATA_DIR.key), &mut faults);
        if let Some(Source { path, .. }) = &file {
            for (key, written) in file::read(path, &mut faults) {
                given.entry(key).or_insert_with(|| (written.text, Origin::File(path.clone(), written.line)));
            }
        }
        if let (Some(Source { found: Found::InDataDir, .. }), Some((_, origin @ Origin::File(..)))) =
            (&file, given.get(DATA_DIR.key))
        {
            faults.push(Fault::new(origin, "data_dir cannot be set in the file that was found in the data directory"));
        }
        for setting in setting::all() {
            if let Some((text, origin)) = given.get(setting.key).filter(|(text, _)| !(setting.accepts)(text)) {
                let shown = (setting.shown)(text);
                faults.push(Fault::new(origin, format!("{} must be {}, not {shown:?}", setting.key, setting.expected)));
            }
        }
        if faults.is_empty() { Ok(Self { file: file.map(|file| file.path), given }) } else { Err(ConfigError(faults)) }
    }

    /// The value of a setting that has a default.
    pub(super) fn required<T: FromStr>(&self, setting: &Setting) -> Result<T, ConfigError> {
        let missing = || ConfigError(vec![Fault::new(setting.key, format!("must be {}", setting.expected))]);
        self.optional(setting)?.ok_or_else(missing)
    }

    /// The value of a setting, if it has one.
    pub(super) fn optional<T: FromStr>(&self, setting: &Setting) -> Result<Option<T>, ConfigError> {
        let Some((text, origin)) = self.find(setting) else { return Ok(None) };
        let refused = |_| ConfigError(vec![Fault::new(origin, format!("{} must be {}", setting.key, setting.expected))]);
        text.parse().map(Some).map_err(refused)
    }

    /// Every setting, its value and where that comes from; secrets are masked.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let row = |setting: &'static Setting| {
            let found = self.find(setting);
            let otherwise = if let Fallback::Nothing(words) = setting.fallback { Some(words) } else { None };
            Row {
                key: setting.key,
                otherwise: otherwise.filter(|_| found.is_none()),
                origin: found.as_ref().map_or(Origin::Default, |(_, origin)| origin.clone()),
                value: found.map(|(text, _)| (setting.shown)(&text)),
            }
        };
        setting::all().map(row).collect()
    }

    fn find(&self, setting: &Setting) -> Option<(String, Origin)> {
        let default = || match setting.fallback {
            Fallback::Value(value) => Some((value.to_owned(), Origin::Default)),
            Fallback::Nothing(_) => None,
        };
        self.given.get(setting.key).cloned().or_else(default)
    }
}

/// What the flag says, or else the environment.
fn said(
    setting: &'static Setting,
    flags: &Given,
    environment: &Environment,
    faults: &mut Vec<Fault>,
) -> Option<(String, Origin)> {
    if let Some(text) = flags.values.get(setting.key) {
        return Some((text.clone(), Origin::Flag(setting.flag)));
    }
    let text = text_of(setting.environment, environment, faults)?;
    Some((text, Origin::Environment(setting.environment)))
}

fn text_of(name: &'static str, environment: &Environment, faults: &mut Vec<Fault>) -> Option<String> {
    match environment.find(name) {
        Ok(text) => text.map(ToOwned::to_owned),
        Err(_) => {
            faults.push(Fault::new(Origin::Environment(name), "is not UTF-8"));
            None
        }
    }
}

struct Source {
    path: PathBuf,
    found: Found,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    ByName,
    InDataDir,
}

fn file_to_read(
    flags: &Given,
    environment: &Environment,
    data_dir: Option<&(String, Origin)>,
    faults: &mut Vec<Fault>,
) -> Option<Source> {
    let named = flags.file.clone().or_else(|| text_of(CONFIG_FILE, environment, faults).map(PathBuf::from));
    if let Some(path) = named {
        return Some(Source { path, found: Found::ByName });
    }
    let default = if let Fallback::Value(value) = DATA_DIR.fallback { value } else { "" };
    let path = Path::new(data_dir.map_or(default, |(text, _)| text)).join(FILE_NAME);
    path.exists().then_some(Source { path, found: Found::InDataDir })
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag --{flag}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path, line) => write!(f, "{}, line {line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}
