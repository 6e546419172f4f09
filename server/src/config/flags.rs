//! Settings as flags of the command line: made from the table, so that each has the same name, words and default everywhere.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::setting::{Fallback, Kind, OF_DATA, OF_PLAYBOOKS, OF_SERVER, Setting};

const CONFIG: &str = "config";

/// The flags that were given, as text.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The file to read instead of the one in the data directory.
    pub file: Option<PathBuf>,
    pub values: BTreeMap<&'static str, String>,
}

/// The flags of a command that opens the database.
#[derive(Clone, Debug, Default)]
pub struct DataFlags(pub Given);

/// The flags of a command that looks at the playbooks in force.
#[derive(Clone, Debug, Default)]
pub struct PlaybookFlags(pub Given);

/// The flags of a command that takes every setting.
#[derive(Clone, Debug, Default)]
pub struct ServerFlags(pub Given);

fn augmented(command: Command, settings: impl Iterator<Item = &'static Setting>) -> Command {
    let file = Arg::new(CONFIG)
        .long(CONFIG)
        .value_name("FILE")
        .global(true)
        .value_parser(clap::value_parser!(PathBuf))
        .help("The configuration file [env: COUNTERSIGN_CONFIG] [default: countersign.toml in the data directory, if there]");
    settings.fold(command.arg(file), |command, setting| command.arg(argument(setting)))
}

fn argument(setting: &'static Setting) -> Arg {
    let default = match setting.fallback {
        Fallback::Value(value) => value,
        Fallback::Nothing(words) => words,
    };
    let help = format!("{} [env: {}] [default: {default}]", setting.what, setting.environment);
    let argument = Arg::new(setting.key).long(setting.flag).value_name(setting.value_name).global(true).help(help);
    match setting.kind {
        Kind::Switch => argument.num_args(0..=1).require_equals(true).default_missing_value("true"),
        Kind::Text => argument,
    }
}

fn given(matches: &ArgMatches, settings: impl Iterator<Item = &'static Setting>) -> Given {
    let value = |setting: &Setting| matches.get_one::<String>(setting.key).cloned();
    let values = settings.filter_map(|setting| Some((setting.key, value(setting)?))).collect();
    Given { file: matches.get_one(CONFIG).cloned(), values }
}

macro_rules! flags {
    ($($name:ident $settings:expr;)+) => {$(
        impl FromArgMatches for $name {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                Ok(Self(given(matches, $settings)))
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }

        impl Args for $name {
            fn augment_args(command: Command) -> Command {
                augmented(command, $settings)
            }

            fn augment_args_for_update(command: Command) -> Command {
                augmented(command, $settings)
            }
        }
    )+};
}

flags! {
    DataFlags OF_DATA.iter().copied();
    PlaybookFlags OF_PLAYBOOKS.iter().copied();
    ServerFlags OF_DATA.iter().chain(OF_SERVER).copied();
}
