//! What keeps an expression small: limits on its text before it is parsed, and limits on what its loops may do and make.
//! The limits on the parsed form are checked with the names, in `names`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::common::types::{CelBool, CelBytes, CelList, CelMap, CelString, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::parser::pratt_parser::{Lexer, TokenKind};
use cel::{Env, ExecutionError};

use super::{BRACKET_DEPTH_MAX, EXPRESSION_BYTES_MAX, InvalidExpression, TERNARIES_MAX};
use crate::scope::Scope;

/// How many items a list may have that a loop goes over.
pub const LIST_ITEMS_MAX: usize = 1_000;
/// How large one element of a list made by `map` or `filter` may be, in bytes.
pub const LIST_ELEMENT_BYTES_MAX: usize = 16_384;
/// How many iterations all loops of one evaluation may take together.
pub const EXPRESSION_ITERATIONS_MAX: u32 = 10_000;

/// Read once per iteration; no expression can spell it.
pub(crate) const STEP_OF_A_LOOP: &str = "@step";
const IN_ORDER: &str = "@in_order";
const SMALL_ENOUGH: &str = "@small_enough";

/// Refuses a text that is too long or nests too deep, before the recursive parser sees it. The tokens are the parser's own.
pub(super) fn check_source(source: &str) -> Result<(), InvalidExpression> {
    if source.len() > EXPRESSION_BYTES_MAX {
        return Err(InvalidExpression::TooLong(source.len()));
    }
    let mut lexer = Lexer::new(source);
    let (mut depth, mut ternaries) = (0_usize, 0_usize);
    loop {
        let token = lexer.lex();
        match token.kind {
            TokenKind::TokEnd => return Ok(()),
            TokenKind::TokError => return Err(unknown_token(source, token.start)),
            TokenKind::TokLeftParen | TokenKind::TokLeftBracket | TokenKind::TokLeftBrace => depth += 1,
            TokenKind::TokRightParen | TokenKind::TokRightBracket | TokenKind::TokRightBrace => depth = depth.saturating_sub(1),
            TokenKind::TokQuestion => ternaries += 1,
            _ => {}
        }
        if depth > BRACKET_DEPTH_MAX {
            return Err(InvalidExpression::BracketsTooDeep);
        }
        if ternaries > TERNARIES_MAX {
            return Err(InvalidExpression::TooManyTernaries);
        }
    }
}

fn unknown_token(source: &str, start: usize) -> InvalidExpression {
    let column = source.get(..start).map_or(1, |before| before.chars().count() + 1);
    InvalidExpression::Syntax { column, detail: "this is no part of an expression".to_owned() }
}

/// Rewrites every loop so that it counts its iterations, goes over at most [`LIST_ITEMS_MAX`] items in a fixed order (a map's
/// keys have none of their own), and adds only small elements to the list it makes.
pub(super) fn bound_loops(expression: &mut IdedExpr) {
    match &mut expression.expr {
        Expr::Comprehension(comprehension) => bound_loop(comprehension),
        Expr::Call(call) => {
            call.target.iter_mut().for_each(|target| bound_loops(target));
            call.args.iter_mut().for_each(bound_loops);
        }
        Expr::Select(select) => bound_loops(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().for_each(bound_loops),
        Expr::Map(map) => map.entries.iter_mut().for_each(|entry| {
            if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                bound_loops(&mut entry.key);
                bound_loops(&mut entry.value);
            }
        }),
        Expr::Struct(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

fn bound_loop(comprehension: &mut ComprehensionExpr) {
    for part in [&mut comprehension.iter_range, &mut comprehension.loop_step] {
        bound_loops(part);
    }
    let range = std::mem::take(&mut comprehension.iter_range);
    comprehension.iter_range = call(IN_ORDER, vec![range]);
    let builds_a_list = matches!(&comprehension.result.expr, Expr::Ident(name) if *name == comprehension.accu_var)
        && matches!(comprehension.accu_init.expr, Expr::List(_));
    if builds_a_list {
        bound_list_step(&mut comprehension.loop_step, &comprehension.accu_var);
    } else {
        let condition = std::mem::take(&mut comprehension.loop_cond);
        comprehension.loop_cond = if_counted(condition, literal_false());
    }
}

/// `@result + [x]`, or `c ? @result + [x] : @result`: the two shapes that the interpreter appends to in place.
fn bound_list_step(step: &mut IdedExpr, result: &str) {
    let whole = std::mem::take(step);
    *step = match whole.expr {
        Expr::Call(mut guarded) if guarded.func_name == operators::CONDITIONAL && guarded.args.len() == 3 => {
            let guard = std::mem::take(&mut guarded.args[0]);
            guarded.args[0] = if_counted(guard, literal_false());
            bound_appended(&mut guarded.args[1]);
            IdedExpr { id: whole.id, expr: Expr::Call(guarded) }
        }
        plain => {
            let mut append = IdedExpr { id: whole.id, expr: plain };
            bound_appended(&mut append);
            if_counted(append, IdedExpr { id: 0, expr: Expr::Ident(result.to_owned()) })
        }
    };
}

fn bound_appended(append: &mut IdedExpr) {
    let Expr::Call(add) = &mut append.expr else { return };
    let Some(Expr::List(list)) = add.args.get_mut(1).map(|appended| &mut appended.expr) else { return };
    for element in &mut list.elements {
        let inner = std::mem::take(element);
        *element = call(SMALL_ENOUGH, vec![inner]);
    }
}

fn if_counted(then: IdedExpr, otherwise: IdedExpr) -> IdedExpr {
    let counted = IdedExpr { id: 0, expr: Expr::Ident(STEP_OF_A_LOOP.to_owned()) };
    call(operators::CONDITIONAL, vec![counted, then, otherwise])
}

fn literal_false() -> IdedExpr {
    IdedExpr { id: 0, expr: Expr::Literal(LiteralValue::Boolean(false.into())) }
}

fn call(function: &str, args: Vec<IdedExpr>) -> IdedExpr {
    IdedExpr { id: 0, expr: Expr::Call(CallExpr { func_name: function.to_owned(), target: None, args }) }
}

/// The functions that an expression can call, and the two that only [`bound_loops`] writes.
pub(crate) fn environment() -> Arc<Env> {
    static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
        let mut env = Env::default().with_optional_support(false).with_stdlib();
        let added = env
            .add_overload(IN_ORDER, "in_order", vec![DYN_TYPE], in_order)
            .and_then(|()| env.add_overload(SMALL_ENOUGH, "small_enough", vec![DYN_TYPE], small_enough));
        debug_assert!(added.is_ok(), "the names are not taken: {added:?}");
        Arc::new(env)
    });
    Arc::clone(&ENVIRONMENT)
}

fn in_order<'b, 'v>(mut args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let range = args.pop().ok_or_else(ExecutionError::missing_argument_or_target)?;
    let items = range.as_sizer().map_or(0, |sizer| *sizer.size().inner());
    if usize::try_from(items).unwrap_or(usize::MAX) > LIST_ITEMS_MAX {
        let detail = format!("{items} items; at most {LIST_ITEMS_MAX} are allowed");
        return Err(ExecutionError::function_error("a loop", detail));
    }
    let Some(map) = range.downcast_ref::<CelMap<'_>>() else { return Ok(range) };
    let mut keys: Vec<_> = map.inner().keys().collect();
    keys.sort();
    let keys: Vec<Box<dyn Val + 'v>> = keys.into_iter().map(|key| key.inner().clone_as_boxed()).collect();
    Ok(CowVal::owned(CelList::from(keys)))
}

fn small_enough<'b, 'v>(mut args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let element = args.pop().ok_or_else(ExecutionError::missing_argument_or_target)?;
    if weight(element.as_ref()) > LIST_ELEMENT_BYTES_MAX {
        let detail = format!("an element is over {LIST_ELEMENT_BYTES_MAX} bytes");
        return Err(ExecutionError::function_error("map or filter", detail));
    }
    Ok(element)
}

/// About how many bytes a value takes, enough to tell small from large.
fn weight(value: &dyn Val) -> usize {
    const ONE_VALUE: usize = 16;
    let content = if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        text.inner().len()
    } else if let Some(bytes) = value.downcast_ref::<CelBytes<'_>>() {
        bytes.inner().len()
    } else if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        list.inner().iter().map(|item| weight(item.as_ref())).sum()
    } else if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
        map.inner().iter().map(|(key, item)| weight(key.inner()) + weight(item.as_ref())).sum()
    } else {
        0
    };
    content + ONE_VALUE
}

/// One evaluation: hands out the variables of a scope and counts the iterations of loops.
pub(crate) struct Evaluation<'s> {
    scope: &'s Scope,
    iterations: AtomicU32,
}

impl<'s> Evaluation<'s> {
    pub(crate) fn new(scope: &'s Scope) -> Self {
        Self { scope, iterations: AtomicU32::new(0) }
    }
}

impl VariableResolver for Evaluation<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        if variable != STEP_OF_A_LOOP {
            return self.scope.variable(variable).map(CowVal::Borrowed);
        }
        let before = self.iterations.fetch_add(1, Ordering::Relaxed);
        (before < EXPRESSION_ITERATIONS_MAX).then(|| CowVal::owned(CelBool::from(true)))
    }
}
