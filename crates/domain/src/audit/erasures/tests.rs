//! Logs of a few entries whose details are there, never were, or are gone.

use serde_json::{Value, json};

use super::super::SealedDetail;
use super::super::verification::{Columns, LogFault, StoredEntry};
use super::{Erasures, NoErasure, Told};

/// What an entry of the log is.
#[derive(Clone, Copy)]
enum Entry {
    Bare,
    Whole,
    Gone,
    /// It says of the entry with this `seq` that its detail was erased.
    Erases(i64),
    /// The same, with the id of another one.
    Misnames(i64),
}

use Entry::{Bare, Erases, Gone, Misnames, Whole};

fn id(seq: i64) -> String {
    format!("0190c2d4-0000-7000-8000-{seq:012}")
}

fn told(entry: Entry, seq: i64) -> Told {
    let erasing = |of: i64, named: i64| {
        let target = json!({ "kind": "entry", "id": id(named) });
        json!({ "action": "DETAIL_ERASED", "outcome": "ok", "target": target, "facts": { "erased_seq": of } })
    };
    let mut leaf = match entry {
        Erases(of) => erasing(of, of),
        Misnames(of) => erasing(of, of + 1),
        Bare | Whole | Gone => json!({ "action": "NOTE_ADDED", "outcome": "ok", "facts": {} }),
    };
    leaf["id"] = json!(id(seq));
    leaf["detail"] = if matches!(entry, Whole | Gone) { json!("a digest") } else { Value::Null };
    Told::by(&stored(seq, matches!(entry, Whole)), &leaf)
}

fn stored(seq: i64, is_there: bool) -> StoredEntry {
    let detail = is_there.then(|| SealedDetail { salt: [0; 16], canonical: "{}".to_owned() });
    StoredEntry { seq, columns: Columns::None, leaf: String::new(), hash_start: None, detail }
}

fn judged(entries: &[Entry]) -> Result<usize, LogFault> {
    let mut erasures = Erasures::default();
    for (entry, seq) in entries.iter().zip(0..) {
        erasures.follow(told(*entry, seq))?;
    }
    erasures.expect_none_vanished().map(|()| erasures.erased().len())
}

#[test]
fn a_detail_is_gone_only_when_a_later_entry_says_so() {
    let no = |by, erased, why| Err(LogFault::NoErasure { by, erased, why });
    for (entries, expected) in [
        ([Whole, Bare, Bare].as_slice(), Ok(0)),
        (&[Gone, Erases(0)], Ok(1)),
        (&[Gone, Gone, Erases(1), Bare, Erases(0)], Ok(2)),
        (&[Whole, Gone, Bare, Gone], Err(LogFault::Vanished(1))),
        (&[Gone, Gone, Erases(0)], Err(LogFault::Vanished(1))),
        (&[Whole, Erases(0)], Err(LogFault::PutBack { seq: 0, by: 1 })),
        (&[Bare, Erases(0)], no(1, 0, NoErasure::NeverThere)),
        (&[Erases(1), Gone], no(0, 1, NoErasure::NotBefore)),
        (&[Erases(0)], no(0, 0, NoErasure::NotBefore)),
        (&[Bare, Erases(9)], no(1, 9, NoErasure::NotBefore)),
        (&[Bare, Erases(-1)], no(1, -1, NoErasure::NeverThere)),
        (&[Gone, Misnames(0)], no(1, 0, NoErasure::OtherId)),
        (&[Gone, Erases(0), Erases(0)], no(2, 0, NoErasure::Again)),
    ] {
        assert_eq!(judged(entries), expected);
    }
}

#[test]
fn an_erasure_names_its_entry_in_one_spelling_and_was_done() {
    let good = json!({
        "action": "DETAIL_ERASED", "outcome": "ok", "detail": null, "id": id(1),
        "target": { "kind": "entry", "id": id(0) }, "facts": { "erased_seq": 0 },
    });
    let judged = |pointer: &str, value: Value| {
        let mut leaf = good.clone();
        *leaf.pointer_mut(pointer).unwrap() = value;
        let mut erasures = Erasures::default();
        erasures.follow(told(Gone, 0)).unwrap();
        erasures.follow(Told::by(&stored(1, false), &leaf)).and_then(|()| erasures.expect_none_vanished())
    };
    assert_eq!(judged("/outcome", json!("ok")), Ok(()));
    assert_eq!(judged("/outcome", json!("denied")), Err(LogFault::Vanished(0)));
    assert_eq!(judged("/action", json!("NOTE_ADDED")), Err(LogFault::Vanished(0)));
    for (pointer, value) in [
        ("/facts/erased_seq", json!("0")),
        ("/facts/erased_seq", json!(0.5)),
        ("/facts/erased_seq", Value::Null),
        ("/target/kind", json!("incident")),
        ("/target/id", json!(7)),
    ] {
        assert_eq!(judged(pointer, value), Err(LogFault::ErasureOfNothing(1)), "{pointer}");
    }
    for other in [id(0).to_uppercase(), id(0).replace('-', ""), format!("{} ", id(0))] {
        let expected = LogFault::NoErasure { by: 1, erased: 0, why: NoErasure::OtherId };
        assert_eq!(judged("/target/id", json!(other)), Err(expected));
    }
}

#[test]
fn what_was_erased_while_the_log_was_read_was_not_put_back() {
    let mut erasures = Erasures::default();
    erasures.follow(told(Whole, 0)).unwrap();
    erasures.read_before(1);
    assert_eq!(erasures.follow(told(Erases(0), 1)), Ok(()));
    assert_eq!(erasures.expect_none_vanished(), Ok(()));
}
