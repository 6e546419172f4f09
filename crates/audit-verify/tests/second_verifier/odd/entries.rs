//! Entries that are odd in one way each, and signed: what the server may not do, and what it may not write.

use domain::audit::SealedDetail;
use domain::canonical;
use serde_json::{Value, json};

use super::{SIZE, replaced};
use crate::cases::Case;
use crate::logs::{Entry, Log, ORIGIN, log_keys, pinned, text_of};

pub fn cases() -> Vec<Case> {
    [rules(), replaced_keys(), leaves(), details()].concat()
}

/// A log of one server that wrote this as its entry at a place, and signed it.
fn with_leaf(name: &str, sound: bool, at: usize, change: impl Fn(&str) -> String) -> Case {
    let mut log = Log::of(SIZE);
    let changed = change(&log.entries[at].leaf);
    assert!(changed != log.entries[at].leaf, "{name}");
    log.entries[at].leaf = changed;
    Case::log(name, text_of(&log.lines())).expect(sound)
}

/// A log with this as the detail of an entry, and the right digest of it.
fn with_detail(name: &str, sound: bool, canonical: &str) -> Case {
    let mut log = Log::of(SIZE);
    let detail = SealedDetail { salt: [5; 16], canonical: canonical.to_owned() };
    let mut leaf: Value = serde_json::from_str(&log.entries[2].leaf).unwrap();
    leaf["detail"] = json!(detail.digest().to_string());
    log.entries[2] = Entry { leaf: canonical::value_to_json(&leaf), detail: Some(detail) };
    Case::log(name, text_of(&log.lines())).expect(sound)
}

/// What the server may not do, or not write in this spelling.
fn rules() -> Vec<Case> {
    let fact = |name: &str, at: usize, from: &'static str, to: &'static str| {
        with_leaf(name, false, at, move |leaf| leaf.replacen(from, to, 1))
    };
    vec![
        fact("a move that is not in the table", 4, "\"awaiting_approval\"", "\"contained\""),
        fact("a move by nobody", 11, "\"kind\":\"user\"", "\"kind\":\"system\""),
        fact("a state that does not exist", 4, "\"awaiting_approval\"", "\"asleep\""),
        fact("a decision by a contributor", 5, "00000002\",\"kind", "00000001\",\"kind"),
        fact("a decision by the same person", 6, "00000003\",\"kind", "00000002\",\"kind"),
        fact("a decision by a key", 5, "\"kind\":\"user\"", "\"kind\":\"api_key\""),
        fact("a decision on another plan", 5, "aaaa", "bbbb"),
        fact("a decision too late", 5, "\"decided_at\":\"2026-03-11T10", "\"decided_at\":\"2026-03-11T11"),
        fact("a decision too early for the quorum", 5, "\"status\":\"pending\"", "\"status\":\"approved\""),
        fact("a step that was not signed for", 6, "\"status\":\"approved\"", "\"status\":\"pending\""),
        fact("a step of another run", 9, "RUN-0000000001", "RUN-0000000002"),
        fact("an expiry in seconds", 3, "11:00:00.000Z", "11:00:00Z"),
        fact("an expiry elsewhere", 3, "11:00:00.000Z", "12:00:00.000+01:00"),
        fact(
            "a decision in a leap second",
            5,
            "\"decided_at\":\"2026-03-11T10:00:00.005Z",
            "\"decided_at\":\"2026-03-11T09:59:60.005Z",
        ),
        fact("a contributor in capital digits", 3, "[\"0190c2d4", "[\"0190C2D4"),
        fact("an incident of nine digits", 4, "INC-0000000001", "INC-000000001"),
        fact("a quorum with a fraction", 3, "\"quorum\":2", "\"quorum\":1.5"),
        fact("a quorum below nothing", 3, "\"quorum\":2", "\"quorum\":-1"),
        fact("a decision in the moment of the expiry", 5, "10:00:00.005Z\",\"decision", "11:00:00.000Z\",\"decision"),
        with_leaf("an end of what was decided", false, 13, |leaf| about_approval(leaf, "APPROVAL_EXPIRED")),
        with_leaf("a step after its plan was changed", false, 8, |leaf| about_approval(leaf, "APPROVAL_STALE")),
        with_leaf("a second asking under one id", false, 13, |leaf| about_approval(leaf, "APPROVAL_REQUESTED")),
        with_leaf("an older asking for the run that nobody answered", true, 2, |leaf| {
            about_approval(leaf, "APPROVAL_REQUESTED").replace("APR-0000000001", "APR-0000000002")
        }),
        second_vote(),
    ]
}

/// The entry as one about the approval.
fn about_approval(leaf: &str, action: &str) -> String {
    let mut entry: Value = serde_json::from_str(leaf).unwrap();
    let asked: Value = serde_json::from_str(&Log::of(SIZE).entries[3].leaf).unwrap();
    entry["action"] = json!(action);
    entry["target"] = asked["target"].clone();
    entry["facts"] = asked["facts"].clone();
    canonical::value_to_json(&entry)
}

/// Somebody decided twice, of which nothing came.
fn second_vote() -> Case {
    let mut log = Log::of(7);
    let first = log.entries[5].leaf.replace("\"seq\":5", "\"seq\":6");
    log.entries[6] = Entry { leaf: first, ..log.entries[5].clone() };
    Case::log("a person who decided twice", text_of(&log.lines())).expect(false)
}

/// The entry as one by which another key signs in the place of the log's first.
pub fn replaces_key(entry: &Entry, older: &str) -> Entry {
    let mut leaf: Value = serde_json::from_str(&entry.leaf).unwrap();
    leaf["action"] = json!("LOG_KEY_ADDED");
    leaf["facts"] = json!({ "replaces": older });
    Entry { leaf: canonical::value_to_json(&leaf), ..entry.clone() }
}

/// The first key signs a head of four entries, the second one of seven, and both one over everything.
fn replaced_keys() -> Vec<Case> {
    let replaced_at = |places: &[usize]| {
        let mut log = Log::of(SIZE);
        places.iter().for_each(|at| log.entries[*at] = replaces_key(&log.entries[*at], &pinned()[0]));
        log
    };
    let case = |name: &str, log: &Log| Case::log(name, text_of(&log.lines()));
    let log = Log { heads: vec![(2, vec![0]), (SIZE, vec![1])], ..replaced_at(&[2]) };
    let kept = |size| Some(log.note(size, ORIGIN, &[&log_keys()[0]]));
    vec![
        case("a key that was replaced after its head", &replaced_at(&[13])).expect(true),
        case("a key that was replaced before its head", &replaced_at(&[2])).expect(false),
        case("a key that was replaced twice", &replaced_at(&[2, 13])).expect(false),
        Case { kept: kept(2), ..case("a kept head of a key that was replaced later", &log) }.expect(true),
        Case { kept: kept(3), ..case("a kept head of a key that was replaced before", &log) }.expect(false),
    ]
}

fn leaves() -> Vec<Case> {
    let lists = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let with = |name: &str, sound, value: &str| {
        let value = value.to_owned();
        with_leaf(name, sound, 13, move |leaf| leaf.replacen("\"lines\":3", &format!("\"lines\":{value}"), 1))
    };
    let member =
        |name: &str, from: &'static str, to: &'static str| with_leaf(name, false, 13, move |leaf| leaf.replacen(from, to, 1));
    let mut cases = vec![
        with_leaf("an entry that is a list", false, 0, |_| "[0]".to_owned()),
        with_leaf("an entry that is a place", false, 0, |_| "{\"seq\":0}".to_owned()),
        with("the deepest entry", true, &lists(125)),
        with("an entry that is too deep", false, &lists(126)),
        member("another version", "\"v\":1}", "\"v\":2}"),
        member("another member", "\"v\":1}", "\"v\":1,\"w\":1}"),
        member("another member of the actor", "\"kind\":\"user\"}", "\"kind\":\"user\",\"name\":\"x\"}"),
        member("no outcome", "\"outcome\":\"ok\",", ""),
        member("no place", "\"seq\":13,", ""),
        member("a place with a fraction", "\"seq\":13,", "\"seq\":13.0,"),
        member("space", "\"v\":1", "\"v\": 1"),
        member("members out of order", "\"\u{1f600}\":true,\"\u{fb33}\":null", "\"\u{fb33}\":null,\"\u{1f600}\":true"),
        member("an escape that is not needed", "NOTE_ADDED", "NOTE\\u005fADDED"),
        member("half of a surrogate pair", "NOTE_ADDED", "\\ud800"),
        member("a member twice", "\"lines\":3", "\"lines\":3,\"lines\":3"),
    ];
    for number in [
        "0",
        "-7",
        "0.1",
        "1e+21",
        "100000000000000000000",
        "5e-324",
        "1e-7",
        "0.000001",
        "1.7976931348623157e+308",
        "9007199254740992",
    ] {
        cases.push(with(&format!("the number {number}"), true, number));
    }
    for number in [
        "-0",
        "3.0",
        "03",
        "1e21",
        "1E+21",
        "1e5",
        "9007199254740993",
        "1e999",
        "NaN",
        "Infinity",
        ".5",
        "+3",
        "0.10",
        "18446744073709551615",
    ] {
        cases.push(with(&format!("the number {number}"), false, number));
    }
    cases
}

fn details() -> Vec<Case> {
    let lists = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    vec![
        with_detail("an empty detail", true, "{}"),
        with_detail("a detail that is a number", true, "1.5"),
        with_detail("a detail that is nothing", true, "null"),
        with_detail("a detail with texts", true, "{\"\u{80}\":\"\u{7f}\\u001f\u{2028}\",\"\u{1f600}\":1,\"\u{fb33}\":2}"),
        with_detail("the deepest detail", true, &lists(127)),
        with_detail("a detail that is too deep", false, &lists(128)),
        with_detail("a detail that is much too deep", false, &lists(50_000)),
        with_detail("a detail with a member twice", false, "{\"a\":1,\"a\":2}"),
        with_detail("a detail with space", false, "{\"a\": 1}"),
        with_detail("a detail out of order", false, "{\"b\":1,\"a\":2}"),
        with_detail("a detail with half of a surrogate pair", false, "\"\\ud800\""),
        with_detail("a detail with a number that no double holds", false, "1e999"),
        with_detail("a detail with a long number", false, &"1".repeat(5_000)),
        replaced("a detail that was not written", false, 3, "192.0.2.2", "192.0.2.3"),
    ]
}
