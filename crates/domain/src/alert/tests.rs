//! What the native format takes and refuses, and what an alert then says of itself.

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use serde_json::{Value, json};

use super::{
    HOST_BYTES_MAX, NormalisedAlert, RAW_LOG_BYTES_MAX, TAG_BYTES_MAX, TAGS_MAX, TITLE_BYTES_MAX, URL_BYTES_MAX, USER_BYTES_MAX,
    assess, parse_alert,
};
use crate::score::{Circumstances, InputOrigin};
use crate::severity::Severity;
use crate::verdict::Verdict;
use crate::{classification, score};

fn with_type(members: Value) -> Value {
    let mut alert = json!({"incident_type": "brute_force"});
    alert.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    alert
}

fn parsed(members: Value) -> NormalisedAlert {
    parse_alert(&with_type(members)).unwrap()
}

fn pointers(document: &Value) -> Vec<String> {
    parse_alert(document).map_or_else(|errors| errors.into_iter().map(|error| error.pointer).collect(), |_| Vec::new())
}

/// The alert of the product's main job.
fn demo() -> Value {
    json!({"incident_type": "brute_force", "impact": 4, "likelihood": 4, "confidence": 3, "context": {"ip": "91.23.11.9",
        "target_account": "admin", "privileged_account": true, "window_minutes": 5, "failed_attempts": 20}})
}

#[test]
fn the_alert_of_the_main_job() {
    let alert = parse_alert(&demo()).unwrap();
    let assessed = assess(&alert, &classification::tests::rules(), &score::tests::documented_rules());
    assert_eq!(alert.derived_title(&assessed.incident_type), "Brute force on admin from 91.23.11.9");
    assert_eq!((alert.ecs_field("source.ip"), alert.ecs_field("user.name")), (Some("91.23.11.9"), Some("admin")));
    assert_eq!((alert.privileged_account, alert.critical_asset), (true, false));
    assert_eq!(alert.context["failed_attempts"], json!(20));
    assert_eq!((assessed.incident_type.as_str(), assessed.classified_by), ("brute_force", None));
    let circumstances = Circumstances {
        privileged_account: alert.privileged_account,
        critical_asset: alert.critical_asset,
        verdict: Verdict::Unknown,
        alert_count: 1,
    };
    let score = score::tests::documented_rules().score(&assessed.inputs, &circumstances);
    assert_eq!((score.value, score.severity), (66, Severity::S2));
}

#[test]
fn every_documented_member_is_read() {
    let alert = parse_alert(&json!({
        "alert_id": "ALT-custom", "source": "crowdstrike", "incident_type": "brute_force", "title": "Logins", "severity": "high",
        "impact": 4, "likelihood": 4, "confidence": 3, "occurred_at": "2026-03-11T10:00:00Z",
        "src_ip": "1.2.3.4", "dst_ip": "2001:DB8:0::1", "hostname": "WORKSTATION-01", "username": "jdoe", "domain": "Evil.Example.",
        "url": "https://evil.example/X", "file_hash": "D41D8CD98F00B204E9800998ECF8427E", "email": "Eve@Evil.example",
        "raw_log": "raw", "context": {"anything": "else"}, "tags": ["vpn", "vpn", " eu "], "mitre": ["T1110"], "unknown": [1, null]
    }));
    let alert = alert.unwrap();
    assert_eq!(alert.sender_alert_id.unwrap().as_str(), "ALT-custom");
    assert_eq!(alert.source.unwrap().as_str(), "crowdstrike");
    assert_eq!((alert.title.as_deref(), alert.raw_log.as_deref()), (Some("Logins"), Some("raw")));
    assert_eq!((alert.impact, alert.likelihood, alert.confidence), (Some(4), Some(4), Some(3)));
    assert_eq!((alert.source_severity, alert.occurred_at.unwrap().unix_ms()), (Some(Severity::S2), 1_773_223_200_000));
    assert_eq!((alert.tags, alert.mitre), (vec!["vpn".to_owned(), "eu".to_owned()], vec!["T1110".to_owned()]));
    let expected = [
        ("destination.ip", "2001:db8::1"),
        ("domain", "evil.example"),
        ("email.address", "eve@evil.example"),
        ("file.hash.md5", "d41d8cd98f00b204e9800998ecf8427e"),
        ("host.name", "workstation-01"),
        ("source.ip", "1.2.3.4"),
        ("url.full", "https://evil.example/X"),
        ("user.name", "jdoe"),
    ];
    assert_eq!(alert.ecs.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect::<Vec<_>>(), expected);
}

#[test]
fn one_identifying_member_is_enough_and_needed() {
    let check = |document: Value, expected: &[&str]| assert_eq!(pointers(&document), expected, "{document}");
    check(json!({"incident_type": "phishing"}), &[]);
    check(json!({"alert_type": "phishing"}), &[]);
    check(json!({"title": "Phishing"}), &[]);
    check(json!({"raw_log": "phishing"}), &[]);
    check(json!({}), &[""]);
    check(json!({"impact": 4, "src_ip": "203.0.113.7", "alert_id": "a"}), &[""]);
    check(json!({"incident_type": "phishing", "alert_type": "phishing"}), &["/alert_type"]);
    check(json!([]), &[""]);
    check(json!("title"), &[""]);
    check(Value::Null, &[""]);
    assert_eq!(parse_alert(&json!({"alert_type": "phishing"})).unwrap().incident_type.unwrap().as_str(), "phishing");
}

#[test]
fn a_wrong_value_is_refused_where_it_stands() {
    let check = |member: &str, value: Value, valid: bool| {
        let pointers = pointers(&with_type(json!({member: value})));
        assert_eq!(pointers, if valid { Vec::new() } else { vec![format!("/{member}")] }, "{member}: {value}");
    };
    for input in ["impact", "likelihood", "confidence"] {
        check(input, json!(1), true);
        check(input, json!(5), true);
        for refused in [json!("4"), json!(4.0), json!(0), json!(6), json!(-1), json!(260), json!(1e300), json!(true), Value::Null]
        {
            check(input, refused, false);
        }
    }
    check("incident_type", json!("Brute_Force"), false);
    check("incident_type", json!(""), false);
    check("incident_type", json!("x".repeat(64)), true);
    check("incident_type", json!("x".repeat(65)), false);
    check("incident_type", json!(7), false);
    check("alert_id", json!("aZ0._:@-"), true);
    check("alert_id", json!("x".repeat(128)), true);
    check("alert_id", json!("x".repeat(129)), false);
    check("alert_id", json!(""), false);
    check("alert_id", json!("a b"), false);
    check("alert_id", json!("é"), false);
    check("alert_id", json!(12), false);
    check("source", json!("wazuh"), true);
    check("source", json!("wa zuh"), false);
    check("severity", json!("CRITICAL"), true);
    check("severity", json!("s2"), true);
    check("severity", json!("urgent"), false);
    check("severity", json!(2), false);
    check("occurred_at", json!("2026-03-11T10:00:00.123+02:00"), true);
    check("occurred_at", json!("yesterday"), false);
    check("occurred_at", json!(1_773_223_200), false);
    check("context", json!([]), false);
    check("tags", json!("vpn"), false);
    check("mitre", json!({}), false);
}

#[test]
fn mapped_values_are_parsed() {
    let check = |member: &str, value: Value, expected: Option<(&str, &str)>| {
        let result = parse_alert(&with_type(json!({member: value})));
        let found = result.map(|alert| alert.ecs.into_iter().next()).map_err(|errors| errors[0].pointer.clone());
        let expected = expected.map(|(field, text)| Some((field.to_owned(), text.to_owned()))).ok_or(format!("/{member}"));
        assert_eq!(found, expected, "{member}: {value}");
    };
    check("src_ip", json!("203.0.113.7"), Some(("source.ip", "203.0.113.7")));
    check("src_ip", json!("2001:0DB8::0001"), Some(("source.ip", "2001:db8::1")));
    check("src_ip", json!("::ffff:203.0.113.7"), Some(("source.ip", "203.0.113.7")));
    for refused in [json!("999.1.1.1"), json!("203.0.113.7:22"), json!("203.0.113.0/24"), json!("host"), json!(""), json!(1)] {
        check("src_ip", refused.clone(), None);
        check("dst_ip", refused, None);
    }
    check("file_hash", json!("A".repeat(32)), Some(("file.hash.md5", &"a".repeat(32))));
    check("file_hash", json!("A".repeat(40)), Some(("file.hash.sha1", &"a".repeat(40))));
    check("file_hash", json!("A".repeat(64)), Some(("file.hash.sha256", &"a".repeat(64))));
    for length in [0, 31, 33, 63, 65, 128] {
        check("file_hash", json!("a".repeat(length)), None);
    }
    check("file_hash", json!("g".repeat(32)), None);
    check("domain", json!("Mail.EVIL.example."), Some(("domain", "mail.evil.example")));
    check("domain", json!("https://evil.example"), None);
    check("domain", json!("evil..example"), None);
    check("email", json!("Bob.O'Neil+x@Corp.Example"), Some(("email.address", "bob.o'neil+x@corp.example")));
    check("email", json!("bob"), None);
    check("email", json!("Bob <bob@corp.example>"), None);
    check("username", json!("CORP\\Admin"), Some(("user.name", "CORP\\Admin")));
    check("hostname", json!("WEB-1"), Some(("host.name", "web-1")));
    check("hostname", json!(" "), None);
    check("url", json!("hxxp://evil[.]example/a b"), Some(("url.full", "hxxp://evil[.]example/a b")));
}

#[test]
fn texts_have_limits() {
    let check = |member: &str, bytes_max: usize| {
        let pointers = |bytes: usize| pointers(&with_type(json!({member: "x".repeat(bytes)})));
        assert_eq!(pointers(bytes_max), Vec::<String>::new(), "{member}");
        assert_eq!(pointers(bytes_max + 1), [format!("/{member}")]);
        assert_eq!(pointers(0), [format!("/{member}")]);
    };
    check("title", TITLE_BYTES_MAX);
    check("raw_log", RAW_LOG_BYTES_MAX);
    check("hostname", HOST_BYTES_MAX);
    check("username", USER_BYTES_MAX);
    check("url", URL_BYTES_MAX);
    let check = |tags: Value, expected: &[&str]| assert_eq!(pointers(&with_type(json!({"tags": tags}))), expected);
    check(json!(vec!["x"; TAGS_MAX]), &[]);
    check(json!(vec!["x"; TAGS_MAX + 1]), &["/tags"]);
    check(json!(["x".repeat(TAG_BYTES_MAX), "x".repeat(TAG_BYTES_MAX + 1), 7, ""]), &["/tags/1", "/tags/2", "/tags/3"]);
}

#[test]
fn a_nul_in_a_mapped_text_is_refused() {
    let check = |members: Value, expected: &str| assert_eq!(pointers(&with_type(members)), [expected]);
    for member in
        ["title", "raw_log", "hostname", "username", "domain", "url", "email", "src_ip", "file_hash", "alert_id", "source"]
    {
        check(json!({member: "a\0b"}), &format!("/{member}"));
    }
    check(json!({"tags": ["a\0b"]}), "/tags/0");
    check(json!({"mitre": ["a\0b"]}), "/mitre/0");
    for name in
        ["src_ip", "ip", "dst_ip", "host", "hostname", "username", "user", "target_account", "domain", "url", "email", "sender"]
    {
        check(json!({"context": {name: "a\0b"}}), &format!("/context/{name}"));
    }
    assert_eq!(pointers(&with_type(json!({"context": {"free": "a\0b"}}))), Vec::<String>::new());
}

#[test]
fn the_context_fills_what_the_members_leave_open() {
    let check = |members: Value, expected: &[(&str, &str)]| {
        let alert = parsed(members);
        assert_eq!(alert.ecs.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect::<Vec<_>>(), expected);
    };
    check(
        json!({"context": {"src_ip": "203.0.113.7", "dst_ip": "203.0.113.8"}}),
        &[("destination.ip", "203.0.113.8"), ("source.ip", "203.0.113.7")],
    );
    check(json!({"context": {"ip": "203.0.113.7"}}), &[("source.ip", "203.0.113.7")]);
    check(json!({"src_ip": "203.0.113.1", "context": {"ip": "203.0.113.7"}}), &[("source.ip", "203.0.113.1")]);
    check(json!({"context": {"src_ip": "unknown", "ip": "203.0.113.7"}}), &[("source.ip", "203.0.113.7")]);
    check(
        json!({"context": {"ip": "unknown", "domain": "no domain", "email": "nobody", "host": 7, "user": null, "url": ""}}),
        &[],
    );
    check(json!({"context": {"host": "WEB-1"}}), &[("host.name", "web-1")]);
    check(json!({"context": {"hostname": "WEB-1"}}), &[("host.name", "web-1")]);
    check(json!({"context": {"username": "eve"}}), &[("user.name", "eve")]);
    check(json!({"context": {"user": "eve"}}), &[("user.name", "eve")]);
    check(json!({"context": {"target_account": "eve"}}), &[("user.name", "eve")]);
    check(json!({"context": {"domain": "evil.example"}}), &[("domain", "evil.example")]);
    check(json!({"context": {"url": "https://evil.example"}}), &[("url.full", "https://evil.example")]);
    check(json!({"context": {"file_hash": "0".repeat(64)}}), &[("file.hash.sha256", &"0".repeat(64))]);
    check(json!({"context": {"hash": "0".repeat(40)}}), &[("file.hash.sha1", &"0".repeat(40))]);
    check(json!({"context": {"email": "eve@evil.example"}}), &[("email.address", "eve@evil.example")]);
    check(json!({"context": {"sender": "eve@evil.example"}}), &[("email.address", "eve@evil.example")]);
    assert_eq!(pointers(&with_type(json!({"context": {"hash": "abc"}}))), ["/context/hash"]);
}

#[test]
fn context_flags_are_booleans() {
    let check = |value: Value, valid: bool| {
        for name in ["privileged_account", "critical_asset"] {
            let expected = if valid { Vec::new() } else { vec![format!("/context/{name}")] };
            assert_eq!(pointers(&with_type(json!({"context": {name: value}}))), expected, "{value}");
        }
    };
    check(json!(true), true);
    check(json!(false), true);
    check(json!("true"), false);
    check(json!(1), false);
    check(Value::Null, false);
}

#[test]
fn all_errors_are_reported_at_once() {
    let document = json!({"incident_type": "X", "alert_type": "y", "impact": "4", "severity": "bad", "src_ip": "x", "tags": [1],
        "context": {"critical_asset": 1}});
    let expected = ["/alert_type", "/incident_type", "/severity", "/impact", "/tags/0", "/context/critical_asset", "/src_ip"];
    assert_eq!(pointers(&document), expected);
    let errors = parse_alert(&json!({"title": "x", "impact": 6})).unwrap_err();
    assert_eq!(errors[0].detail, "must be an integer from 1 to 5");
}

#[test]
fn a_title_is_made_of_what_is_known() {
    let check = |members: Value, expected: &str| {
        let alert = parse_alert(&members).unwrap();
        let incident_type = alert.incident_type.clone().unwrap_or("other".parse().unwrap());
        assert_eq!(alert.derived_title(&incident_type), expected);
    };
    check(json!({"title": " Given ", "src_ip": "203.0.113.7"}), "Given");
    check(json!({"incident_type": "phishing"}), "Phishing");
    check(json!({"incident_type": "data_exfil", "hostname": "db-1"}), "Data exfil on db-1");
    check(json!({"incident_type": "suspicious_ip", "src_ip": "203.0.113.7"}), "Suspicious IP from 203.0.113.7");
    check(json!({"incident_type": "malware", "username": "eve", "hostname": "web-1"}), "Malware on eve");
    check(json!({"incident_type": "phishing", "email": "eve@evil.example"}), "Phishing involving eve@evil.example");
    check(json!({"raw_log": "\n  sshd: no  \nmore"}), "Other: sshd: no");
    let long = parse_alert(&json!({"incident_type": "phishing", "url": "é".repeat(URL_BYTES_MAX / 2)})).unwrap();
    assert!(long.derived_title(&"phishing".parse().unwrap()).len() <= TITLE_BYTES_MAX);
}

#[test]
fn ecs_fields_nest_and_their_objects_always_exist() {
    let empty = json!({"source": {}, "destination": {}, "host": {}, "user": {}, "url": {}, "file": {}, "email": {}});
    assert_eq!(parsed(json!({})).ecs_json(), empty);
    let alert = parsed(json!({"src_ip": "203.0.113.7", "domain": "evil.example", "file_hash": "0".repeat(32)}));
    let expected = json!({"source": {"ip": "203.0.113.7"}, "destination": {}, "host": {}, "user": {}, "url": {}, "email": {},
        "file": {"hash": {"md5": "0".repeat(32)}}, "domain": "evil.example"});
    assert_eq!(alert.ecs_json(), expected);
}

#[test]
fn observables_are_typed() {
    let alert = parsed(json!({"src_ip": "203.0.113.7", "username": "eve", "file_hash": "0".repeat(32), "email": "a@b.example"}));
    let found = alert.observables().into_iter().map(|it| format!("{} {} {}", it.kind, it.value, it.field)).collect::<Vec<_>>();
    let hash = format!("file_hash {} file.hash.md5", "0".repeat(32));
    assert_eq!(found, ["ip 203.0.113.7 source.ip", "user eve user.name", &hash, "email a@b.example email.address"]);
}

#[test]
fn inputs_that_an_alert_gives_win_one_by_one() {
    use InputOrigin::{Classified, Default, Given, Label};
    let check = |members: Value, expected: [(u8, InputOrigin); 3], classified_by: Option<&str>| {
        let alert = parse_alert(&members).unwrap();
        let assessed = assess(&alert, &classification::tests::rules(), &score::tests::documented_rules());
        let inputs = [assessed.inputs.impact, assessed.inputs.likelihood, assessed.inputs.confidence];
        assert_eq!(inputs.map(|input| (input.value, input.origin)), expected, "{members}");
        assert_eq!(assessed.classified_by.as_deref(), classified_by, "{members}");
    };
    check(json!({"incident_type": "malware", "severity": "high"}), [(5, Label), (4, Label), (4, Label)], None);
    check(json!({"incident_type": "malware", "severity": "high", "impact": 2}), [(2, Given), (4, Label), (4, Label)], None);
    check(json!({"title": "trojan", "severity": "S5"}), [(1, Label), (1, Label), (4, Label)], Some("malware"));
    check(json!({"title": "trojan"}), [(4, Classified), (4, Classified), (3, Default)], Some("malware"));
    check(json!({"title": "trojan", "likelihood": 1}), [(4, Classified), (1, Given), (3, Default)], Some("malware"));
    check(json!({"title": "calm"}), [(2, Default), (2, Default), (3, Default)], Some("default"));
    check(json!({"incident_type": "heat_wave"}), [(2, Default), (2, Default), (3, Default)], None);
    check(json!({"incident_type": "malware", "impact": 1, "likelihood": 1}), [(1, Given), (1, Given), (3, Default)], None);
}

fn any_member() -> impl Strategy<Value = (String, Value)> {
    let name = proptest::sample::select(vec![
        "alert_id",
        "source",
        "incident_type",
        "alert_type",
        "title",
        "severity",
        "impact",
        "occurred_at",
        "src_ip",
        "hostname",
        "username",
        "domain",
        "url",
        "file_hash",
        "email",
        "raw_log",
        "tags",
        "mitre",
    ]);
    let value = prop_oneof![
        ".{0,40}".prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!(["a", 1]))
    ];
    (name.prop_map(str::to_owned), value)
}

proptest! {
    #[test]
    fn no_document_makes_it_panic_and_what_is_taken_can_be_kept(
        members in proptest::collection::btree_map(any_member().prop_map(|(name, _)| name), any_member().prop_map(|(_, value)| value), 0..8),
    ) {
        let document = Value::Object(members.into_iter().collect());
        if let Ok(alert) = parse_alert(&document) {
            let kept = serde_json::to_string(&alert).unwrap();
            prop_assert!(!alert.ecs.values().any(|value| value.contains('\0') || value.is_empty()));
            prop_assert_eq!(serde_json::from_str::<NormalisedAlert>(&kept).unwrap(), alert);
        }
    }

    #[test]
    fn an_address_has_one_spelling(bits: u128) {
        let address = std::net::Ipv6Addr::from_bits(bits).to_string();
        let spelled_out = std::net::Ipv6Addr::from_bits(bits).segments().map(|segment| format!("{segment:04X}")).join(":");
        prop_assert_eq!(parsed(json!({"src_ip": address})).ecs, parsed(json!({"src_ip": spelled_out})).ecs);
    }
}
