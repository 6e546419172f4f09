//! Details that are gone, there, or said to be erased, in ways that no server does it; every log was signed as it is.

use domain::canonical;
use serde_json::{Value, json};

use crate::cases::Case;
use crate::logs::{Log, entry, erasing, seal, text_of};

/// Entries before those that say that details were erased.
const SIZE: usize = 14;
/// Entries with a detail, and one without.
const WITH: usize = 2;
const OTHER: usize = 5;
const WITHOUT: usize = 8;

pub fn cases() -> Vec<Case> {
    [told(), untold(), misspelled()].concat()
}

/// The log whose details of these entries are gone, and of which it is said of those that they were erased.
fn log(gone: &[usize], said: &[i64]) -> Log {
    let mut log = Log::of(SIZE);
    gone.iter().for_each(|at| log.entries[*at].detail = None);
    log.entries.extend(said.iter().zip(SIZE as i64..).map(|(of, seq)| seal(erasing(*of), seq)));
    log.heads.last_mut().unwrap().0 = log.entries.len();
    log
}

fn case(name: &str, sound: bool, log: &Log) -> Case {
    Case::log(name, text_of(&log.lines())).expect(sound)
}

fn told() -> Vec<Case> {
    let (with, other, without) = (WITH as i64, OTHER as i64, WITHOUT as i64);
    let of_erasure = SIZE as i64;
    vec![
        case("a detail erased", true, &log(&[WITH], &[with])),
        case("details erased in another order", true, &log(&[WITH, OTHER], &[other, with])),
        case("the detail of an erasure erased", true, &{
            let mut log = log(&[WITH], &[with, of_erasure]);
            log.entries[SIZE].detail = None;
            log
        }),
        case("the detail of an erasure gone", false, &{
            let mut log = log(&[WITH], &[with]);
            log.entries[SIZE].detail = None;
            log
        }),
        case("a detail erased twice", false, &log(&[WITH], &[with, with])),
        case("a detail erased that is there", false, &log(&[], &[with])),
        case("a detail erased that never was", false, &log(&[], &[without])),
        case("a detail erased of an entry that comes later", false, &{
            let mut log = log(&[WITH], &[of_erasure + 1, with]);
            log.entries[SIZE + 1].detail = None;
            log
        }),
        case("a detail erased of the entry itself", false, &log(&[], &[of_erasure])),
        case("its own detail gone, as it says itself", false, &{
            let mut log = log(&[], &[of_erasure]);
            log.entries[SIZE].detail = None;
            log
        }),
        case("a detail erased of no entry", false, &log(&[WITH], &[99, with])),
    ]
}

fn untold() -> Vec<Case> {
    let all = |log: &mut Log| log.entries.iter_mut().for_each(|entry| entry.detail = None);
    let mut cases = vec![
        case("a detail gone", false, &log(&[WITH], &[])),
        case("another detail gone than was erased", false, &log(&[OTHER], &[WITH as i64])),
        case("one detail more gone than was erased", false, &log(&[WITH, OTHER], &[WITH as i64])),
        case("every detail gone", false, &{
            let mut log = Log::of(SIZE);
            all(&mut log);
            log
        }),
        case("every detail gone, and one was erased", false, &{
            let mut log = log(&[WITH], &[WITH as i64]);
            all(&mut log);
            log
        }),
    ];
    // The entry that says so is beyond the end of the log.
    let mut cut = log(&[WITH], &[WITH as i64]);
    cut.entries.truncate(SIZE);
    cut.heads.last_mut().unwrap().0 = SIZE;
    cases.push(case("a log cut off before it is said what was erased", false, &cut));
    // A detail for an entry that has none, and one for another entry.
    let mut added = Log::of(SIZE);
    added.entries[WITHOUT].detail = entry(WITH as i64).detail;
    cases.push(case("a detail of an entry that has none", false, &added));
    let mut swapped = Log::of(SIZE);
    (swapped.entries[WITH].detail, swapped.entries[OTHER].detail) = (entry(OTHER as i64).detail, entry(WITH as i64).detail);
    cases.push(case("two details swapped", false, &swapped));
    cases
}

/// The entry that says what was erased, spelled or meant otherwise.
fn misspelled() -> Vec<Case> {
    let id = serde_json::from_str::<Value>(&entry(WITH as i64).leaf).unwrap()["id"].as_str().unwrap().to_owned();
    let changes: [(&str, &str, Value); 16] = [
        ("of an entry in capital digits", "/target/id", json!(id.to_uppercase())),
        ("of an entry without hyphens", "/target/id", json!(id.replace('-', ""))),
        ("of an entry in braces", "/target/id", json!(format!("{{{id}}}"))),
        ("of an entry with space", "/target/id", json!(format!("{id} "))),
        ("of another entry", "/target/id", json!(id.replace("002", "003"))),
        ("of an incident", "/target/kind", json!("incident")),
        ("of a place in quotes", "/facts/erased_seq", json!("2")),
        ("of a place with a fraction", "/facts/erased_seq", json!(2.5)),
        ("of a place before the first", "/facts/erased_seq", json!(-1)),
        ("of a place that no number holds", "/facts/erased_seq", json!(1e20)),
        ("of no place", "/facts/erased_seq", Value::Null),
        ("of a place that is true", "/facts/erased_seq", json!(true)),
        ("of a place in a list", "/facts/erased_seq", json!([2])),
        ("that was denied", "/outcome", json!("denied")),
        ("that failed", "/outcome", json!("error")),
        ("by another word", "/action", json!("DETAIL_REMOVED")),
    ];
    let changed = |name: &str, pointer: &str, value: &Value| {
        let mut log = log(&[WITH], &[WITH as i64]);
        let mut leaf: Value = serde_json::from_str(&log.entries[SIZE].leaf).unwrap();
        *leaf.pointer_mut(pointer).unwrap() = value.clone();
        log.entries[SIZE].leaf = canonical::value_to_json(&leaf);
        case(&format!("an erasure {name}"), false, &log)
    };
    changes.iter().map(|(name, pointer, value)| changed(name, pointer, value)).collect()
}
