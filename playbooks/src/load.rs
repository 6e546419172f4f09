//! From the bytes of a file to a playbook that can be trusted: parsed, checked, compiled, with its digest. A file with a fault
//! is refused with every fault and its place. Which files there are is `library`'s business.

use std::fmt;

use domain::canonical;
use domain::digest::Digest;
use domain::id::PlaybookId;
use domain::timestamp::Timestamp;

use crate::check::{self, Compiled, CompiledStep, Finding};
use crate::expression::{EvaluationError, Expression};
use crate::schema::{ActionStep, Document};
use crate::scope::{Facts, Scope};
use crate::yaml::{self, Fault, Position};

/// A playbook that passed every check.
#[derive(Clone, Debug)]
pub struct Playbook {
    document: Document,
    compiled: Compiled,
    canonical: String,
    digest: Digest,
}

/// One fault of a file: what is wrong and what was expected, and where if the parser tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    pub file: String,
    pub position: Option<Position>,
    /// A JSON Pointer to the value at fault; empty for the whole document.
    pub pointer: String,
    pub detail: String,
}

impl Playbook {
    /// Reads a playbook from YAML. The name of the file only appears in errors.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, Vec<LoadError>> {
        let whole = |fault: Fault| vec![LoadError::new(file, fault.position, String::new(), fault.detail)];
        let text = yaml::text(bytes).map_err(whole)?;
        let content = yaml::content(text).map_err(whole)?;
        let document: Document = serde_yaml::from_str(text).map_err(|error| whole(yaml::fault(&error)))?;
        let compiled = check::compile(&document).map_err(|findings| located(file, text, findings))?;
        let canonical = canonical::to_json(&content);
        Ok(Self { digest: Digest::of(canonical.as_bytes()), document, compiled, canonical })
    }

    /// Reads a stored version: the text that [`Playbook::canonical`] gave.
    pub fn from_canonical(canonical: &str) -> Result<Self, Vec<LoadError>> {
        let whole = |detail: String| vec![LoadError::new("stored version", None, String::new(), detail)];
        let document: Document = serde_json::from_str(canonical).map_err(|error| whole(error.to_string()))?;
        let unlocated = |Finding { pointer, detail }| LoadError::new("stored version", None, pointer, detail);
        let compiled = check::compile(&document).map_err(|findings| findings.into_iter().map(unlocated).collect::<Vec<_>>())?;
        Ok(Self { digest: Digest::of(canonical.as_bytes()), document, compiled, canonical: canonical.to_owned() })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &PlaybookId {
        &self.document.id
    }

    /// What is written in it.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The RFC 8785 JSON of the document as it was written, without its comments and its layout.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// SHA-256 of [`Playbook::canonical`].
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Is it applicable to this incident? An error if its `when` cannot be evaluated, which is not a no.
    pub fn is_applicable(&self, facts: &Facts, now: Timestamp) -> Result<bool, EvaluationError> {
        if !self.document.incident_type.0.contains(&facts.incident.incident_type) {
            return Ok(false);
        }
        self.compiled.when.as_ref().map_or(Ok(true), |when| when.is_true(&Scope::before_run(facts, now)))
    }

    pub(crate) fn when(&self) -> Option<&Expression> {
        self.compiled.when.as_ref()
    }

    pub(crate) fn approval_condition(&self) -> Option<&Expression> {
        self.compiled.condition.as_ref()
    }

    /// Every step as it is written and as it is compiled.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (&ActionStep, &CompiledStep)> {
        self.document.actions.iter().zip(&self.compiled.steps)
    }
}

impl LoadError {
    fn new(file: &str, position: Option<Position>, pointer: String, detail: String) -> Self {
        Self { file: file.to_owned(), position, pointer, detail }
    }

    /// A fault of a file as a whole.
    pub(crate) fn of_file(file: &str, detail: String) -> Self {
        Self::new(file, None, String::new(), detail)
    }

    /// What the YAML parser says about a file.
    pub(crate) fn of_yaml(file: &str, fault: Fault) -> Self {
        Self::new(file, fault.position, String::new(), fault.detail)
    }
}

impl fmt::Display for LoadError {
    /// `file:line:column: detail (at /pointer)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.detail)?;
        if self.pointer.is_empty() { Ok(()) } else { write!(f, " (at {})", self.pointer) }
    }
}

impl std::error::Error for LoadError {}

fn located(file: &str, text: &str, findings: Vec<Finding>) -> Vec<LoadError> {
    let locate = |Finding { pointer, detail }| LoadError::new(file, yaml::position_of(text, &pointer), pointer, detail);
    findings.into_iter().map(locate).collect()
}
