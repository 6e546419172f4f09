//! The export of a log, read line by line: its head, an entry a line, then the signed heads, the newest last.

use std::io::BufRead;

use domain::audit::SealedDetail;
use domain::audit::verification::{Columns, StoredEntry};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use transparency::Checkpoint;

use crate::Trust;
use crate::fault::Fault;
use crate::line::{Lines, fault};
use crate::log::{LogReader, ReadEntry};
use crate::verdict::Verdict;

/// What the first line says it is.
pub const FORMAT: &str = "countersign-audit-export/1";

/// Its members are in the order in which they are written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    origin: String,
    size: u64,
    verifier_key: Vec<String>,
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

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct NoteLine {
    checkpoint: String,
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
    let head: Head = serde_json::from_str(&line).map_err(|error| Fault::NoExport(error.to_string()))?;
    if head.format != FORMAT {
        return Err(Fault::NoExport(format!("its format is {:?}, not {FORMAT:?}", head.format)));
    }
    expect_spelled(1, &line, &head)?;
    let mut keys: Vec<&String> = head.verifier_key.iter().collect();
    keys.sort_unstable();
    match keys.array_windows().find(|[one, other]| one == other) {
        Some([key, _]) => Err(Fault::NoExport(format!("it carries the key {key} twice"))),
        None => Ok(head),
    }
}

/// An export has one spelling, of which not a byte may differ: no space, no line end of another system, no escape that is not needed, no other order.
fn expect_spelled(line: u64, text: &str, content: &impl Serialize) -> Result<(), Fault> {
    let is_spelled = serde_json::to_string(content).is_ok_and(|expected| expected == text);
    if is_spelled { Ok(()) } else { Err(other_spelling(line)) }
}

fn other_spelling(line: u64) -> Fault {
    fault(line, "the line is not spelled as an export spells it: something was changed in it after it was written")
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
    match serde_json::from_str::<EntryLine<'_>>(text) {
        Ok(entry) if entry.is_spelled(text) => {
            let place = line.saturating_sub(FIRST_ENTRY_LINE);
            Ok(Content::Entry(ReadEntry::new(&stored(line, place, &entry)?, place)?))
        }
        Ok(_) => Err(other_spelling(line)),
        Err(error) => match serde_json::from_str::<NoteLine>(text) {
            Ok(note) => expect_spelled(line, text, &note).map(|()| Content::Note(note.checkpoint)),
            Err(_) => Err(fault(line, format!("neither an entry nor a signed head: {error}"))),
        },
    }
}

impl EntryLine<'_> {
    fn is_spelled(&self, text: &str) -> bool {
        let parts = ["{\"leaf\":", self.leaf.get(), ",\"detail\":", self.detail.get(), "}"];
        is_made_of(text, &parts)
    }
}

impl DetailLine<'_> {
    fn is_spelled(&self, text: &str) -> bool {
        let parts = ["{\"salt\":\"", &self.salt, "\",\"value\":", self.value.get(), "}"];
        is_made_of(text, &parts)
    }
}

fn is_made_of(text: &str, parts: &[&str]) -> bool {
    parts.iter().try_fold(text, |rest, part| rest.strip_prefix(part)).is_some_and(str::is_empty)
}

fn expect_newest_last(notes: &[String]) -> Result<(), Fault> {
    let sizes = notes.iter().map(|note| Checkpoint::read(note).map(|head| head.size)).collect::<Result<Vec<_>, _>>()?;
    if sizes.is_sorted_by(|one, next| one < next) { Ok(()) } else { Err(Fault::HeadOrder) }
}

/// The entry on this line; whether it says itself that it has this place is looked at when it is read.
fn stored(line: u64, place: u64, entry: &EntryLine<'_>) -> Result<StoredEntry, Fault> {
    let detail = match entry.detail.get() {
        "null" => None,
        text => {
            let detail: DetailLine<'_> = serde_json::from_str(text).map_err(|error| fault(line, format!("a detail: {error}")))?;
            if !detail.is_spelled(text) {
                return Err(other_spelling(line));
            }
            Some(sealed(line, &detail)?)
        }
    };
    let seq = i64::try_from(place).unwrap_or(i64::MAX);
    Ok(StoredEntry { seq, columns: Columns::None, leaf: entry.leaf.get().to_owned(), hash_start: None, detail })
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
