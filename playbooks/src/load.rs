//! From the bytes of a file to a playbook that can be trusted: parsed, checked, compiled, with its digest. A file with a fault
//! is refused with every fault and its place. Which files there are is `library`'s business.

use std::fmt;
use std::sync::Arc;

use domain::canonical;
use domain::digest::Digest;
use domain::id::PlaybookId;
use domain::playbook::PlaybookFault;
use domain::sealed::{Sealed, Tampered};
use domain::timestamp::Timestamp;
use serde_json::Value as Json;

use crate::check::{self, Compiled, CompiledStep, Finding};
use crate::expression::{EvaluationError, Expression};
use crate::schema::{ActionStep, Document};
use crate::scope::{Facts, Scope};
use crate::template::Template;
use crate::yaml::{self, Fault, Position};

/// A playbook that passed every check.
#[derive(Clone, Debug)]
pub struct Playbook {
    document: Document,
    compiled: Compiled,
    canonical: String,
    digest: Digest,
    source: Arc<str>,
}

/// One fault of a file: what is wrong and what was expected, and where if the parser tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    pub file: String,
    pub position: Option<Position>,
    /// A JSON Pointer to the value at fault; empty for the whole document.
    pub pointer: String,
    pub detail: String,
    /// What may stand there instead.
    pub expected: Option<String>,
    /// The known name that was probably meant.
    pub did_you_mean: Option<String>,
}

impl Playbook {
    /// Reads a playbook from YAML. The name of the file only appears in errors.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, Vec<LoadError>> {
        let whole = |fault: Fault| vec![LoadError::new(file, fault.position, String::new(), fault.detail)];
        let text = yaml::text(bytes).map_err(whole)?;
        let content = yaml::content(text).map_err(whole)?;
        let findings = check::check(&content);
        if !findings.is_empty() {
            return Err(located(file, text, findings));
        }
        let (document, compiled) = read(&content).map_err(|detail| vec![LoadError::of_file(file, detail)])?;
        let canonical = canonical::to_json(&content);
        Ok(Self { digest: Digest::of(canonical.as_bytes()), document, compiled, canonical, source: text.into() })
    }

    /// Reads a stored version: the text that [`Playbook::canonical`] gave, and the one that it was written as, if that is known.
    /// Refused if either was changed in the database.
    pub fn from_stored(stored: &Sealed<String>, source: Option<&str>) -> Result<Self, Vec<LoadError>> {
        let whole = |detail: String| vec![LoadError::new("stored version", None, String::new(), detail)];
        let canonical = stored.opened().map_err(|tampered| whole(tampered.to_string()))?;
        if source.is_some_and(|source| !is_text_of(source, &stored.digest())) {
            return Err(vec![LoadError::changed_in_database(&stored.digest())]);
        }
        let content: Json = serde_json::from_str(canonical).map_err(|error| whole(error.to_string()))?;
        let findings = check::check(&content);
        if !findings.is_empty() {
            return Err(findings.into_iter().map(|finding| LoadError::found("stored version", None, finding)).collect());
        }
        let (document, compiled) = read(&content).map_err(whole)?;
        let source = source.map_or_else(|| yaml_of(canonical), str::to_owned);
        Ok(Self { digest: stored.digest(), document, compiled, canonical: canonical.clone(), source: source.into() })
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

    /// The YAML that it was written as, comments included.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
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

    /// Does any of its expressions read this of an incident, such as `incident.state`, or all of the incident?
    #[must_use]
    pub fn reads(&self, path: &str) -> bool {
        let Compiled { when, auto_run, approval_condition, close_condition, escalation_condition, steps } = &self.compiled;
        let before = [when, auto_run, approval_condition, close_condition, escalation_condition];
        let conditions = before.into_iter().chain(steps.iter().map(|step| &step.when)).flatten().flat_map(Expression::paths);
        let texts = steps.iter().flat_map(|step| step.with.values()).flat_map(Template::paths);
        let leads_there = |read: &str| read == path || path.strip_prefix(read).is_some_and(|rest| rest.starts_with('.'));
        conditions.map(str::to_owned).chain(texts).any(|read| leads_there(&read))
    }

    /// Can it start by itself?
    #[must_use]
    pub fn starts_by_itself(&self) -> bool {
        self.document.auto_run.is_some()
    }

    pub(crate) fn when(&self) -> Option<&Expression> {
        self.compiled.when.as_ref()
    }

    pub(crate) fn approval_condition(&self) -> Option<&Expression> {
        self.compiled.approval_condition.as_ref()
    }

    pub(crate) fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    /// Every step as it is written and as it is compiled.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (&ActionStep, &CompiledStep)> {
        self.document.actions.iter().zip(&self.compiled.steps)
    }
}

/// Is the document that is written in this YAML the one with this digest? It need not pass the checks of today.
#[must_use]
pub fn is_text_of(source: &str, digest: &Digest) -> bool {
    yaml::content(source).is_ok_and(|content| Digest::of(canonical::to_json(&content).as_bytes()) == *digest)
}

/// A document as YAML, for a version whose own text was not stored.
#[must_use]
pub fn yaml_of(canonical: &str) -> String {
    let document = serde_json::from_str::<serde_json::Value>(canonical).unwrap_or_default();
    serde_yaml::to_string(&document).unwrap_or_default()
}

impl LoadError {
    fn new(file: &str, position: Option<Position>, pointer: String, detail: String) -> Self {
        Self { file: file.to_owned(), position, pointer, detail, expected: None, did_you_mean: None }
    }

    /// What is wrong, what was expected and what was probably meant, in one sentence.
    #[must_use]
    pub fn explanation(&self) -> String {
        let expected = self.expected.as_ref().map(|expected| format!("; expected {expected}"));
        let meant = self.did_you_mean.as_ref().map(|name| format!("; did you mean `{name}`?"));
        [Some(self.detail.clone()), expected, meant].into_iter().flatten().collect()
    }

    /// The fault without the name of its file.
    #[must_use]
    pub fn fault(&self) -> PlaybookFault {
        PlaybookFault {
            line: self.position.map(|position| position.line),
            column: self.position.map(|position| position.column),
            pointer: self.pointer.clone(),
            detail: self.detail.clone(),
            expected: self.expected.clone(),
            did_you_mean: self.did_you_mean.clone(),
        }
    }

    fn found(file: &str, position: Option<Position>, finding: Finding) -> Self {
        let Finding { pointer, detail, expected, did_you_mean, .. } = finding;
        Self { expected, did_you_mean, ..Self::new(file, position, pointer, detail) }
    }

    /// A stored version that was changed in the database.
    #[must_use]
    pub fn changed_in_database(digest: &Digest) -> Self {
        Self::of_file("stored version", Tampered(*digest).to_string())
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
        write!(f, ": {}", self.explanation())?;
        if self.pointer.is_empty() { Ok(()) } else { write!(f, " (at {})", self.pointer) }
    }
}

impl std::error::Error for LoadError {}

/// What a checked document says. The shape and these fields agree, so that an error here is a defect of ours.
fn read(content: &Json) -> Result<(Document, Compiled), String> {
    let document: Document = serde_json::from_value(content.clone()).map_err(|error| error.to_string())?;
    let compiled = check::compile(&document).map_err(|error| error.to_string())?;
    Ok((document, compiled))
}

/// The faults with their places, in the order of the text.
fn located(file: &str, text: &str, findings: Vec<Finding>) -> Vec<LoadError> {
    let locate = |finding: Finding| {
        let start = yaml::position_of(text, &finding.pointer, finding.spot);
        let position = match (&finding.within, start) {
            (Some((expression, column)), Some(start)) => Some(inside(text, start, (expression, *column))),
            (_, start) => start,
        };
        LoadError::found(file, position, finding)
    };
    let mut errors: Vec<LoadError> = findings.into_iter().map(locate).collect();
    errors.sort_by_key(|error| error.position);
    errors
}

/// The place of a character of an expression that stands in a value. Where the text does not hold the line letter by letter (it is
/// folded, or has escapes) it is the start of the value.
fn inside(text: &str, start: Position, (expression, column): (&str, usize)) -> Position {
    let Some(value) = offset_of(text, start) else { return start };
    let fault = expression.char_indices().nth(column).map_or(expression.len(), |(offset, _)| offset);
    // A block of several lines is indented in the text: the line of the fault is what can be found.
    let line_start = expression[..fault].rfind('\n').map_or(0, |newline| newline + 1);
    let line = expression[line_start..].lines().next().unwrap_or_default();
    let found = text[value..].find(line).filter(|_| !line.trim().is_empty());
    let Some(begin) = found.map(|begin| value + begin) else { return start };
    let before = &text[..begin + (fault - line_start).min(line.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Position { line, column }
}

fn offset_of(text: &str, position: Position) -> Option<usize> {
    let line_start: usize = text.split_inclusive('\n').take(position.line.checked_sub(1)?).map(str::len).sum();
    let line = text.get(line_start..)?;
    let column = position.column.checked_sub(1)?;
    Some(line_start + line.char_indices().nth(column).map(|(offset, _)| offset)?)
}
