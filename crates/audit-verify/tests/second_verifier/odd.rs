//! Files that are odd in one way each, with what the specifications say of them.

mod entries;
mod erasures;
mod spellings;

pub use entries::replaces_key;

use domain::audit::SealedDetail;
use domain::canonical;
use serde_json::{Value, json};
use transparency::LogKey;

use crate::cases::Case;
use crate::logs::{Entry, Log, ORIGIN, entry, head_line, key, log_keys, pinned, text_of};

/// Entries of the log that is changed; its last is the one with numbers and texts of all kinds.
const SIZE: usize = 14;
const LINE_BYTES_MAX: usize = 8 * 1024 * 1024;
const NOTE_BYTES_MAX: usize = 16 * 1024;
/// Public keys under the name of the log, with the right id: one with bytes that are no point of the curve, one with a coordinate beyond the prime,
/// one with a negative zero.
const NO_KEYS: [&str; 3] = [
    "log.example/audit+baf74f9b+AQIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "log.example/audit+5b4ae61d+AfD///////////////////////////////////////9/",
    "log.example/audit+b6878f8c+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA",
];

pub fn cases() -> Vec<Case> {
    [lines(), members(), heads(), signatures(), keys(), entries::cases(), erasures::cases(), spellings::cases(), proofs()]
        .concat()
}

/// The good log with one line in another form.
fn with_line(name: &str, sound: bool, at: usize, change: impl Fn(&str) -> String) -> Case {
    let mut lines = Log::of(SIZE).lines();
    lines[at] = change(&lines[at]);
    Case::log(name, text_of(&lines)).expect(sound)
}

/// The good log with one text replaced in one line.
fn replaced(name: &str, sound: bool, at: usize, from: &str, to: &str) -> Case {
    with_line(name, sound, at, |line| {
        assert!(line.contains(from), "{name}: {line}");
        line.replacen(from, to, 1)
    })
}

/// The good log with its lines changed.
fn with_lines(name: &str, sound: bool, change: impl Fn(&mut Vec<String>)) -> Case {
    let mut lines = Log::of(SIZE).lines();
    change(&mut lines);
    Case::log(name, text_of(&lines)).expect(sound)
}

/// The good log whose last head is this note.
fn with_note(name: &str, sound: bool, note: &str) -> Case {
    with_line(name, sound, 1 + SIZE + 2, |_| head_line(note))
}

fn good_note() -> String {
    Log::of(SIZE).kept(SIZE)
}

fn lines() -> Vec<Case> {
    let text = |name: &str, text: &[u8]| Case::log(name, text.to_vec()).expect(false);
    let good = text_of(&Log::of(SIZE).lines());
    vec![
        with_line("a carriage return, which is white space of JSON", false, 3, |line| format!("{line}\r")),
        long_line("the longest line", true, LINE_BYTES_MAX),
        long_line("a line that is too long", false, LINE_BYTES_MAX + 1),
        with_lines("an empty line at the end", false, |lines| lines.push(String::new())),
        with_lines("an empty line in between", false, |lines| lines.insert(4, String::new())),
        with_lines("an entry after the heads", false, |lines| lines.push(entry(SIZE as i64).line())),
        with_lines("heads out of order", false, |lines| lines.swap(1 + SIZE, 2 + SIZE)),
        with_lines("a head twice", false, |lines| lines.push(lines[SIZE + 3].clone())),
        with_lines("no head", false, |lines| lines.truncate(1 + SIZE)),
        text("no file", b""),
        text("a line end", b"\n"),
        text("no line end", good.strip_suffix(b"\n").unwrap()),
        text("a byte order mark", &[b"\xef\xbb\xbf", good.as_slice()].concat()),
        text("no UTF-8", b"\xff\n"),
        text("many lists", &[vec![b'['; 100_000], b"\n".to_vec()].concat()),
    ]
}

/// The good log with an entry whose line has so many bytes.
fn long_line(name: &str, sound: bool, length: usize) -> Case {
    let mut log = Log::of(SIZE);
    let resealed = |log: &mut Log, letters: usize| {
        let detail = SealedDetail { salt: [5; 16], canonical: format!("\"{}\"", "x".repeat(letters)) };
        let mut leaf: Value = serde_json::from_str(&log.entries[2].leaf).unwrap();
        leaf["detail"] = json!(detail.digest().to_string());
        log.entries[2] = Entry { leaf: canonical::value_to_json(&leaf), detail: Some(detail) };
        log.entries[2].line().len()
    };
    let empty = resealed(&mut log, 0);
    assert_eq!(resealed(&mut log, length - empty), length);
    Case::log(name, text_of(&log.lines())).expect(sound)
}

fn members() -> Vec<Case> {
    let listed = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        if value["format"].is_string() {
            json!([value["format"], value["origin"], value["verifier_key"], value["size"]]).to_string()
        } else {
            json!([value["checkpoint"]]).to_string()
        }
    };
    let mut cases = vec![
        with_line("the first line is a list", false, 0, listed),
        with_line("a head is a list", false, SIZE + 3, listed),
        with_line("an entry is a list", false, 2, |line| {
            let (leaf, detail) = line.strip_prefix("{\"leaf\":").unwrap().rsplit_once(",\"detail\":").unwrap();
            format!("[{leaf},{}]", detail.strip_suffix('}').unwrap())
        }),
        with_line("a detail is a list", false, 3, |line| {
            line.replacen("{\"salt\":", "[", 1).replacen("\"value\":", "", 1).replacen("}}}", "}]}", 1)
        }),
        replaced("no detail, not even none", false, 2, ",\"detail\":null}", "}"),
        replaced("another first line", false, 0, "{", "{\"more\":1,"),
        replaced("another entry", false, 2, "{", "{\"more\":1,"),
        replaced("another detail", false, 3, "{\"salt\":", "{\"more\":1,\"salt\":"),
        replaced("another head", false, SIZE + 3, "{", "{\"more\":1,"),
        replaced("a detail that is there twice", false, 2, ",\"detail\":null", ",\"detail\":null,\"detail\":null"),
        replaced("an origin that is there twice", false, 0, "\"origin\"", "\"origin\":\"x\",\"origin\""),
        replaced("another origin", false, 0, ORIGIN, "log.example/other"),
        replaced("half of a surrogate pair", false, 0, ORIGIN, "\\ud800"),
        replaced("an escaped origin", false, 0, ORIGIN, "log.example\\u002faudit"),
        replaced("a size with a fraction", false, 0, ":14", ":14.0"),
        replaced("a size in quotes", false, 0, ":14", ":\"14\""),
        replaced("a size beyond 64 bits", false, 0, ":14", ":18446744073709551630"),
        replaced("a size with a zero before it", false, 0, ":14", ":014"),
        replaced("another format", false, 0, "export/1", "export/2"),
        replaced("a salt in capital digits", false, 3, "\"salt\":\"a2", "\"salt\":\"A2"),
        replaced("a short salt", false, 3, "\"salt\":\"a2", "\"salt\":\""),
        replaced("a long salt", false, 3, "\"salt\":\"a2", "\"salt\":\"a2a2"),
    ];
    let mut empty = Log::of(0).lines();
    empty[0] = empty[0].replace("\"size\":0", "\"size\":-0");
    cases.push(Case::log("a size below zero by nothing", text_of(&empty)).expect(false));
    cases
}

fn heads() -> Vec<Case> {
    let log = Log::of(SIZE);
    let elsewhere = key("log.example/other", 7);
    let of_other = log.note(SIZE / 2, "log.example/other", &[&elsewhere]);
    let both = [pinned(), vec![elsewhere.verifier().to_string()]].concat();
    let good = good_note();
    let kept = |name: &str, sound, note: &str| {
        Case { kept: Some(note.to_owned()), ..Case::log(name, text_of(&log.lines())) }.expect(sound)
    };
    let other_head = with_lines("a head of another log between", false, |lines| lines.insert(SIZE + 3, head_line(&of_other)));
    vec![
        Case { keys: both.clone(), ..other_head },
        Case { keys: both, ..kept("a kept head of another log", false, &of_other) },
        kept("a kept head of nothing", true, &log.kept(0)),
        kept("a kept head of everything", true, &good),
        kept("a kept head that is larger", false, &Log::of(SIZE + 1).kept(SIZE + 1)),
        kept("a kept head of a stranger", false, &log.note(3, ORIGIN, &[&key(ORIGIN, 9)])),
        kept("a kept head that is cut off", false, good.trim_end()),
        with_note("a line that nobody reads", false, &good.replacen("\n\n", "\nmore\n\n", 1)),
        with_note("a size with a zero before it", false, &good.replacen("\n14\n", "\n014\n", 1)),
        with_note("a carriage return", false, &good.replacen("\n14\n", "\r\n14\n", 1)),
        with_note("no line end", false, good.trim_end()),
        with_note("a second line end", false, &format!("{good}\n")),
        with_note("nothing", false, ""),
    ]
}

fn signatures() -> Vec<Case> {
    let good = good_note();
    let signature = good.lines().nth(4).unwrap().to_owned();
    let of = |note: &str| note.rsplit_once("\n\n").unwrap().1.to_owned();
    let log = Log::of(SIZE);
    let keys = log_keys();
    let wrong = of(&log.note(3, ORIGIN, &[&keys[0]]));
    let stranger = of(&log.note(3, ORIGIN, &[&key(ORIGIN, 9)]));
    let renamed = stranger.replace(ORIGIN, "log.example/witness");
    let encoded = "A".repeat((NOTE_BYTES_MAX - good.len() - 32) / 4 * 4);
    vec![
        with_note("a signature twice", false, &format!("{good}{signature}\n")),
        with_note("a wrong signature after a right one of the key", false, &format!("{good}{wrong}")),
        with_note("a wrong signature before a right one of the key", false, &good.replacen("\n\n", &format!("\n\n{wrong}"), 1)),
        with_note("a signature of nobody known", true, &format!("{good}{stranger}")),
        with_note("a signature under another name", true, &format!("{good}{renamed}")),
        with_note("a signature of nobody known twice", false, &format!("{good}{stranger}{stranger}")),
        with_note("a hundred signatures", true, &format!("{good}{}", unknown(98))),
        with_note("more signatures than a hundred", false, &format!("{good}{}", unknown(99))),
        with_note("a signature without bytes", false, &format!("{good}— x AAAAAA==\n")),
        with_note("a signature without a name", false, &format!("{good}—  AAAAAAAA\n")),
        with_note("a signature with a plus sign in its name", false, &format!("{good}— a+b AAAAAAAA\n")),
        with_note("a signature with a space in its name", false, &format!("{good}— a\u{a0}b AAAAAAAA\n")),
        with_note("a signature with a hyphen", false, &format!("{good}- x AAAAAAAA\n")),
        with_note("a signature with bits that mean nothing", false, &format!("{good}— x AAAAAAB=\n")),
        with_note("a large signature", true, &format!("{good}— x {encoded}\n")),
        with_note("a signed head that is too long", false, &format!("{good}— x {encoded}{}\n", "A".repeat(64))),
        with_note("a line that ends in DEL", false, &good.replacen("\n14\n", "\u{7f}\n14\n", 1)),
    ]
}

/// So many signatures of nobody known: the id of no key, and one byte more.
fn unknown(count: usize) -> String {
    let digit = |value: usize| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[value]);
    (0..count).map(|byte| format!("— x AAAAA{}{}=\n", digit(byte >> 4), digit((byte & 15) << 2))).collect()
}

fn keys() -> Vec<Case> {
    let lines = Log::of(SIZE).lines();
    let pins = |name: &str, sound, keys: &[&str]| {
        Case { keys: keys.iter().map(|key| (*key).to_owned()).collect(), ..Case::log(name, text_of(&lines)) }.expect(sound)
    };
    let pinned = pinned();
    let (first, second) = (pinned[0].as_str(), pinned[1].as_str());
    let (name, rest) = first.split_once('+').unwrap();
    let (id, encoded) = rest.split_once('+').unwrap();
    let capital = format!("{name}+{}+{encoded}", id.to_uppercase());
    assert_ne!(capital, first, "the id has a letter");
    let mut cases = vec![
        pins("a key twice", true, &[first, first, second]),
        pins("the second key alone", false, &[second]),
        pins("an id in capital digits", false, &[&capital]),
        pins("another id", false, &[&first.replacen(id, "00000000", 1)]),
        pins("a key without padding", false, &[first.trim_end_matches('=')]),
        pins("a key with space around it, as in a file", true, &[&format!(" {first}\t"), second]),
        replaced("a carried key twice", false, 0, first, &format!("{first}\",\"{first}")),
        replaced("a carried key with space around it", false, 0, first, &format!(" {first}")),
        replaced("a carried key that is a number", false, 0, &format!("\"{first}\""), "1"),
    ];
    cases.extend(NO_KEYS.iter().flat_map(|key| {
        [
            pins(&format!("a key that is none: {key}"), false, &[first, second, key]),
            replaced("a carried key that is none", false, 0, first, key),
        ]
    }));
    cases
}

fn proofs() -> Vec<Case> {
    let log = Log::of(SIZE);
    let good = log.proof(5).to_string();
    let case = |name: &str, sound, text: String| Case::log(name, text.into_bytes()).expect(sound);
    let extra = good.lines().nth(1).unwrap().to_owned();
    let changed = |name: &str, from: &str, to: &str| {
        assert!(good.contains(from), "{name}");
        case(name, false, good.replacen(from, to, 1))
    };
    let mut moved = log.clone();
    moved.entries.swap(5, 6);
    let mut spaced = log.clone();
    spaced.entries[5].leaf = spaced.entries[5].leaf.replace("\"v\":1", "\"v\": 1");
    let mut other_version = log.clone();
    other_version.entries[5].leaf = other_version.entries[5].leaf.replace("\"v\":1", "\"v\":2");
    let first: &[&LogKey] = &[&log_keys()[0]];
    vec![
        case("a proof under one key", true, log_proof_under(&log, first)),
        Case { kept: Some(log.kept(3)), ..case("a proof and a kept head", true, good.clone()) },
        Case { keys: Vec::new(), ..case("a proof without a key", false, good.clone()) },
        case("a proof of an entry at another's place", false, moved.proof(5).to_string()),
        case("a proof of an entry that is spelled oddly", false, spaced.proof(5).to_string()),
        case("a proof of an entry of another version", false, other_version.proof(5).to_string()),
        changed("a proof without an entry", &format!("{extra}\n"), ""),
        changed("a proof with two entries", &extra, &format!("{extra}\n{extra}")),
        changed("a proof with nothing for an entry", &extra, "extra "),
        changed("an index with a zero before it", "index 5", "index 05"),
        changed("an index with a sign", "index 5", "index +5"),
        changed("an index beyond 64 bits", "index 5", "index 18446744073709551621"),
        changed("no index", "index 5\n", ""),
        changed("a header of another version", "proof@v1", "proof@v2"),
        changed("a carriage return", "index 5\n", "index 5\r\n"),
        changed("a line too many", "\n\n", "\n\n\n"),
        changed("no empty line", "\n\n", "\n"),
        case("a proof without a head", false, good.split_once("\n\n").unwrap().0.to_owned()),
        case("a proof without a line end", false, good.trim_end().to_owned()),
        case("a proof that is cut off in its first line", false, good[..25].to_owned()),
        case("a proof that is too long", false, format!("{good}{}", "x".repeat(4 * 1024 * 1024))),
    ]
}

fn log_proof_under(log: &Log, keys: &[&LogKey]) -> String {
    let mut file = log.proof(5);
    file.checkpoint = log.note(SIZE, ORIGIN, keys);
    file.to_string()
}
