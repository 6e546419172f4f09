//! One expression of a playbook, in CEL: compiled with every limit checked and every name known, evaluated without panicking.
//! What the names stand for is in `scope`; expressions inside a text are in `template`.

mod bounds;
mod names;
mod value;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cel::parser::PrattParser;
use cel::{ExecutionError, IdedExpr};
use domain::id::StepId;
use domain::text::shortened;
use serde_json::Value as Json;

use crate::scope::Scope;
use crate::suggestion::nearest;

pub use bounds::{EXPRESSION_ITERATIONS_MAX, LIST_ELEMENT_BYTES_MAX, LIST_ITEMS_MAX};
pub(crate) use bounds::{Evaluation, STEP_OF_A_LOOP, environment};
pub(crate) use value::{INTEGER_MAX, from_json};

/// The longest expression, in bytes.
pub const EXPRESSION_BYTES_MAX: usize = 1_024;
/// How deep brackets may nest in an expression.
pub const BRACKET_DEPTH_MAX: usize = 32;
/// How many `?` an expression may have.
pub const TERNARIES_MAX: usize = 32;
/// How deep the parsed expression may be: evaluation uses the stack once per level.
pub const EXPRESSION_DEPTH_MAX: usize = 64;
/// How many loops (`all`, `exists`, `exists_one`, `map`, `filter`) may stand inside each other.
pub const NESTED_MACROS_MAX: usize = 2;
/// The longest message of a failed evaluation, in bytes; the interpreter's own quote whole values.
pub const ERROR_BYTES_MAX: usize = 300;

/// Where an expression stands, and so which names it may use.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The playbook's own `when` and the approval `condition`: no step has run yet.
    BeforeRun,
    /// The `when` of a step, after these steps.
    BeforeStep(&'a [StepId]),
    /// A `${{ }}` of a step, after these steps; it may not ask for `now`.
    Parameter(&'a [StepId]),
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Expression {
    source: String,
    ast: IdedExpr,
    reads: names::Reads,
}

/// Why an expression was refused when it was loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidExpression {
    #[error("the expression has {0} bytes; at most {EXPRESSION_BYTES_MAX} are allowed")]
    TooLong(usize),
    #[error("brackets nest deeper than {BRACKET_DEPTH_MAX} levels")]
    BracketsTooDeep,
    #[error("more than {TERNARIES_MAX} `?` in one expression")]
    TooManyTernaries,
    #[error("the expression nests deeper than {EXPRESSION_DEPTH_MAX} levels")]
    TooDeep,
    #[error("more than {NESTED_MACROS_MAX} of all, exists, exists_one, map and filter stand inside each other")]
    TooManyMacros,
    #[error("not a CEL expression, at character {column}: {detail}")]
    Syntax { column: usize, detail: String },
    #[error("unknown variable `{name}`; expected {expected}")]
    UnknownVariable { name: String, expected: String, did_you_mean: Option<String> },
    #[error("unknown function `{0}`")]
    UnknownFunction(String),
    #[error("`{0}` is not supported in playbooks")]
    Unsupported(String),
    #[error("`${{{{` without its `}}}}`")]
    Unterminated,
}

impl InvalidExpression {
    /// What is wrong, without what was expected.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::UnknownVariable { name, .. } => format!("unknown variable `{name}`"),
            other => other.to_string(),
        }
    }

    /// What may stand there instead.
    pub(crate) fn expected(&self) -> Option<&str> {
        if let Self::UnknownVariable { expected, .. } = self { Some(expected) } else { None }
    }

    /// The known name that was probably meant.
    pub(crate) fn did_you_mean(&self) -> Option<String> {
        match self {
            Self::UnknownVariable { did_you_mean, .. } => did_you_mean.clone(),
            Self::UnknownFunction(name) => nearest(name, names::known_functions()),
            _ => None,
        }
    }

    /// How many characters into the expression the fault stands, if that is known.
    pub(crate) fn column(&self, source: &str) -> Option<usize> {
        let place = match self {
            Self::Syntax { column, .. } => return column.checked_sub(1),
            Self::UnknownVariable { name, .. } | Self::UnknownFunction(name) => source.find(name.as_str())?,
            _ => return None,
        };
        Some(source.get(..place)?.chars().count())
    }
}

/// Why an expression has no value here and now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    #[error("{0}")]
    Failed(String),
    #[error("the result is {0}, not true or false")]
    NotTrueOrFalse(String),
    #[error("the loops take more than {EXPRESSION_ITERATIONS_MAX} iterations")]
    TooManyIterations,
    #[error("the result is {0}, which no parameter can hold")]
    NoParameter(String),
    #[error("the result is {0}, which cannot stand inside a text")]
    NoText(String),
    #[error("the text is longer than {max} bytes")]
    TextTooLong { max: usize },
}

impl Expression {
    /// Compiles an expression for its place; refuses what is over a limit, does not parse, or names something unknown.
    pub fn compile(source: &str, place: Place<'_>) -> Result<Self, InvalidExpression> {
        bounds::check_source(source)?;
        let parser = PrattParser::new().max_recursion_depth(PARSER_RECURSION_MAX);
        let parsed = catch_unwind(AssertUnwindSafe(|| parser.parse(source)));
        let mut ast = match parsed {
            Ok(Ok(ast)) => ast,
            Ok(Err(errors)) => return Err(syntax_error(source, &errors)),
            Err(_) => return Err(InvalidExpression::Syntax { column: 1, detail: "the parser gave up".to_owned() }),
        };
        let reads = names::check(&ast, place)?;
        bounds::bound_loops(&mut ast);
        Ok(Self { source: source.to_owned(), ast, reads })
    }

    /// The text that it was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Does it need what an earlier step did?
    #[must_use]
    pub fn reads_steps(&self) -> bool {
        self.reads.steps
    }

    /// Is it only known right before its step? It needs what an earlier step did, or the time.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.reads.steps || self.reads.now
    }

    /// Every name that it reads, other than `steps` and `now`, with as much of its path as is written.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.reads.paths.iter().map(String::as_str)
    }

    /// Its value as true or false.
    pub fn is_true(&self, scope: &Scope) -> Result<bool, EvaluationError> {
        match self.evaluate(scope)? {
            cel::Value::Bool(answer) => Ok(answer),
            other => Err(EvaluationError::NotTrueOrFalse(value::kind_of(&other).to_owned())),
        }
    }

    /// Its value as a parameter can hold it: text, number, true or false, list or map.
    pub fn parameter(&self, scope: &Scope) -> Result<Json, EvaluationError> {
        value::to_json(&self.evaluate(scope)?)
    }

    /// Its value as it reads inside a text.
    pub fn text(&self, scope: &Scope) -> Result<String, EvaluationError> {
        value::to_text(&self.evaluate(scope)?)
    }

    /// The interpreter panics on some arithmetic (a time moved by more than its calendar holds, for example). It keeps no
    /// state between evaluations, so a caught panic is an error like any other.
    fn evaluate(&self, scope: &Scope) -> Result<cel::Value, EvaluationError> {
        let evaluation = Evaluation::new(scope);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut context = cel::Context::with_env(environment());
            context.set_variable_resolver(&evaluation);
            cel::Value::resolve(&self.ast, &context)
        }));
        match outcome {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(EvaluationError::Failed("the arithmetic goes beyond what can be calculated".to_owned())),
        }
    }
}

/// One level per bracket, and the expression itself.
const PARSER_RECURSION_MAX: u16 = BRACKET_DEPTH_MAX as u16 + 1;

/// The parser counts lines and columns from 1; here characters are counted through all lines.
fn syntax_error(source: &str, errors: &cel::ParseErrors) -> InvalidExpression {
    let first = errors.errors.first();
    let number = |position: Option<isize>| position.and_then(|number| usize::try_from(number).ok()).unwrap_or(1).max(1);
    let line = number(first.map(|error| error.pos.0));
    let before: usize = source.lines().take(line - 1).map(|line| line.chars().count() + 1).sum();
    let column = before + number(first.map(|error| error.pos.1));
    let detail = first.map_or_else(|| "unknown syntax".to_owned(), |error| shortened(&error.msg, ERROR_BYTES_MAX));
    InvalidExpression::Syntax { column, detail }
}

fn failure(error: &ExecutionError) -> EvaluationError {
    match error {
        ExecutionError::UndeclaredReference(name) if name.as_str() == STEP_OF_A_LOOP => EvaluationError::TooManyIterations,
        ExecutionError::NoSuchKey(name) => EvaluationError::Failed(shortened(&format!("there is no `{name}`"), ERROR_BYTES_MAX)),
        other => EvaluationError::Failed(shortened(&other.to_string(), ERROR_BYTES_MAX)),
    }
}
