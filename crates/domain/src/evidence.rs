//! A file that was kept with an incident: what is known about it, and the one form that its name takes. Its bytes are the crate
//! `store`'s business.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::id::{EvidenceId, IncidentId, RunId};
use crate::text::shortened;
use crate::timestamp::Timestamp;
use crate::user::UserRef;
use crate::visible::{Place, visible};

/// The largest file, in bytes: 25 MiB.
pub const EVIDENCE_BYTES_MAX: usize = 25 * 1024 * 1024;
/// The most files of one incident.
pub const EVIDENCE_FILES_MAX: u64 = 100;
/// The longest name, in bytes of UTF-8.
pub const EVIDENCE_NAME_BYTES_MAX: usize = 200;
/// The name of a file whose own name has nothing left.
const NAMELESS: &str = "evidence";

/// A file that was kept with an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    pub id: EvidenceId,
    pub incident_id: IncidentId,
    /// Without a path, and without characters that a file's name cannot have everywhere.
    pub name: String,
    /// In bytes.
    pub size: u64,
    pub sha256: Digest,
    /// Who sent it, or asked for the run that captured it; null for a run that started by itself.
    pub added_by: Option<UserRef>,
    /// The run that captured it; null for a file that a person sent.
    pub run_id: Option<RunId>,
    pub added_at: Timestamp,
}

/// The name under which a file is kept: its last part, without control characters and what a file system or a header could take for
/// something else; and with what deceives written out, so that a download is called what it is.
#[must_use]
pub fn evidence_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_unfit(*c)).collect();
    let name = kept.trim().trim_start_matches('.').trim();
    if name.is_empty() { NAMELESS.to_owned() } else { shortened(&visible(name, Place::Line), EVIDENCE_NAME_BYTES_MAX) }
}

fn is_unfit(c: char) -> bool {
    c.is_control() || matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*' | ';' | '%')
}

#[cfg(test)]
mod tests {
    use super::{EVIDENCE_NAME_BYTES_MAX, evidence_name};

    #[test]
    fn a_name_is_a_name_and_nothing_else() {
        for (given, expected) in [
            ("mail.eml", "mail.eml"),
            ("/etc/passwd", "passwd"),
            ("..\\..\\windows\\system32\\evil.exe", "evil.exe"),
            ("../..", "evidence"),
            (".htaccess", "htaccess"),
            ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie x=1.txt"),
            ("\u{202E}fdp.exe", "‹U+202E›fdp.exe"),
            ("a\u{61C}b\u{2028}c\u{AD}.txt", "a‹U+061C›b‹U+2028›c‹U+00AD›.txt"),
            ("\u{200B}", "‹U+200B›"),
            ("\u{430}dmin.pdf", "‹U+0430›dmin.pdf"),
            ("\"quoted\".txt", "quoted.txt"),
            ("<script>.html", "script.html"),
            ("", "evidence"),
            ("\0", "evidence"),
            ("Müller 日本.pcap", "Müller 日本.pcap"),
        ] {
            assert_eq!(evidence_name(given), expected, "{given:?}");
        }
        for long in ["ä", "\u{200B}"] {
            assert!(evidence_name(&long.repeat(300)).len() <= EVIDENCE_NAME_BYTES_MAX);
        }
    }
}
