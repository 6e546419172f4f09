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
use crate::line::{Lines, fault};
use crate::log::{LogReader, ReadEntry};
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

/// Serde would take a list of a struct's members for the struct; a line is an object.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text);
    }
    Err(serde::de::Error::custom("not an object of JSON"))
}

/// A line after the first.
enum Content {
    Entry(ReadEntry),
    /// A signed head.
    Note(String),
}

/// The entries of an export begin on the line after its head, one on each.
const FIRST_ENTRY_LINE: u64 = 2;

/// Verifies a whole export; says what was verified, or the first thing that is wrong.
pub fn verify_export(input: impl BufRead + Send, trust: &Trust) -> Result<Verdict, Fault> {
    let mut lines = Lines::new(input);
    let head = read_head(&mut lines)?;
    let (log, notes) = read_contents(&mut lines)?;
    if log.size() != head.size {
        return Err(Fault::Count { said: head.size, found: log.size() });
    }
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
    let line = lines.first()?.ok_or_else(|| Fault::NoExport("it is empty".to_owned()))?;
    let head: Head = object(&line).map_err(|error| Fault::NoExport(error.to_string()))?;
    if head.format == FORMAT {
        Ok(head)
    } else {
        Err(Fault::NoExport(format!("its format is {:?}, not {FORMAT:?}", head.format)))
    }
}

/// Reads the entries and the signed heads after them. At the same time a block of lines is read from the file, the one before it is looked
/// at, line by line, and the one before that is taken into the log.
fn read_contents<R: BufRead + Send>(lines: &mut Lines<R>) -> Result<(LogReader, Vec<String>), Fault> {
    let (mut log, mut notes) = (LogReader::default(), Vec::new());
    let (mut block, mut contents) = (lines.block(), Vec::new());
    while !(block.is_empty() && contents.is_empty()) {
        let take = || contents.into_iter().try_for_each(|content| add(&mut log, &mut notes, content?));
        let ((next, read), taken) = rayon::join(|| rayon::join(|| lines.block(), || block.read(read_content)), take);
        taken?;
        (block, contents) = (next, read);
    }
    Ok((log, notes))
}

fn add(log: &mut LogReader, notes: &mut Vec<String>, content: Content) -> Result<(), Fault> {
    match content {
        Content::Note(note) => notes.push(note),
        Content::Entry(_) if !notes.is_empty() => {
            let line = FIRST_ENTRY_LINE + log.size() + notes.len() as u64;
            return Err(fault(line, "an entry stands after the signed heads"));
        }
        Content::Entry(entry) => log.take(entry)?,
    }
    Ok(())
}

fn read_content(line: u64, text: &str) -> Result<Content, Fault> {
    match object::<EntryLine<'_>>(text) {
        Ok(entry) => {
            let place = line.saturating_sub(FIRST_ENTRY_LINE);
            Ok(Content::Entry(ReadEntry::new(&stored(line, place, &entry)?, place)?))
        }
        Err(error) => match object::<NoteLine>(text) {
            Ok(note) => Ok(Content::Note(note.checkpoint)),
            Err(_) => Err(fault(line, format!("neither an entry nor a signed head: {error}"))),
        },
    }
}

fn expect_newest_last(notes: &[String]) -> Result<(), Fault> {
    let sizes = notes.iter().map(|note| Checkpoint::read(note).map(|head| head.size)).collect::<Result<Vec<_>, _>>()?;
    if sizes.is_sorted() { Ok(()) } else { Err(Fault::HeadOrder) }
}

/// The entry on this line; whether it says itself that it has this place is looked at when it is read.
fn stored(line: u64, place: u64, entry: &EntryLine<'_>) -> Result<StoredEntry, Fault> {
    let detail = match entry.detail.get() {
        "null" => None,
        text => {
            let detail: DetailLine<'_> = object(text).map_err(|error| fault(line, format!("a detail: {error}")))?;
            Some(sealed(line, &detail)?)
        }
    };
    let seq = i64::try_from(place).unwrap_or(i64::MAX);
    Ok(StoredEntry { seq, columns: Value::Null, leaf: entry.leaf.get().to_owned(), hash_start: None, detail })
}

fn sealed(line: u64, detail: &DetailLine<'_>) -> Result<SealedDetail, Fault> {
    let mut salt = [0; domain::audit::SALT_BYTES];
    hex::decode_to_slice(&detail.salt, &mut salt).map_err(|error| fault(line, format!("the salt of a detail: {error}")))?;
    // One salt has one spelling.
    if hex::encode(salt) != detail.salt {
        return Err(fault(line, "the salt of a detail is not in lower-case digits"));
    }
    Ok(SealedDetail { salt, canonical: detail.value.get().to_owned() })
}
