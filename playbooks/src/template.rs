//! Parameters of a step as the playbook writes them: plain values, and texts with `${{ expression }}` inside.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::expression::{EvaluationError, Expression, InvalidExpression, Place};
use crate::scope::Scope;

/// The longest text that a template may become, in bytes.
pub const TEXT_BYTES_MAX: usize = 16_384;

const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// A parameter's value with its expressions compiled.
#[derive(Clone, Debug)]
pub enum Template {
    /// No expression inside.
    Plain(Json),
    /// A text that is exactly one `${{ }}`: keeps the type of the value.
    Whole(Expression),
    /// A text around expressions.
    Text(Vec<Part>),
    List(Vec<Template>),
    Map(BTreeMap<String, Template>),
}

/// A piece of a text.
#[derive(Clone, Debug)]
pub enum Part {
    Plain(String),
    Computed(Expression),
}

/// An expression inside a value that was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct InvalidTemplate {
    /// The expression at fault; empty if it has no end.
    pub expression: String,
    pub error: InvalidExpression,
}

impl Template {
    /// Compiles every `${{ }}` in the value.
    pub fn compile(source: &Json, place: Place<'_>) -> Result<Self, InvalidTemplate> {
        match source {
            Json::String(text) => compile_text(text, place),
            Json::Array(items) => items.iter().map(|item| Self::compile(item, place)).collect::<Result<_, _>>().map(Self::List),
            Json::Object(entries) => entries
                .iter()
                .map(|(name, entry)| Ok((name.clone(), Self::compile(entry, place)?)))
                .collect::<Result<_, _>>()
                .map(Self::Map),
            plain => Ok(Self::Plain(plain.clone())),
        }
    }

    /// Is there an expression inside?
    #[must_use]
    pub fn is_computed(&self) -> bool {
        self.any(&|_| true)
    }

    /// Does it need what an earlier step did?
    #[must_use]
    pub fn reads_steps(&self) -> bool {
        self.any(&Expression::reads_steps)
    }

    /// Every name that it reads, other than `steps`, with as much of its path as is written.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        self.collect_paths(&mut paths);
        paths
    }

    /// The value, with every expression replaced by what it stands for.
    pub fn resolve(&self, scope: &Scope) -> Result<Json, EvaluationError> {
        match self {
            Self::Plain(value) => Ok(value.clone()),
            Self::Whole(expression) => expression.parameter(scope),
            Self::Text(parts) => resolve_text(parts, scope).map(Json::from),
            Self::List(items) => items.iter().map(|item| item.resolve(scope)).collect(),
            Self::Map(entries) => entries.iter().map(|(name, entry)| Ok((name.clone(), entry.resolve(scope)?))).collect(),
        }
    }

    fn collect_paths(&self, paths: &mut BTreeSet<String>) {
        let mut add = |expression: &Expression| paths.extend(expression.paths().map(str::to_owned));
        match self {
            Self::Plain(_) => {}
            Self::Whole(expression) => add(expression),
            Self::Text(parts) => parts.iter().for_each(|part| {
                if let Part::Computed(expression) = part {
                    add(expression);
                }
            }),
            Self::List(items) => items.iter().for_each(|item| item.collect_paths(paths)),
            Self::Map(entries) => entries.values().for_each(|entry| entry.collect_paths(paths)),
        }
    }

    fn any(&self, holds: &dyn Fn(&Expression) -> bool) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Whole(expression) => holds(expression),
            Self::Text(parts) => parts.iter().any(|part| matches!(part, Part::Computed(expression) if holds(expression))),
            Self::List(items) => items.iter().any(|item| item.any(holds)),
            Self::Map(entries) => entries.values().any(|entry| entry.any(holds)),
        }
    }
}

fn compile_text(text: &str, place: Place<'_>) -> Result<Template, InvalidTemplate> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let unterminated = || InvalidTemplate { expression: String::new(), error: InvalidExpression::Unterminated };
        let end = end_of_expression(after).ok_or_else(unterminated)?;
        if !before.is_empty() {
            parts.push(Part::Plain(before.to_owned()));
        }
        let source = after[..end].trim();
        let refused = |error| InvalidTemplate { expression: source.to_owned(), error };
        parts.push(Part::Computed(Expression::compile(source, place).map_err(refused)?));
        rest = &after[end + CLOSE.len()..];
    }
    if parts.is_empty() {
        return Ok(Template::Plain(Json::from(text)));
    }
    if !rest.is_empty() {
        parts.push(Part::Plain(rest.to_owned()));
    }
    match <[Part; 1]>::try_from(parts) {
        Ok([Part::Computed(expression)]) => Ok(Template::Whole(expression)),
        Ok(plain) => Ok(Template::Text(plain.into())),
        Err(parts) => Ok(Template::Text(parts)),
    }
}

/// Where the `}}` stands that closes the expression: outside its texts and its own braces.
fn end_of_expression(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut quote, mut braces, mut at) = (None, 0_usize, 0);
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'{') => braces += 1,
            (None, b'}') if braces > 0 => braces -= 1,
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (None, _) => {}
        }
        at += 1;
    }
    None
}

fn resolve_text(parts: &[Part], scope: &Scope) -> Result<String, EvaluationError> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Plain(plain) => text.push_str(plain),
            Part::Computed(expression) => text.push_str(&expression.text(scope)?),
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err(EvaluationError::TextTooLong { max: TEXT_BYTES_MAX });
        }
    }
    Ok(text)
}
