//! Messages of the outbox: that one goes out, and from which folder, is on record before its file is written. Servers on one database
//! have folders of their own, and a key is taken by one of them.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE outbox_messages (
    key TEXT NOT NULL PRIMARY KEY,
    outbox TEXT NOT NULL,
    body TEXT NOT NULL,
    claimed_at BIGINT NOT NULL,
    written_at BIGINT
) {keyed};
CREATE INDEX outbox_messages_unwritten ON outbox_messages (outbox, claimed_at) WHERE written_at IS NULL;
";

/// A message that was written is never forgotten: it would be written again.
const SQLITE: &str = "
CREATE TRIGGER outbox_messages_delete BEFORE DELETE ON outbox_messages WHEN OLD.written_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'DELETE of outbox_messages is refused: the message was written'); END;
CREATE TRIGGER outbox_messages_written BEFORE UPDATE OF written_at ON outbox_messages
WHEN OLD.written_at IS NOT NULL AND OLD.written_at IS NOT NEW.written_at
BEGIN SELECT RAISE(ABORT, 'UPDATE of outbox_messages is refused: the message was written'); END;
";

const POSTGRES: &str = "
CREATE TRIGGER outbox_messages_delete BEFORE DELETE ON outbox_messages FOR EACH ROW WHEN (OLD.written_at IS NOT NULL)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER outbox_messages_written BEFORE UPDATE OF written_at ON outbox_messages FOR EACH ROW
WHEN (OLD.written_at IS NOT NULL AND OLD.written_at IS DISTINCT FROM NEW.written_at) EXECUTE FUNCTION refuse_change();
";

/// The table `outbox_messages`.
pub fn change() -> Change {
    Change::new(module_path!(), up, |_| "DROP TABLE outbox_messages;".to_owned())
}

fn up(dialect: Dialect) -> String {
    [
        dialect.tables(TABLES),
        dialect.either(SQLITE, POSTGRES),
        dialect.never_again("outbox_messages", &["key"]),
        dialect.never_truncated("outbox_messages"),
        dialect.frozen("outbox_messages", "key, outbox, body, claimed_at"),
    ]
    .concat()
}
