//! The playbooks in force, with the rules for scores and types that ship beside them. Reading a folder and watching it is the
//! server's business: this takes names and bytes.

use std::collections::BTreeMap;

use domain::classification::ClassificationRules;
use domain::id::PlaybookId;
use domain::playbook::PlaybookOrigin;
use domain::score::ScoringRules;
use domain::sla::SlaRules;
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

/// The playbooks in force, and the rules beside them. In force is the uploaded version, else the folder's file, else the shipped one.
#[derive(Clone, Debug)]
pub struct Library {
    shipped: BTreeMap<PlaybookId, Playbook>,
    /// By the name of the file; one that has a fault keeps the version that was read before.
    folder: BTreeMap<String, Playbook>,
    folder_faults: Vec<LoadError>,
    uploads: BTreeMap<PlaybookId, Playbook>,
    upload_faults: Vec<LoadError>,
    pub scoring: ScoringRules,
    pub classification: ClassificationRules,
}

#[derive(RustEmbed)]
#[folder = "library"]
struct ShippedPlaybooks;

const SCORING: &str = include_str!("../scoring.yaml");
const SLA: &str = include_str!("../sla.yaml");
const CLASSIFICATION: &str = include_str!("../classification.yaml");

impl Library {
    /// What is embedded in the program.
    pub fn shipped() -> Result<Self, Vec<LoadError>> {
        let scoring: ScoringRules = rules("scoring.yaml", SCORING)?;
        scoring.validate().map_err(|faults| faults_of("scoring.yaml", faults))?;
        let classification: ClassificationRules = rules("classification.yaml", CLASSIFICATION)?;
        classification.validate().map_err(|faults| faults_of("classification.yaml", faults))?;
        let (read, faults) = read_all(&shipped_files(), &BTreeMap::new());
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            shipped: read.into_values().map(|playbook| (playbook.id().clone(), playbook)).collect(),
            folder: BTreeMap::new(),
            folder_faults: Vec::new(),
            uploads: BTreeMap::new(),
            upload_faults: Vec::new(),
            scoring,
            classification,
        })
    }

    /// The library with these files as its folder: a file replaces the shipped playbook with its id. A file with a fault is
    /// reported, and the version of it that was read before stays; a file that is gone takes its playbook with it.
    #[must_use]
    pub fn with_folder(self, files: &[LibraryFile]) -> (Self, Vec<LoadError>) {
        let (folder, faults) = read_all(files, &self.folder);
        (Self { folder, folder_faults: faults.clone(), ..self }, faults)
    }

    /// The library with these uploaded versions, the newest of each playbook. One that this program can no longer read is
    /// reported by its faults, and what would be in force without it is.
    #[must_use]
    pub fn with_uploads(self, uploads: Vec<Result<Playbook, Vec<LoadError>>>) -> Self {
        let (mut read, mut faults) = (BTreeMap::new(), Vec::new());
        for upload in uploads {
            match upload {
                Ok(playbook) => drop(read.insert(playbook.id().clone(), playbook)),
                Err(found) => faults.extend(found),
            }
        }
        Self { uploads: read, upload_faults: faults, ..self }
    }

    /// The faults of files and uploads that are not in force because of them.
    pub fn faults(&self) -> impl Iterator<Item = &LoadError> {
        self.folder_faults.iter().chain(&self.upload_faults)
    }

    /// The playbook with this id.
    #[must_use]
    pub fn find(&self, id: &PlaybookId) -> Option<&Playbook> {
        self.find_with_origin(id).map(|(_, playbook)| playbook)
    }

    /// The playbook with this id, and where it comes from.
    #[must_use]
    pub fn find_with_origin(&self, id: &PlaybookId) -> Option<(PlaybookOrigin, &Playbook)> {
        let in_folder = || self.folder.values().find(|playbook| playbook.id() == id);
        (self.uploads.get(id).map(|playbook| (PlaybookOrigin::Upload, playbook)))
            .or_else(|| in_folder().map(|playbook| (PlaybookOrigin::Folder, playbook)))
            .or_else(|| self.shipped.get(id).map(|playbook| (PlaybookOrigin::Shipped, playbook)))
    }

    /// All playbooks with where they come from, by id.
    pub fn list(&self) -> impl Iterator<Item = (PlaybookOrigin, &Playbook)> {
        let mut in_force: BTreeMap<&PlaybookId, (PlaybookOrigin, &Playbook)> = BTreeMap::new();
        let shipped = self.shipped.values().map(|playbook| (PlaybookOrigin::Shipped, playbook));
        let folder = self.folder.values().map(|playbook| (PlaybookOrigin::Folder, playbook));
        let uploads = self.uploads.values().map(|playbook| (PlaybookOrigin::Upload, playbook));
        for (origin, playbook) in shipped.chain(folder).chain(uploads) {
            in_force.insert(playbook.id(), (origin, playbook));
        }
        in_force.into_values()
    }

    /// The playbook for this incident: of those that fit the highest priority, then the smallest id.
    #[must_use]
    pub fn propose(&self, facts: &Facts, now: Timestamp) -> Option<&Playbook> {
        select::propose(self.list().map(|(_, playbook)| playbook), facts, now)
    }
}

/// Reads files in their order; of two with one id the first counts.
fn read_all(files: &[LibraryFile], before: &BTreeMap<String, Playbook>) -> (BTreeMap<String, Playbook>, Vec<LoadError>) {
    let (mut read, mut faults): (BTreeMap<String, Playbook>, Vec<LoadError>) = (BTreeMap::new(), Vec::new());
    for file in files {
        let playbook = match Playbook::parse(&file.name, &file.bytes) {
            Ok(playbook) => Some(playbook),
            Err(found) => {
                faults.extend(found);
                before.get(&file.name).cloned()
            }
        };
        let Some(playbook) = playbook else { continue };
        if let Some((first, _)) = read.iter().find(|(_, known)| known.id() == playbook.id()) {
            faults.push(LoadError::of_file(&file.name, format!("{} is in {first} already", playbook.id())));
        } else if read.len() >= PLAYBOOKS_MAX {
            faults.push(LoadError::of_file(&file.name, format!("more than {PLAYBOOKS_MAX} playbooks")));
        } else {
            read.insert(file.name.clone(), playbook);
        }
    }
    (read, faults)
}

/// The times in which incidents must be acknowledged and contained.
pub fn sla_rules() -> Result<SlaRules, Vec<LoadError>> {
    let sla: SlaRules = rules("sla.yaml", SLA)?;
    sla.validate().map_err(|faults| faults_of("sla.yaml", faults))?;
    Ok(sla)
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
