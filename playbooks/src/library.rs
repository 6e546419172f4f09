//! The playbooks in force, with the rules for scores and types that ship beside them. Reading a folder and watching it is the
//! server's business: this takes names and bytes.

use std::collections::BTreeMap;

use domain::classification::ClassificationRules;
use domain::id::PlaybookId;
use domain::score::ScoringRules;
use domain::timestamp::Timestamp;
use rust_embed::RustEmbed;
use serde::de::DeserializeOwned;

use crate::load::{LoadError, Playbook};
use crate::scope::Facts;
use crate::select;
use crate::yaml;

/// How many playbooks may be in force.
pub const PLAYBOOKS_MAX: usize = 1_000;

/// A file of a folder of playbooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryFile {
    /// Shown in errors.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Where a playbook in force comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Shipped,
    Folder,
}

/// The playbooks in force, and the rules beside them.
#[derive(Clone, Debug)]
pub struct Library {
    playbooks: BTreeMap<PlaybookId, (Origin, Playbook)>,
    pub scoring: ScoringRules,
    pub classification: ClassificationRules,
}

#[derive(RustEmbed)]
#[folder = "library"]
struct ShippedPlaybooks;

const SCORING: &str = include_str!("../scoring.yaml");
const CLASSIFICATION: &str = include_str!("../classification.yaml");

impl Library {
    /// What is embedded in the program.
    pub fn shipped() -> Result<Self, Vec<LoadError>> {
        let scoring: ScoringRules = rules("scoring.yaml", SCORING)?;
        scoring.validate().map_err(|faults| faults_of("scoring.yaml", faults))?;
        let classification: ClassificationRules = rules("classification.yaml", CLASSIFICATION)?;
        classification.validate().map_err(|faults| faults_of("classification.yaml", faults))?;
        let mut library = Self { playbooks: BTreeMap::new(), scoring, classification };
        let errors = library.take_all(&shipped_files(), Origin::Shipped);
        if errors.is_empty() { Ok(library) } else { Err(errors) }
    }

    /// The library with a folder's files laid over it: a file replaces the playbook with its id. A file with a fault is left out
    /// and reported; whatever was in force before stays.
    #[must_use]
    pub fn with_folder(mut self, files: &[LibraryFile]) -> (Self, Vec<LoadError>) {
        let errors = self.take_all(files, Origin::Folder);
        (self, errors)
    }

    /// The playbook with this id.
    #[must_use]
    pub fn find(&self, id: &PlaybookId) -> Option<&Playbook> {
        self.playbooks.get(id).map(|(_, playbook)| playbook)
    }

    /// All playbooks with where they come from, by id.
    pub fn list(&self) -> impl Iterator<Item = (Origin, &Playbook)> {
        self.playbooks.values().map(|(origin, playbook)| (*origin, playbook))
    }

    /// The playbook for this incident: of those that fit the highest priority, then the smallest id.
    #[must_use]
    pub fn propose(&self, facts: &Facts, now: Timestamp) -> Option<&Playbook> {
        select::propose(self.playbooks.values().map(|(_, playbook)| playbook), facts, now)
    }

    fn take_all(&mut self, files: &[LibraryFile], origin: Origin) -> Vec<LoadError> {
        let mut taken: BTreeMap<PlaybookId, &str> = BTreeMap::new();
        let mut errors = Vec::new();
        for file in files {
            match Playbook::parse(&file.name, &file.bytes) {
                Ok(playbook) => match taken.get(playbook.id()) {
                    Some(first) => {
                        errors.push(LoadError::of_file(&file.name, format!("{} is in {first} already", playbook.id())))
                    }
                    None if !self.has_room_for(playbook.id()) => {
                        errors.push(LoadError::of_file(&file.name, format!("more than {PLAYBOOKS_MAX} playbooks")));
                    }
                    None => {
                        taken.insert(playbook.id().clone(), &file.name);
                        self.playbooks.insert(playbook.id().clone(), (origin, playbook));
                    }
                },
                Err(faults) => errors.extend(faults),
            }
        }
        errors
    }

    fn has_room_for(&self, id: &PlaybookId) -> bool {
        self.playbooks.len() < PLAYBOOKS_MAX || self.playbooks.contains_key(id)
    }
}

/// The shipped files, by name: what `playbook eject` writes out.
#[must_use]
pub fn shipped_files() -> Vec<LibraryFile> {
    let file = |name: &str| Some(LibraryFile { name: name.to_owned(), bytes: ShippedPlaybooks::get(name)?.data.into_owned() });
    ShippedPlaybooks::iter().filter_map(|name| file(&name)).collect()
}

fn rules<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Vec<LoadError>> {
    serde_yaml::from_str(text).map_err(|error| vec![LoadError::of_yaml(name, yaml::fault(&error))])
}

fn faults_of(name: &str, faults: Vec<String>) -> Vec<LoadError> {
    faults.into_iter().map(|fault| LoadError::of_file(name, fault)).collect()
}
