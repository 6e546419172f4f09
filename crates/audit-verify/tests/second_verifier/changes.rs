//! Random changes: of the bytes and lines of a log's export, of its heads and details, of what its reader knows, of what was signed, and of
//! proof files.

use domain::audit::SealedDetail;
use domain::canonical;
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use transparency::LogKey;

use crate::cases::Case;
use crate::logs::{ASKER, Entry, Log, ORIGIN, erasing, head_line, key, log_keys, pinned, seal, text_of};
use crate::odd::replaces_key;

/// A kind of change: what it is called, and a log that was changed so.
pub type Change = (&'static str, fn(&Log, &mut StdRng) -> Case);

pub const CHANGES: [Change; 16] = [
    ("a changed byte", |log, random| changed_text(log, random, |text, random| replace_byte(text, random))),
    ("a byte less", |log, random| changed_text(log, random, remove_byte)),
    ("a byte more", |log, random| {
        changed_text(log, random, |text, random| text.insert(place(text, random), pick(BYTES, random)))
    }),
    ("a file cut off", |log, random| changed_text(log, random, |text, random| text.truncate(place(text, random)))),
    ("lines in disorder", |log, random| changed_lines(log, random, disorder)),
    ("another head", other_head),
    ("another detail", other_detail),
    ("a detail that was sealed oddly", |log, random| signed(log, random, reseal_detail)),
    ("a detail erased oddly", |log, random| signed(log, random, erase_oddly)),
    ("another trust", other_trust),
    ("a member changed before it was signed", |log, random| signed(log, random, change_member)),
    ("a byte changed before it was signed", |log, random| {
        signed(log, random, |log, random| {
            let at = random.random_range(0..log.entries.len());
            change_text(&mut log.entries[at].leaf, random);
        })
    }),
    ("entries that happened in another order", |log, random| signed(log, random, reorder)),
    ("a key replaced", |log, random| {
        let mut log = log.clone();
        let (at, older) = (random.random_range(0..log.entries.len()), pinned()[random.random_range(0..2)].clone());
        log.entries[at] = replaces_key(&log.entries[at], &older);
        let kept = log.note(random.random_range(0..=log.entries.len()), ORIGIN, &[&log_keys()[random.random_range(0..2)]]);
        Case { kept: Some(kept), ..Case::log("", text_of(&log.lines())) }
    }),
    ("a changed proof", changed_proof),
    ("a byte of a proof changed", |log, random| {
        let at = random.random_range(0..log.entries.len());
        let mut text = log.proof(at).to_string().into_bytes();
        replace_byte(&mut text, random);
        Case::log("", text)
    }),
];

/// What means something in JSON, base64 or a note.
const BYTES: &[u8] = b"{}[],:\"\\ \n\r\t\x00\x7f\xc3\xff0189aAfFzZ+/=-.eE\xe2";

fn pick<T: Copy>(from: &[T], random: &mut StdRng) -> T {
    from[random.random_range(0..from.len())]
}

fn place(text: &[u8], random: &mut StdRng) -> usize {
    random.random_range(0..text.len())
}

fn replace_byte(text: &mut [u8], random: &mut StdRng) {
    let at = place(text, random);
    text[at] = if random.random() { text[at] ^ (1 << random.random_range(0..8)) } else { pick(BYTES, random) };
}

fn remove_byte(text: &mut Vec<u8>, random: &mut StdRng) {
    text.remove(place(text, random));
}

/// The same of text, which stays UTF-8.
fn change_text(text: &mut String, random: &mut StdRng) {
    let mut bytes = std::mem::take(text).into_bytes();
    match random.random_range(0..3) {
        0 => replace_byte(&mut bytes, random),
        1 => bytes.insert(place(&bytes, random), pick(BYTES, random)),
        _ => remove_byte(&mut bytes, random),
    }
    *text = String::from_utf8_lossy(&bytes).replace('\n', " ");
}

fn changed_text(log: &Log, random: &mut StdRng, change: fn(&mut Vec<u8>, &mut StdRng)) -> Case {
    let mut text = text_of(&log.lines());
    change(&mut text, random);
    Case { text, ..Case::whole(log) }
}

fn changed_lines(log: &Log, random: &mut StdRng, change: fn(&mut Vec<String>, &mut StdRng)) -> Case {
    let mut lines = log.lines();
    change(&mut lines, random);
    Case { text: text_of(&lines), ..Case::whole(log) }
}

/// Changed by the server itself, which then signs it.
fn signed(log: &Log, random: &mut StdRng, change: fn(&mut Log, &mut StdRng)) -> Case {
    let mut log = log.clone();
    change(&mut log, random);
    Case::log("", text_of(&log.lines()))
}

fn disorder(lines: &mut Vec<String>, random: &mut StdRng) {
    let (one, other) = (random.random_range(0..lines.len()), random.random_range(0..lines.len()));
    match random.random_range(0..4) {
        0 => lines.swap(one, other),
        1 => drop(lines.remove(one)),
        2 => lines.insert(other, lines[one].clone()),
        _ => {
            let moved = lines.remove(one);
            lines.insert(other.min(lines.len()), moved);
        }
    }
}

fn other_head(log: &Log, random: &mut StdRng) -> Case {
    let keys = log_keys();
    let (stranger, elsewhere) = (key(ORIGIN, 9), key("log.example/other", 7));
    let size = random.random_range(0..=log.entries.len());
    let good = log.kept(log.entries.len());
    let note = match random.random_range(0..8) {
        0 => log.note(size, ORIGIN, &[&stranger]),
        1 => log.note(size, ORIGIN, &[&stranger, &keys[0]]),
        2 => log.note(size, "log.example/other", &[&elsewhere]),
        3 => log.note(size, ORIGIN, &[&keys[1]]),
        4 => good.replacen(&format!("\n{}\n", log.entries.len()), &format!("\n{size}\n"), 1),
        // Signatures of one and the same text may be joined.
        5 => format!("{good}{}", log.note(size, ORIGIN, &[&keys[0]]).rsplit_once("\n\n").unwrap().1),
        6 => format!("{good}{}", log.note(log.entries.len(), ORIGIN, &[&elsewhere, &stranger]).rsplit_once("\n\n").unwrap().1),
        _ => Log::of(log.entries.len() + 1).kept(size),
    };
    let mut lines = log.lines();
    let at = random.random_range(1 + log.entries.len()..=lines.len());
    if random.random() && at < lines.len() {
        lines[at] = head_line(&note);
    } else {
        lines.insert(at, head_line(&note));
    }
    let mut keys = pinned();
    if random.random() {
        keys.push(elsewhere.verifier().to_string());
    }
    Case { keys, text: text_of(&lines), ..Case::whole(log) }
}

fn other_detail(log: &Log, random: &mut StdRng) -> Case {
    let mut lines = log.lines();
    let (one, other) = (random.random_range(0..log.entries.len()), random.random_range(0..log.entries.len()));
    let (leaf, line) = (&log.entries[one].leaf, log.entries[one].line());
    let detail = log.entries[other].line().split_once(r#","detail":{"salt""#).map(|(_, detail)| format!(r#"{{"salt"{detail}"#));
    lines[1 + one] = match (random.random_range(0..5), detail) {
        (0, Some(detail)) => format!(r#"{{"leaf":{leaf},"detail":{detail}"#),
        (1, _) => format!(r#"{{"leaf":{leaf},"detail":null}}"#),
        (2, _) => line.replacen("\"salt\":\"a", "\"salt\":\"A", 1),
        (3, _) => line.replacen("\"value\":", "\"value\": ", 1),
        _ => format!(r#"{{"detail":null,"leaf": {leaf} }}"#),
    };
    Case { text: text_of(&lines), ..Case::whole(log) }
}

/// A detail whose digest is right, whatever it is.
fn reseal_detail(log: &mut Log, random: &mut StdRng) {
    let at = random.random_range(0..log.entries.len());
    let entry = &mut log.entries[at];
    let mut canonical = entry.detail.as_ref().map_or("{\"a\":[1,2.5],\"b\":\"x\"}".to_owned(), |detail| detail.canonical.clone());
    if random.random() {
        canonical = canonical::value_to_json(&value(random));
    } else {
        change_text(&mut canonical, random);
    }
    let detail = SealedDetail { salt: random.random(), canonical };
    let mut leaf: Value = serde_json::from_str(&entry.leaf).unwrap();
    leaf["detail"] = json!(detail.digest().to_string());
    entry.leaf = canonical::value_to_json(&leaf);
    entry.detail = Some(detail);
}

/// A detail is taken away or not, and at the end an entry says so of it, or of another one.
fn erase_oddly(log: &mut Log, random: &mut StdRng) {
    let size = log.entries.len();
    let (of, other) = (random.random_range(0..size), random.random_range(0..size));
    if random.random_range(0..4) > 0 {
        log.entries[of].detail = None;
    }
    let mut leaf: Value = serde_json::from_str(&seal(erasing(of as i64), size as i64).leaf).unwrap();
    leaf["detail"] = Value::Null;
    match random.random_range(0..8) {
        0 => leaf["facts"]["erased_seq"] = json!(other),
        1 => leaf["facts"]["erased_seq"] = value(random),
        2 => leaf["target"]["kind"] = value(random),
        3 => leaf["outcome"] = json!("denied"),
        _ => {}
    }
    log.entries.push(Entry { leaf: canonical::value_to_json(&leaf), detail: None });
    if let Some(last) = log.heads.last_mut() {
        last.0 = size + 1;
    }
}

fn other_trust(log: &Log, random: &mut StdRng) -> Case {
    let good = Case::whole(log);
    let keys = log_keys();
    let size = random.random_range(0..=log.entries.len());
    let stranger = key(ORIGIN, 9);
    let mut other = log.clone();
    reorder(&mut other, random);
    match random.random_range(0..9) {
        0 => Case { keys: Vec::new(), ..good },
        1 => Case { keys: vec![stranger.verifier().to_string()], ..good },
        2 => Case { keys: vec![pinned()[random.random_range(0..2)].clone()], ..good },
        3 => Case { keys: [pinned(), pinned(), vec![stranger.verifier().to_string()]].concat(), ..good },
        4 => Case { keys: vec![pinned()[0].to_uppercase()], ..good },
        5 => Case { kept: Some(log.kept(size)), ..good },
        6 => Case { kept: Some(other.kept(size)), ..good },
        7 => Case { kept: Some(log.note(size, ORIGIN, &[pick(&[&keys[0], &keys[1], &stranger], random)])), ..good },
        _ => Case { kept: Some(Log::of(log.entries.len() + 2).kept(log.entries.len() + 1)), ..good },
    }
}

/// Swaps two entries, or leaves one out, and numbers them anew.
fn reorder(log: &mut Log, random: &mut StdRng) {
    let (one, other) = (random.random_range(0..log.entries.len()), random.random_range(0..log.entries.len()));
    if random.random() {
        log.entries.swap(one, other);
    } else {
        let copy = log.entries[other].clone();
        log.entries[one] = copy;
    }
    for (entry, seq) in log.entries.iter_mut().zip(0..) {
        let mut leaf: Value = serde_json::from_str(&entry.leaf).unwrap();
        leaf["seq"] = json!(seq);
        entry.leaf = canonical::value_to_json(&leaf);
    }
}

/// One member, anywhere in an entry, is removed, added or given another value.
fn change_member(log: &mut Log, random: &mut StdRng) {
    let at = random.random_range(0..log.entries.len());
    let mut leaf: Value = serde_json::from_str(&log.entries[at].leaf).unwrap();
    let mut part = &mut leaf;
    // The facts are what the rules are about.
    if random.random() {
        part = &mut part["facts"];
    }
    let Some(members) = part.as_object_mut() else { return };
    let names: Vec<String> = members.keys().cloned().collect();
    let name = if names.is_empty() { "approval_id".to_owned() } else { names[random.random_range(0..names.len())].clone() };
    match (random.random_range(0..5), members.get_mut(&name)) {
        (0, _) => drop(members.remove(&name)),
        (1, _) => drop(members.insert("decided_at".to_owned(), value(random))),
        (2, Some(Value::Object(inner))) => {
            drop(inner.insert(["id", "kind", "x"][random.random_range(0..3)].to_owned(), value(random)))
        }
        (2, Some(Value::Array(items))) => items.push(value(random)),
        _ => drop(members.insert(name, value(random))),
    }
    log.entries[at].leaf = canonical::value_to_json(&leaf);
}

/// Words of the log, and texts that are spelled otherwise than the log spells them.
const WORDS: [&str; 50] = [
    "new",
    "classified",
    "awaiting_approval",
    "in_progress",
    "contained",
    "resolved",
    "closed",
    "asleep",
    "approve",
    "reject",
    "pending",
    "approved",
    "rejected",
    "expired",
    "withdrawn",
    "stale",
    "user",
    "api_key",
    "system",
    "USER_CREATED",
    "INCIDENT_CREATED",
    "STATE_CHANGED",
    "APPROVAL_REQUESTED",
    "APPROVAL_DECIDED",
    "APPROVAL_EXPIRED",
    "APPROVAL_WITHDRAWN",
    "APPROVAL_STALE",
    "ACTION_STARTED",
    "PLAYBOOK_STARTED",
    "LATER_ACTION",
    "INC-0000000001",
    "INC-0000000002",
    "APR-0000000001",
    "APR-0000000002",
    "RUN-0000000001",
    "RUN-0000000002",
    "RUN-1",
    ASKER,
    "0190C2D4-0000-7000-8000-00000000000A",
    "0190c2d4000070008000000000000001",
    "2026-03-11T10:00:00.000Z",
    "2026-03-11T10:00:00Z",
    "2026-03-11t10:00:00.000z",
    "2026-03-11T12:00:00.000+02:00",
    "9999-12-31T23:59:59.999Z",
    "0000-01-01T00:00:00.000Z",
    "2026-02-29T00:00:00.000Z",
    "2026-06-30T23:59:60.000Z",
    "\u{fb33}\u{1f600}\u{80}\u{7f}\"\\/\u{8}\u{c}\n\r\t\u{1f}\u{2028}",
    "",
];

/// A word of the log, or something that looks like one.
fn value(random: &mut StdRng) -> Value {
    let numbers = [
        json!(-1),
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(-0.0),
        json!(0.1),
        json!(1.5),
        json!(1e-7),
        json!(1e21),
        json!(1e20),
        json!(5e-324),
        json!(f64::MAX),
        json!(9_007_199_254_740_991_u64),
        json!(9_007_199_254_740_993_u64),
        json!(u64::MAX),
        json!(i64::MIN),
    ];
    match random.random_range(0..10) {
        0..=5 => json!(pick(&WORDS, random)),
        6 => numbers[random.random_range(0..numbers.len())].clone(),
        7 => json!(f64::from_bits(random.random())),
        8 => [json!(null), json!(true), json!([]), json!({}), json!([ASKER])][random.random_range(0..5)].clone(),
        _ => json!({ "\u{1f600}": 1, "\u{fb33}": [2, { "b": 1, "a": 2 }] }),
    }
}

fn changed_proof(log: &Log, random: &mut StdRng) -> Case {
    let at = random.random_range(0..log.entries.len());
    let mut file = log.proof(at);
    let mut keys = pinned();
    let other = random.random_range(0..log.entries.len());
    let hashes = file.proof.len();
    match random.random_range(0..12) {
        0 => file.index = other as u64,
        1 => file.extra = Some(log.entries[other].leaf.clone().into_bytes()),
        2 => file.extra = None,
        3 => file.proof = log.proof(other).proof,
        4 => file.proof.truncate(hashes.saturating_sub(1)),
        5 => file.proof.extend(log.proof(other).proof),
        6 if hashes > 1 => file.proof.swap(0, hashes - 1),
        7 => file.checkpoint = log.kept(other + 1),
        8 => keys = vec![key(ORIGIN, 9).verifier().to_string()],
        9 => keys.clear(),
        10 => file.checkpoint = log.note(log.entries.len(), ORIGIN, &log_keys().each_ref().map(|key: &LogKey| key)[..1]),
        _ => file.index = u64::MAX - random.random_range(0..3),
    }
    Case { keys, ..Case::log("", file.to_string().into_bytes()) }
}
