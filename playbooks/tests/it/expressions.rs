//! What expressions mean: the names in scope, where each may stand, values and texts, and what cannot be evaluated.

use domain::id::StepId;
use playbooks::expression::{Expression, InvalidExpression, Place};
use playbooks::template::Template;
use playbooks::{Facts, Scope};
use serde_json::{Value, json};

use crate::scenes::{facts, main_job, now};

fn full() -> Facts {
    facts(&json!({
        "incident_type": "malware", "title": "Odd file", "impact": 4, "likelihood": 4, "confidence": 5, "tags": ["vpn", "night"],
        "src_ip": "192.0.2.7", "dst_ip": "198.51.100.1", "hostname": "ws-01", "username": "jdoe",
        "domain": "login.example", "url": "https://login.example/a", "email": "a@login.example",
        "file_hash": "d41d8cd98f00b204e9800998ecf8427e",
        "context": { "critical_asset": true, "failed_attempts": 20, "ratio": 0.5, "names": ["a", "b"], "nested": { "b": 1, "a": 2 } }
    }))
}

fn bare() -> Facts {
    facts(&json!({ "incident_type": "brute_force", "impact": 3, "likelihood": 3, "confidence": 3 }))
}

#[test]
fn the_names_in_scope_have_their_values() {
    let scope = Scope::before_run(&full(), now());
    let check = |source: &str, expected: Value| {
        let expression = Expression::compile(source, Place::BeforeRun).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(expression.parameter(&scope), Ok(expected), "{source}");
    };
    check("incident.id", json!("INC-0000000001"));
    check("incident.incident_type", json!("malware"));
    check("incident.title", json!("Odd file"));
    check("incident.state", json!("classified"));
    // 4 × 4 × 4 = 64, confidence 5 leaves it, a critical asset adds 10: 74 is S2.
    check("incident.severity", json!("S2"));
    check("incident.severity_rank", json!(2));
    check("incident.risk_score", json!(74));
    check("incident.verdict", json!("unknown"));
    check("incident.tags", json!(["vpn", "night"]));
    check("incident.alert_count", json!(1));
    check("incident.privileged_account", json!(false));
    check("incident.critical_asset", json!(true));
    check("alert.source.ip", json!("192.0.2.7"));
    check("alert.destination.ip", json!("198.51.100.1"));
    check("alert.host.name", json!("ws-01"));
    check("alert.user.name", json!("jdoe"));
    check("alert.domain", json!("login.example"));
    check("alert.url.full", json!("https://login.example/a"));
    check("alert.file.hash.md5", json!("d41d8cd98f00b204e9800998ecf8427e"));
    check("alert.email.address", json!("a@login.example"));
    check("context.failed_attempts + 1", json!(21));
    check("context.ratio * 2.0", json!(1.0));
    check("'vpn' in incident.tags", json!(true));
    check("observables.filter(o, o.kind == 'ip').map(o, o.value)", json!(["192.0.2.7", "198.51.100.1"]));
    check("context.nested.map(key, key)", json!(["a", "b"]));
    check("now == timestamp('2026-03-11T10:00:00Z')", json!(true));
    check("now.getHours()", json!(10));
    check("now - duration('1h')", json!("2026-03-11T09:00:00.000Z"));
    check("duration('90s')", json!("90s"));
    check("size(enrichment)", json!(0));
    check("type(incident.risk_score) == int", json!(true));
    check("incident.risk_score >= 20 ? 'high' : 'low'", json!("high"));
}

#[test]
fn has_is_always_safe_on_the_fields_of_an_alert() {
    let (full, bare) = (Scope::before_run(&full(), now()), Scope::before_run(&bare(), now()));
    let fields = "source.ip destination.ip host.name user.name domain url.full file.hash.md5 email.address";
    for field in fields.split(' ') {
        let expression = Expression::compile(&format!("has(alert.{field})"), Place::BeforeRun).unwrap();
        assert_eq!((expression.is_true(&full), expression.is_true(&bare)), (Ok(true), Ok(false)), "{field}");
    }
    let objects = Expression::compile("[alert.source, alert.file.hash].all(o, size(o) == 0)", Place::BeforeRun).unwrap();
    assert_eq!(objects.is_true(&bare), Ok(true));
}

#[test]
fn a_name_must_exist_in_its_place() {
    let ids: [StepId; 2] = ["look".parse().unwrap(), "block".parse().unwrap()];
    let (before_run, before_step, parameter) = (Place::BeforeRun, Place::BeforeStep(&ids), Place::Parameter(&ids));
    let check = |source: &str, place: Place<'_>, unknown: Option<&str>| {
        let found = match Expression::compile(source, place) {
            Ok(_) => None,
            Err(InvalidExpression::UnknownVariable { name, .. } | InvalidExpression::UnknownFunction(name)) => Some(name),
            Err(other) => panic!("{source}: {other}"),
        };
        assert_eq!(found.as_deref(), unknown, "{source}");
    };
    check("incidents.id == 'x'", before_run, Some("incidents.id"));
    check("incident.severty == 'S1'", before_run, Some("incident.severty"));
    check("has(incident.score)", before_run, Some("incident.score"));
    check("alert.source.port == 1", before_run, Some("alert.source.port"));
    check("has(alert.source.ip.version)", before_run, Some("alert.source.ip.version"));
    check("alert.sourc == 1", before_run, Some("alert.sourc"));
    check("context.anything.goes", before_run, None);
    check("now > timestamp(context.at)", before_run, None);
    check("now > timestamp(context.at)", before_step, None);
    check("string(now)", parameter, Some("now"));
    check("steps.look.status == 'succeeded'", before_run, Some("steps.look.status"));
    check("steps.look.status == 'succeeded'", before_step, None);
    check("has(steps.look.output.verdict)", parameter, None);
    check("steps.later.output == 1", before_step, Some("steps.later.output"));
    check("steps.look.outputs == 1", before_step, Some("steps.look.outputs"));
    check("has(steps.look)", before_step, Some("steps.look"));
    check("size(steps) == 0", before_step, Some("steps"));
    check("steps['look'].status == 'x'", before_step, Some("steps"));
    check("x == 1", before_run, Some("x"));
    check("[1].all(x, x == 1)", before_run, None);
    check("[1].all(x, x == 1) && x == 1", before_run, Some("x"));
    check("[1].all(x, [2].exists(y, x < y))", before_run, None);
    check(".incident.id == 'x'", before_run, Some(".incident.id"));
    check("launch(1)", before_run, Some("launch"));
    check("incident.title.matches('a')", before_run, Some("matches"));
    check("optional.of(1)", before_run, Some("optional"));
    check("incident.title.startsWith('B') && size(incident.title) > 3", before_run, None);
    check("startsWith(incident.title, 'B')", before_run, Some("startsWith"));
}

#[test]
fn what_is_no_expression_is_refused_with_its_place() {
    let check = |source: &str, column: usize| match Expression::compile(source, Place::BeforeRun) {
        Err(InvalidExpression::Syntax { column: found, .. }) => assert_eq!(found, column, "{source}"),
        other => panic!("{source}: {other:?}"),
    };
    check("", 1);
    check("1 +", 4);
    check("incident.id = 'x'", 13);
    check("'open", 1);
    check("1 # 2", 3);
    check("ä == 1", 1);
    check("a.?b", 2);
    check("has(1)", 5);
    let unsupported = Expression::compile("incident{id: 1}", Place::BeforeRun).map(|_| ());
    assert_eq!(unsupported, Err(InvalidExpression::Unsupported("incident{}".to_owned())));
}

#[test]
fn what_cannot_be_evaluated_is_an_error_and_never_false() {
    let scope = Scope::before_run(&bare(), now());
    let check = |source: &str, expected: Result<bool, &str>| {
        let found = Expression::compile(source, Place::BeforeRun).unwrap().is_true(&scope).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{source}");
    };
    check("context.missing > 1", Err("there is no `missing`"));
    check("!(context.missing > 1)", Err("there is no `missing`"));
    check("alert.source.ip == 'x'", Err("there is no `ip`"));
    check("has(alert.source.ip) && alert.source.ip == 'x'", Ok(false));
    check("alert.source.ip == 'x' || true", Ok(true));
    check("incident.risk_score", Err("the result is a number, not true or false"));
    check("'true'", Err("the result is a text, not true or false"));
    check("null", Err("the result is null, not true or false"));
    check("incident.risk_score > 'x'", Err("found no matching overload for '_>_' applied to '(int, string)'"));
}

#[test]
fn a_template_keeps_the_type_of_a_lone_expression_and_writes_others_into_the_text() {
    let scope = Scope::before_run(&facts(&main_job()), now());
    let check = |source: Value, expected: Result<Value, &str>| {
        let template = Template::compile(&source, Place::Parameter(&[])).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(template.resolve(&scope).map_err(|error| error.to_string()), expected.map_err(str::to_owned), "{source}");
    };
    check(json!("plain"), Ok(json!("plain")));
    check(json!("{{ not an expression }}"), Ok(json!("{{ not an expression }}")));
    check(json!(5), Ok(json!(5)));
    check(json!("${{ context.failed_attempts }}"), Ok(json!(20)));
    check(json!("${{context.privileged_account}}"), Ok(json!(true)));
    check(json!("${{ incident.tags }}"), Ok(json!([])));
    check(json!(" ${{ context.failed_attempts }}"), Ok(json!(" 20")));
    check(json!("${{ incident.id }}: ${{ incident.title }}"), Ok(json!("INC-0000000001: Brute force on admin from 91.23.11.9")));
    check(json!("${{ '}}' }} and ${{ {'a': {'b': 1}}['a']['b'] }}"), Ok(json!("}} and 1")));
    check(
        json!(["${{ alert.source.ip }}", { "user": "${{ alert.user.name }}" }]),
        Ok(json!(["91.23.11.9", { "user": "admin" }])),
    );
    check(json!("a ${{ incident.tags }}"), Err("the result is a list, which cannot stand inside a text"));
    check(json!("a ${{ null }}"), Err("the result is null, which cannot stand inside a text"));
    check(json!("${{ b'x' }}"), Err("the result is bytes, which no parameter can hold"));
    check(json!("${{ context.missing }}"), Err("there is no `missing`"));
    check(json!("a${{ 'x' }}".repeat(9_000)), Err("the text is longer than 16384 bytes"));
}

#[test]
fn a_value_of_the_alert_is_never_read_as_a_template() {
    let scope = Scope::before_run(&facts(&json!({ "incident_type": "other", "title": "${{ context.secret }}" })), now());
    let template = Template::compile(&json!("see: ${{ incident.title }}"), Place::Parameter(&[])).unwrap();
    assert_eq!(template.resolve(&scope), Ok(json!("see: ${{ context.secret }}")));
}

#[test]
fn a_template_without_its_end_is_refused() {
    let check = |source: &str| {
        let found = Template::compile(&json!(source), Place::Parameter(&[])).map(|_| ());
        assert_eq!(found.map_err(|refused| refused.error), Err(InvalidExpression::Unterminated), "{source}");
    };
    check("${{ incident.id");
    check("${{ incident.id }");
    check("a ${{ '}}'");
    check("${{ incident.id }} ${{");
}
