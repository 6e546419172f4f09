//! The export of a log, read line by line: its head, an entry a line, then the signed heads, the newest last.

use std::io::BufRead;

use domain::audit::SealedDetail;
use domain::audit::verification::StoredEntry;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use transparency::Checkpoint;

use crate::Trust;
use crate::fault::Fault;
use crate::line::Lines;
use crate::log::LogReader;
use crate::verdict::Verdict;

/// What the first line says it is.
pub const FORMAT: &str = "countersign-audit-export/1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    origin: String,
    verifier_key: Vec<String>,
    size: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine<'a> {
    /// The stored bytes, as they are.
    #[serde(borrow)]
    leaf: &'a RawValue,
    /// It must be there, if only as `null`.
    #[serde(borrow)]
    detail: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DetailLine<'a> {
    /// In hexadecimal digits.
    salt: String,
    /// The stored bytes, as they are.
    #[serde(borrow)]
    value: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteLine {
    checkpoint: String,
}

/// Where a leaf says that it stands.
#[derive(Deserialize)]
struct Place {
    seq: i64,
}

/// Serde would take a list of a struct's members for the struct; a line is an object.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text);
    }
    Err(serde::de::Error::custom("not an object of JSON"))
}

/// Verifies a whole export; says what was verified, or the first thing that is wrong.
pub fn verify_export(input: impl BufRead, trust: &Trust) -> Result<Verdict, Fault> {
    let mut lines = Lines::new(input);
    let head = read_head(&mut lines)?;
    let mut log = LogReader::default();
    let first = read_entries(&mut lines, &mut log)?;
    if log.size() != head.size {
        return Err(Fault::Count { said: head.size, found: log.size() });
    }
    let notes = read_notes(&mut lines, first)?;
    expect_newest_last(&notes)?;
    let verdict = log.conclude(&notes, &head.verifier_key, trust)?;
    if verdict.unsigned > 0 {
        return Err(Fault::Uncovered(log.size()));
    }
    if verdict.head.origin != head.origin {
        return Err(Fault::NoExport(format!("it is of {}, and its heads are of {}", head.origin, verdict.head.origin)));
    }
    Ok(verdict)
}

fn read_head<R: BufRead>(lines: &mut Lines<R>) -> Result<Head, Fault> {
    let line = lines.next()?.ok_or_else(|| Fault::NoExport("it is empty".to_owned()))?;
    let head: Head = object(&line).map_err(|error| Fault::NoExport(error.to_string()))?;
    if head.format == FORMAT {
        Ok(head)
    } else {
        Err(Fault::NoExport(format!("its format is {:?}, not {FORMAT:?}", head.format)))
    }
}

/// Reads entries up to the first signed head, and gives that.
fn read_entries<R: BufRead>(lines: &mut Lines<R>, log: &mut LogReader) -> Result<Option<String>, Fault> {
    while let Some(line) = lines.next()? {
        if let Ok(note) = object::<NoteLine>(&line) {
            return Ok(Some(note.checkpoint));
        }
        let entry: EntryLine<'_> =
            object(&line).map_err(|error| lines.fault(format!("neither an entry nor a signed head: {error}")))?;
        log.add(&stored(&entry, lines)?)?;
    }
    Ok(None)
}

fn read_notes<R: BufRead>(lines: &mut Lines<R>, first: Option<String>) -> Result<Vec<String>, Fault> {
    let mut notes: Vec<String> = first.into_iter().collect();
    while let Some(line) = lines.next()? {
        let note: NoteLine = object(&line).map_err(|error| lines.fault(format!("no signed head: {error}")))?;
        notes.push(note.checkpoint);
    }
    Ok(notes)
}

fn expect_newest_last(notes: &[String]) -> Result<(), Fault> {
    let sizes = notes.iter().map(|note| Checkpoint::read(note).map(|head| head.size)).collect::<Result<Vec<_>, _>>()?;
    if sizes.is_sorted() { Ok(()) } else { Err(Fault::HeadOrder) }
}

fn stored<R: BufRead>(entry: &EntryLine<'_>, lines: &Lines<R>) -> Result<StoredEntry, Fault> {
    let leaf = entry.leaf.get();
    let Place { seq } = object(leaf).map_err(|error| lines.fault(format!("the entry's place: {error}")))?;
    let detail = match entry.detail.get() {
        "null" => None,
        text => {
            let detail: DetailLine<'_> = object(text).map_err(|error| lines.fault(format!("a detail: {error}")))?;
            Some(sealed(&detail, lines)?)
        }
    };
    Ok(StoredEntry { seq, columns: Value::Null, leaf: leaf.to_owned(), detail })
}

fn sealed<R: BufRead>(detail: &DetailLine<'_>, lines: &Lines<R>) -> Result<SealedDetail, Fault> {
    let mut salt = [0; domain::audit::SALT_BYTES];
    hex::decode_to_slice(&detail.salt, &mut salt).map_err(|error| lines.fault(format!("the salt of a detail: {error}")))?;
    // One salt has one spelling.
    if hex::encode(salt) != detail.salt {
        return Err(lines.fault("the salt of a detail is not in lower-case digits"));
    }
    Ok(SealedDetail { salt, canonical: detail.value.get().to_owned() })
}
