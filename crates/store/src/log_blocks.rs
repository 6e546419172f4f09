//! Blocks of the log, each read as one text: the driver takes longer to hand over the columns of an entry than it takes to verify it. Where such a
//! text is not plainly what the rows say, the rows themselves are read.

use std::ops::Range;

use domain::audit::verification::{Columns, Row, StoredEntry};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::error::StoreError;
use crate::verification::sealed;

/// Stand between the parts of an entry, and between entries. Nothing that is written to the log has them in it.
const UNIT: char = '\u{1f}';
const RECORD: char = '\u{1e}';
/// Stands before a text that is there, so that an empty one is told from none.
const THERE: char = '=';

/// The entries with what stands beside them and their details, from one `seq` on and before another.
const ENTRIES: &str = "
FROM audit_entries AS entry LEFT JOIN audit_detail AS kept ON kept.entry_id = entry.entry_id
WHERE entry.seq >= $1 AND entry.seq < $2 ORDER BY entry.seq";

const COLUMNS: &str = "
SELECT entry.seq, entry.entry_id, entry.at, entry.actor_id, entry.action, entry.incident_id, entry.hash_start, entry.leaf, kept.salt, kept.detail";

/// The same columns as one text.
const TEXT: &str = "
SELECT concat_ws({unit}, entry.seq, entry.entry_id, entry.at, CASE WHEN entry.actor_id IS NULL THEN '' ELSE '=' || entry.actor_id END,
    entry.action, coalesce(CAST(entry.incident_id AS TEXT), ''), coalesce(CAST(entry.hash_start AS TEXT), ''), entry.leaf,
    CASE WHEN kept.salt IS NULL THEN '' ELSE '=' || kept.salt END, coalesce(kept.detail, '')) AS record";

/// The entries of a range, in order, as far as they are there.
pub(crate) async fn entries_in<C: ConnectionTrait>(connection: &C, range: Range<i64>) -> Result<Vec<StoredEntry>, StoreError> {
    let backend = connection.get_database_backend();
    let (unit, record, joined) = match backend {
        DbBackend::Sqlite => ("char(31)", "char(30)", "group_concat"),
        _ => ("chr(31)", "chr(30)", "string_agg"),
    };
    let text = TEXT.replace("{unit}", unit);
    let joined = format!("SELECT count(*), {joined}(record, {record}) FROM ({text} {ENTRIES}) AS records");
    let values = || [range.start.into(), range.end.into()];
    let block = connection.query_one_raw(Statement::from_sql_and_values(backend, joined, values())).await?;
    if let Some(entries) = block.as_ref().and_then(|block| read_block(&text_of(block)?, range.start)) {
        return Ok(entries);
    }
    let rows = Statement::from_sql_and_values(backend, format!("{COLUMNS} {ENTRIES}"), values());
    connection.query_all_raw(rows).await?.iter().map(entry_of).collect()
}

/// So many rows as one text.
struct Block {
    rows: i64,
    text: String,
}

fn text_of(block: &QueryResult) -> Option<Block> {
    Some(Block { rows: block.try_get_by_index(0).ok()?, text: block.try_get_by_index(1).ok()? })
}

/// The entries of a block from this `seq` on; `None` if a part is not what it should be, or an entry is missing: then the rows tell more.
fn read_block(block: &Block, from: i64) -> Option<Vec<StoredEntry>> {
    let entries: Vec<StoredEntry> = block.text.split(RECORD).map(read_record).collect::<Option<_>>()?;
    // As many records as rows: none of them holds what only stands between them.
    let is_whole =
        entries.len() == usize::try_from(block.rows).ok()? && entries.iter().zip(from..).all(|(entry, seq)| entry.seq == seq);
    is_whole.then_some(entries)
}

fn read_record(record: &str) -> Option<StoredEntry> {
    let mut parts = record.split(UNIT);
    let mut next = || parts.next();
    let seq = next()?.parse().ok()?;
    let columns = Row {
        id: next()?.to_owned(),
        at: next()?.parse().ok()?,
        actor_id: next()?.strip_prefix(THERE).map(str::to_owned),
        action: next()?.to_owned(),
        incident_id: number(next()?)?,
    };
    let (hash_start, leaf) = (number(next()?)?, next()?.to_owned());
    let (salt, detail) = (next()?.strip_prefix(THERE), next()?);
    let detail = salt.map(|salt| sealed(salt, detail.to_owned()));
    let entry = StoredEntry { seq, columns: Columns::Row(columns), leaf, hash_start, detail };
    parts.next().is_none().then_some(entry)
}

/// A number that may be missing; `None` if it is none.
fn number(text: &str) -> Option<Option<i64>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

fn entry_of(row: &QueryResult) -> Result<StoredEntry, StoreError> {
    let columns = Row {
        id: row.try_get_by_index(1)?,
        at: row.try_get_by_index(2)?,
        actor_id: row.try_get_by_index(3)?,
        action: row.try_get_by_index(4)?,
        incident_id: row.try_get_by_index(5)?,
    };
    let salt: Option<String> = row.try_get_by_index(8)?;
    let detail = match salt {
        Some(salt) => Some(sealed(&salt, row.try_get_by_index(9)?)),
        None => None,
    };
    Ok(StoredEntry {
        seq: row.try_get_by_index(0)?,
        columns: Columns::Row(columns),
        leaf: row.try_get_by_index(7)?,
        hash_start: row.try_get_by_index(6)?,
        detail,
    })
}

#[cfg(test)]
mod tests {
    use domain::audit::verification::{Columns, StoredEntry};

    use super::{Block, read_block, read_record};

    #[test]
    fn a_record_is_read_only_if_it_has_each_part_once() {
        let parts = ["7", "an id", "-5", "=", "NOTE_ADDED", "", "-9", "{}", "", ""];
        let StoredEntry { seq, columns, leaf, hash_start, detail } = read_record(&parts.join("\u{1f}")).unwrap();
        assert_eq!((seq, leaf.as_str(), hash_start, detail), (7, "{}", Some(-9), None));
        let Columns::Row(row) = columns else { panic!("what stands beside it was read") };
        assert_eq!((row.actor_id.as_deref(), row.incident_id, row.at), (Some(""), None, -5));
        let nobody = parts.map(|part| if part == "=" { "" } else { part });
        let Columns::Row(row) = read_record(&nobody.join("\u{1f}")).unwrap().columns else { panic!("the same") };
        assert_eq!(row.actor_id, None);
        for odd in [
            parts[..9].join("\u{1f}"),
            [parts.as_slice(), &["more"]].concat().join("\u{1f}"),
            parts.join("\u{1f}").replace("-9", "x"),
        ] {
            assert_eq!(read_record(&odd), None);
        }
    }

    #[test]
    fn a_block_is_read_only_if_each_row_is_one_entry_in_its_place() {
        let record = |seq: i64| [&seq.to_string(), "id", "0", "", "NOTE_ADDED", "", "", "{}", "", ""].join("\u{1f}");
        let read = |rows: i64, seqs: &[i64]| {
            let text = seqs.iter().map(|seq| record(*seq)).collect::<Vec<_>>().join("\u{1e}");
            read_block(&Block { rows, text }, 7).map(|entries| entries.len())
        };
        assert_eq!(read(2, &[7, 8]), Some(2));
        // One row that holds what looks like two, a row that is missing, two that changed their places.
        for (rows, seqs) in [(1, [7, 8].as_slice()), (2, &[7, 9]), (2, &[8, 9]), (2, &[8, 7]), (2, &[7])] {
            assert_eq!(read(rows, seqs), None, "{rows} {seqs:?}");
        }
    }
}
