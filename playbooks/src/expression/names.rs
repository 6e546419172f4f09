//! Checks a parsed expression before it is ever evaluated: every variable, field and function that it names exists in its
//! place, and it is neither too deep nor full of nested loops. Says what it reads. Values are not looked at.

use std::collections::BTreeSet;

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, operators};

use super::{EXPRESSION_DEPTH_MAX, InvalidExpression, NESTED_MACROS_MAX, Place};
use crate::scope::{ALERT_PATHS, INCIDENT_FIELDS, ROOTS, STEP_FIELDS};
use crate::suggestion::nearest;

/// What an expression reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reads {
    pub(super) steps: bool,
    pub(super) now: bool,
    /// Every other name, with as much of its path as is written: `alert.source.ip`, `context.failed_attempts`, `observables`.
    pub(super) paths: BTreeSet<String>,
}

/// Checks an expression for its place, and says what it reads.
pub(super) fn check(expression: &IdedExpr, place: Place<'_>) -> Result<Reads, InvalidExpression> {
    let mut reader = Reader { place, bound: Vec::new(), loops: 0, reads: Reads::default() };
    reader.read(expression, 0)?;
    Ok(reader.reads)
}

const OPERATORS: [&str; 17] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::SUBSTRACT,
    operators::ADD,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::NEGATE,
    operators::INDEX,
];

/// Written by the loop macros and by `in`.
const OPERATORS_OF_MACROS: [&str; 2] = [operators::NOT_STRICTLY_FALSE, operators::IN];

const FUNCTIONS: [&str; 11] =
    ["bool", "bytes", "double", "duration", "dyn", "int", "size", "string", "timestamp", "type", "uint"];

const METHODS: [&str; 14] = [
    "contains",
    "endsWith",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "size",
    "startsWith",
];

/// What `type(x)` can be compared with.
const TYPES: [&str; 11] =
    ["bool", "bytes", "double", "duration", "int", "list", "map", "null_type", "string", "timestamp", "uint"];

struct Reader<'a> {
    place: Place<'a>,
    /// Variables of the loops around this point.
    bound: Vec<&'a str>,
    loops: usize,
    reads: Reads,
}

impl<'a> Reader<'a> {
    fn read(&mut self, expression: &'a IdedExpr, depth: usize) -> Result<(), InvalidExpression> {
        if depth >= EXPRESSION_DEPTH_MAX {
            return Err(InvalidExpression::TooDeep);
        }
        let depth = depth + 1;
        match &expression.expr {
            Expr::Literal(_) => Ok(()),
            Expr::Ident(_) => self.read_path(&path_of(expression).unwrap_or_default()),
            Expr::Select(select) => match path_of(expression) {
                Some(path) => self.read_path(&path),
                None => self.read(&select.operand, depth),
            },
            Expr::Call(call) => self.read_call(call, depth),
            Expr::Comprehension(comprehension) => self.read_loop(comprehension, depth),
            Expr::List(list) => list.elements.iter().try_for_each(|element| self.read(element, depth)),
            Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => self.read(&entry.key, depth).and_then(|()| self.read(&entry.value, depth)),
                EntryExpr::StructField(field) => Err(InvalidExpression::Unsupported(field.field.clone())),
            }),
            Expr::Struct(structure) => Err(InvalidExpression::Unsupported(format!("{}{{}}", structure.type_name))),
            Expr::Unspecified => Err(InvalidExpression::Unsupported("an empty expression".to_owned())),
        }
    }

    fn read_call(&mut self, call: &'a CallExpr, depth: usize) -> Result<(), InvalidExpression> {
        let name = call.func_name.as_str();
        let known = match &call.target {
            Some(target) => {
                self.read(target, depth)?;
                METHODS.contains(&name)
            }
            None => OPERATORS.contains(&name) || OPERATORS_OF_MACROS.contains(&name) || FUNCTIONS.contains(&name),
        };
        if !known {
            return Err(InvalidExpression::UnknownFunction(name.to_owned()));
        }
        call.args.iter().try_for_each(|argument| self.read(argument, depth))
    }

    fn read_loop(&mut self, comprehension: &'a ComprehensionExpr, depth: usize) -> Result<(), InvalidExpression> {
        self.read(&comprehension.iter_range, depth)?;
        self.loops += 1;
        if self.loops > NESTED_MACROS_MAX {
            return Err(InvalidExpression::TooManyMacros);
        }
        let outside = self.bound.len();
        self.bound.extend([comprehension.iter_var.as_str(), comprehension.accu_var.as_str()]);
        for part in [&comprehension.accu_init, &comprehension.loop_cond, &comprehension.loop_step, &comprehension.result] {
            self.read(part, depth)?;
        }
        self.bound.truncate(outside);
        self.loops -= 1;
        Ok(())
    }

    fn read_path(&mut self, path: &[&str]) -> Result<(), InvalidExpression> {
        let (Some(&root), rest) = (path.first(), path.get(1..).unwrap_or_default()) else { return Ok(()) };
        if self.bound.contains(&root) {
            return Ok(());
        }
        match root {
            "incident" => one_of(path, rest.first().copied(), &INCIDENT_FIELDS)?,
            "alert" => read_alert(path)?,
            "context" | "observables" | "enrichment" => {}
            "steps" => return self.read_step(path, rest),
            "now" if !matches!(self.place, Place::Parameter(_)) => {
                self.reads.now = true;
                return Ok(());
            }
            _ if rest.is_empty() && TYPES.contains(&root) => return Ok(()),
            _ => return Err(unknown(path, self.known_roots(), nearest(root, ROOTS).map(|root| with_rest(&root, path)))),
        }
        self.reads.paths.insert(path.join("."));
        Ok(())
    }

    /// `steps.<id>.output…` or `steps.<id>.status`, of an earlier step: nothing shorter, so that an expression about a step
    /// that has not run yet never has a value.
    fn read_step(&mut self, path: &[&str], rest: &[&str]) -> Result<(), InvalidExpression> {
        let earlier = match self.place {
            Place::BeforeRun => return Err(unknown(path, "no step here: none has run yet".to_owned(), None)),
            Place::BeforeStep(earlier) | Place::Parameter(earlier) => earlier,
        };
        self.reads.steps = true;
        let ids: Vec<&str> = earlier.iter().map(domain::id::StepId::as_str).collect();
        if !rest.first().is_some_and(|id| ids.contains(id)) {
            let expected = format!("steps.<id>.output or steps.<id>.status of an earlier step ({})", ids.join(", "));
            let meant = rest.first().and_then(|id| nearest(id, ids.iter().copied()));
            let meant = meant.map(|id| [&["steps", id.as_str()], path.get(2..).unwrap_or_default()].concat().join("."));
            return Err(unknown(path, expected, meant));
        }
        match rest.get(1) {
            None => Err(unknown(path, format!("{}.output or {0}.status", path.join(".")), None)),
            field => one_of(path, field.copied(), &STEP_FIELDS),
        }
    }

    fn known_roots(&self) -> String {
        let is_absent = |root: &str| matches!((root, self.place), ("now", Place::Parameter(_)) | ("steps", Place::BeforeRun));
        let roots = ROOTS.iter().copied().filter(|root| !is_absent(root));
        format!("one of {}", roots.collect::<Vec<_>>().join(", "))
    }
}

/// The names of `a.b.c`, or of `has(a.b.c)`, if it starts with a name.
fn path_of(expression: &IdedExpr) -> Option<Vec<&str>> {
    let mut path = Vec::new();
    let mut expression = expression;
    loop {
        match &expression.expr {
            Expr::Select(select) => {
                path.push(select.field.as_str());
                expression = &select.operand;
            }
            Expr::Ident(name) => {
                path.push(name);
                path.reverse();
                return Some(path);
            }
            _ => return None,
        }
        if path.len() > EXPRESSION_DEPTH_MAX {
            return None;
        }
    }
}

fn read_alert(path: &[&str]) -> Result<(), InvalidExpression> {
    let asked = path.join(".");
    let known = ALERT_PATHS
        .iter()
        .any(|known| *known == asked || known.strip_prefix(asked.as_str()).is_some_and(|rest| rest.starts_with('.')));
    let expected = || format!("one of {}", ALERT_PATHS.join(", "));
    if known { Ok(()) } else { Err(unknown(path, expected(), nearest(&asked, ALERT_PATHS))) }
}

fn one_of(path: &[&str], field: Option<&str>, fields: &[&str]) -> Result<(), InvalidExpression> {
    match field {
        Some(field) if !fields.contains(&field) => {
            let owner = path.split(|part| *part == field).next().unwrap_or_default().join(".");
            let meant = nearest(field, fields.iter().copied()).map(|known| format!("{owner}.{known}"));
            Err(unknown(path, format!("one of the fields {}", fields.join(", ")), meant))
        }
        _ => Ok(()),
    }
}

fn unknown(path: &[&str], expected: String, did_you_mean: Option<String>) -> InvalidExpression {
    InvalidExpression::UnknownVariable { name: path.join("."), expected, did_you_mean }
}

/// Another root before what follows the first name of a path.
fn with_rest(root: &str, path: &[&str]) -> String {
    [&[root], path.get(1..).unwrap_or_default()].concat().join(".")
}

/// Every function and method that an expression may call.
pub(super) fn known_functions() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().chain(&METHODS).chain(&LOOPS).copied()
}

/// The loops, and the question whether something is there: the parser knows them.
const LOOPS: [&str; 6] = ["all", "exists", "exists_one", "filter", "has", "map"];
