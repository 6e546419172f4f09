//! Files and expressions written to hurt: each is refused by a limit with a name, in no time, and nothing ever panics.

use std::thread;

use domain::run::{Step, StepStatus};
use playbooks::expression::{EvaluationError, Expression, InvalidExpression, Place};
use playbooks::{FILE_BYTES_MAX, Playbook, Scope};
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::{collection, sample};
use serde_json::{Value, json};

use crate::scenes::{facts, now};

/// Half of what a worker's thread has: expressions at their limits must leave room.
const STACK_BYTES: usize = 1_048_576;

fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(STACK_BYTES).spawn(work).unwrap().join().unwrap()
}

#[test]
fn expressions_over_a_limit_are_refused_before_they_are_evaluated() {
    let check = |source: String, expected: InvalidExpression| {
        let found = on_a_small_stack({
            let source = source.clone();
            move || Expression::compile(&source, Place::BeforeRun).map(|_| ())
        });
        assert_eq!(found, Err(expected), "{source}");
    };
    check("1".repeat(1_025), InvalidExpression::TooLong(1_025));
    check("(".repeat(33) + "1" + &")".repeat(33), InvalidExpression::BracketsTooDeep);
    check("[".repeat(1_000), InvalidExpression::BracketsTooDeep);
    check("[')]}'+".repeat(33) + "1", InvalidExpression::BracketsTooDeep);
    check("{1:".repeat(40), InvalidExpression::BracketsTooDeep);
    check("true?1:".repeat(33) + "1", InvalidExpression::TooManyTernaries);
    check("1".to_owned() + &"+1".repeat(500), InvalidExpression::TooDeep);
    check("!-".repeat(500) + "1", InvalidExpression::TooDeep);
    check("''".to_owned() + &".size()".repeat(140), InvalidExpression::TooDeep);
    check("context".to_owned() + &"[0]".repeat(330), InvalidExpression::TooDeep);
    check("context".to_owned() + &".map(a,a)".repeat(110), InvalidExpression::TooDeep);
    check("[1].map(a,[1].map(b,[1].map(c,1)))".to_owned(), InvalidExpression::TooManyMacros);
    check("[1].all(a,[1].exists(b,[1].exists_one(c,true)))".to_owned(), InvalidExpression::TooManyMacros);
}

#[test]
fn expressions_at_their_limits_leave_room_on_the_stack() {
    let check = |source: String, expected: Value| {
        let found = on_a_small_stack({
            let source = source.clone();
            move || {
                let scope = Scope::before_run(&facts(&json!({ "incident_type": "other" })), now());
                Expression::compile(&source, Place::BeforeRun).map(|expression| expression.parameter(&scope))
            }
        });
        assert_eq!(found, Ok(Ok(expected)), "{source}");
    };
    let nested = |inner: Value| (0..31).fold(inner, |inner, _| json!([inner]));
    check("(".repeat(32) + "1" + &")".repeat(32), json!(1));
    check("1+(".repeat(31) + "1" + &")".repeat(31), json!(32));
    check("[".repeat(32) + "1" + &"]".repeat(32), json!([nested(json!(1))]));
    check("1".to_owned() + &"+1".repeat(63), json!(64));
    check("false?1:".repeat(32) + "2", json!(2));
    check("!".repeat(1_000) + "true", json!(true));
    check("[1,2].map(a,[3].map(b,".to_owned() + &"a+(".repeat(20) + "b" + &")".repeat(20) + "))", json!([[23], [43]]));
    check("true".to_owned() + &"&&true".repeat(170), json!(true));
}

/// The facts about an alert with this context.
fn scope(context: &Value) -> Scope {
    Scope::before_run(&facts(&json!({ "incident_type": "other", "context": context })), now())
}

#[test]
fn evaluations_over_a_limit_are_errors() {
    let numbers: Vec<u32> = (0..1_000).collect();
    let scope = scope(&json!({ "numbers": numbers, "more": (0..1_001).collect::<Vec<u32>>(), "long": "x".repeat(20_000) }));
    let check = |source: &str, expected: &str| {
        let expression = Expression::compile(source, Place::BeforeRun).unwrap();
        let error = expression.parameter(&scope).unwrap_err().to_string();
        assert!(error.contains(expected), "{source}: {error}");
    };
    check("context.numbers.exists(a, context.numbers.exists(b, b < 0))", "more than 10000 iterations");
    check("context.numbers.all(a, context.numbers.all(b, b >= 0))", "more than 10000 iterations");
    check("context.numbers.exists_one(a, context.numbers.exists_one(b, b < 0))", "more than 10000 iterations");
    check("context.numbers.map(a, context.numbers.map(b, b))", "more than 10000 iterations");
    check("context.numbers.filter(a, context.numbers.filter(b, b < 0) == [])", "more than 10000 iterations");
    check("context.numbers.map(a, a >= 0, context.numbers.map(b, b < 0, b))", "more than 10000 iterations");
    check("context.more.exists(a, a < 0)", "at most 1000");
    check("context.more.map(a, a)", "at most 1000");
    check("(context.numbers + context.numbers).filter(a, true)", "at most 1000");
    check("[1].map(a, context.long)", "over 16384 bytes");
    check("[context.long].filter(a, true)", "over 16384 bytes");
    check("context.numbers + context.more", "longer than 1000 items");
    check("9223372036854775807 + 1", "verflow");
    check("-9223372036854775807 - 2", "verflow");
    check("1 / 0", "zero");
    check("1 % 0", "zero");
    check("[1][5]", "ounds");
    check("now + duration('9000000000000s')", "");
    check("timestamp('9999-12-31T23:59:59Z') + duration('9000000000s')", "");
    check("9007199254740993", "a number out of range");
    check("1.0 / 0.0", "a number out of range");
}

#[test]
fn hostile_files_are_refused() {
    let check = |text: String, expected: &str| {
        let errors = Playbook::parse("hostile.yaml", text.as_bytes()).unwrap_err();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert!(errors.iter().any(|error| error.contains(expected)), "{errors:?}");
    };
    check("#".repeat(FILE_BYTES_MAX + 1), "at most 65536 are allowed");
    check("[".repeat(FILE_BYTES_MAX), "more than 4000 opening brackets");
    check("{a: ".repeat(FILE_BYTES_MAX / 4), "more than 4000 opening brackets");
    check("[".repeat(4_000) + &"1,".repeat(30_000), "hostile.yaml");
    check("- ".repeat(FILE_BYTES_MAX / 2), "nest deeper than 32 levels");
    check("[".repeat(33) + &"]".repeat(33), "nest deeper than 32 levels");
    check("[".to_owned() + &"1,".repeat(10_001) + "]", "more than 10000 values");
    check(String::new(), "hostile.yaml");
    check("a: \"\\0\"".to_owned(), "NUL");
    check("a: !tag 5".to_owned(), "hostile.yaml:1:4");
    check("a: .inf".to_owned(), "must be finite");
    check("a: 9007199254740992".to_owned(), "an integer must be within");
    check("a: 1\na: 2".to_owned(), "`a` stands twice");
    check("a: 1\n---\nb: 2".to_owned(), "more than one document");
    check("a: *nobody".to_owned(), "anchor");
    check("a: &a [*a, *a]".to_owned(), "hostile.yaml");
    let laughs = (1..9).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
        let m = n - 1;
        format!("{text}a{n}: &a{n} [{}]\n", format!("*a{m}, ").repeat(10))
    });
    check(laughs, "more than 10000 values");
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(30_000), "*a, ".repeat(20));
    check(long, "more than 262144 bytes of text");
    assert!(Playbook::parse("x", b"\xff\xfe").unwrap_err()[0].to_string().starts_with("x:1:1: the file is not UTF-8"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_compiled_or_refused(source in ".{0,200}") {
        drop(Expression::compile(&source, Place::BeforeRun));
    }

    #[test]
    fn any_bytes_are_a_playbook_or_refused(bytes in collection::vec(any::<u8>(), 0..400)) {
        drop(Playbook::parse("any", &bytes));
    }

    #[test]
    fn any_expression_has_a_value_or_an_error(
        parts in collection::vec(sample::select(vec![
            "incident", ".", "context", "risk_score", "tags", "now", "+", "-", "*", "/", "%", "==", "<", "&&", "||", "!", "?", ":",
            "(", ")", "[", "]", "{", "}", ",", "1", "2.5", "'a'", "true", "null", "size", "has", ".map(x,", ".exists(x,", "x", "in",
            "duration('99999999h')", "timestamp('9999-12-31T00:00:00Z')", "9223372036854775807", "-9223372036854775808", " ",
        ]), 0..24),
    ) {
        let source = parts.concat();
        if let Ok(expression) = Expression::compile(&source, Place::BeforeStep(&[])) {
            drop(expression.parameter(&scope(&json!({ "a": [1, { "b": "c" }], "x": null }))));
        }
    }
}

#[test]
fn a_panic_in_the_interpreter_is_an_error() {
    let expression =
        Expression::compile("timestamp('9999-12-31T00:00:00Z') + duration('9000000000000s')", Place::BeforeRun).unwrap();
    let error = expression.is_true(&scope(&json!({}))).unwrap_err();
    assert!(matches!(error, EvaluationError::Failed(_)), "{error}");
}

#[test]
fn a_large_output_of_a_step_does_not_hurt() {
    let output = json!({ "items": (0..5_000).map(|n| json!({ "n": n })).collect::<Vec<_>>() });
    let id: domain::id::StepId = "look".parse().unwrap();
    let step = Step {
        id: id.clone(),
        action: domain::action::Action::Enrich,
        connector: "simulated".to_owned(),
        status: StepStatus::Succeeded,
        attempts: 1,
        input: None,
        output: Some(output),
        error: None,
        started_at: None,
        due_at: None,
        undo: None,
        finished_at: None,
    };
    let scope = Scope::in_run(&facts(&json!({ "incident_type": "other" })), &[step], now());
    let place = [id];
    let check = |source: &str, expected: Result<bool, &str>| {
        let found =
            Expression::compile(source, Place::BeforeStep(&place)).unwrap().is_true(&scope).map_err(|error| error.to_string());
        assert_eq!(found.is_ok(), expected.is_ok(), "{source}: {found:?}");
        assert!(found.as_ref().err().is_none_or(|error| error.contains(expected.err().unwrap_or_default())), "{found:?}");
    };
    check("size(steps.look.output.items) == 5000", Ok(true));
    check("steps.look.output.items.exists(i, i.n == 1)", Err("at most 1000"));
}
