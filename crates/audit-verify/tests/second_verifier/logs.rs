//! Logs as a server writes them: a story of incidents, approvals and runs, its tree, and heads that one key or two signed.

use std::collections::HashMap;

use domain::approval::{ApprovalStatus, Decision};
use domain::audit::{ActorKind, AuditAction, AuditActor, EntryDraft, Origin, Seal, SealedDetail, Target};
use domain::id::{ApprovalId, EntryId, IncidentId, RunId, UserId};
use domain::incident::State;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use transparency::{Checkpoint, Edge, LogKey, ProofFile, VerifierKey, leaf_hash, prove_inclusion};

pub const ORIGIN: &str = "log.example/audit";
pub const ASKER: &str = "0190c2d4-0000-7000-8000-000000000001";
const APPROVER: &str = "0190c2d4-0000-7000-8000-000000000002";
const SECOND: &str = "0190c2d4-0000-7000-8000-000000000003";
const PLAN: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// When the first entry was written.
const BEGAN_MS: i64 = 1_773_223_200_000;
/// Entries from an incident's making to its end.
const STORY_STEPS: i64 = 15;

/// The key of this name that is made of this byte.
pub fn key(name: &str, byte: u8) -> LogKey {
    LogKey::from_secret(name, &[byte; 32]).unwrap()
}

/// The first key of the log, and the one that it was changed for.
pub fn log_keys() -> [LogKey; 2] {
    [key(ORIGIN, 7), key(ORIGIN, 8)]
}

/// An entry as an export has it.
#[derive(Clone)]
pub struct Entry {
    pub leaf: String,
    pub detail: Option<SealedDetail>,
}

impl Entry {
    /// Its line, whose detail may have been erased.
    pub fn line(&self) -> String {
        let detail = self.detail.as_ref().map_or("null".to_owned(), |detail| {
            format!(r#"{{"salt":"{}","value":{}}}"#, hex::encode(detail.salt), detail.canonical)
        });
        format!(r#"{{"leaf":{},"detail":{detail}}}"#, self.leaf)
    }
}

/// A log whose heads are signed when it is written out: what is changed in its entries before was changed by whoever has its keys.
#[derive(Clone)]
pub struct Log {
    pub entries: Vec<Entry>,
    /// The size of each head, and which of the log's keys signed it.
    pub heads: Vec<(usize, Vec<usize>)>,
}

impl Log {
    /// The story up to so many entries: heads on the way, the first by the first key, the last by both, and the details erased of which an
    /// entry says so.
    pub fn of(size: usize) -> Self {
        let mut entries: Vec<Entry> = (0..).take(size).map(entry).collect();
        let told = (0..size).filter(|seq| *seq as i64 % STORY_STEPS == STORY_STEPS - 1);
        told.for_each(|seq| entries[seq + 1 - STORY_STEPS as usize].detail = None);
        let mut heads = vec![(size / 3, vec![0]), (size / 2, vec![1]), (size, vec![0, 1])];
        heads.dedup_by_key(|(size, _)| *size);
        Self { entries, heads }
    }

    /// The tree after so many entries.
    pub fn edge(&self, size: usize) -> Edge {
        let mut edge = Edge::empty();
        self.entries[..size].iter().for_each(|entry| drop(edge.append(leaf_hash(entry.leaf.as_bytes()))));
        edge
    }

    /// A head of this size by these keys, under this name.
    pub fn note(&self, size: usize, origin: &str, keys: &[&LogKey]) -> String {
        let edge = self.edge(size);
        Checkpoint { origin: origin.to_owned(), size: edge.size(), root: edge.root() }.sign(keys).unwrap()
    }

    /// A head of this size by both keys.
    pub fn kept(&self, size: usize) -> String {
        let keys = log_keys();
        self.note(size, ORIGIN, &keys.each_ref())
    }

    /// The lines of its export.
    pub fn lines(&self) -> Vec<String> {
        let keys = log_keys();
        let verifiers = keys.each_ref().map(|key| key.verifier().to_string());
        let head = json!({ "format": "countersign-audit-export/1", "origin": ORIGIN, "verifier_key": verifiers, "size": self.entries.len() });
        let notes = self.heads.iter().map(|(size, signers)| {
            let signers: Vec<&LogKey> = signers.iter().map(|signer| &keys[*signer]).collect();
            head_line(&self.note(*size, ORIGIN, &signers))
        });
        std::iter::once(head.to_string()).chain(self.entries.iter().map(Entry::line)).chain(notes).collect()
    }

    /// The proof of the entry at this place.
    pub fn proof(&self, index: usize) -> ProofFile {
        let (mut edge, mut hashes) = (Edge::empty(), HashMap::new());
        for entry in &self.entries {
            hashes.extend(edge.append(leaf_hash(entry.leaf.as_bytes())).into_iter().map(|node| (node.position, node.hash)));
        }
        ProofFile {
            extra: Some(self.entries[index].leaf.clone().into_bytes()),
            index: index as u64,
            proof: prove_inclusion(edge.size(), index as u64, &hashes).unwrap(),
            checkpoint: self.kept(self.entries.len()),
        }
    }
}

/// The line of a signed head.
pub fn head_line(note: &str) -> String {
    json!({ "checkpoint": note }).to_string()
}

/// Lines as a file has them.
pub fn text_of(lines: &[String]) -> Vec<u8> {
    lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
}

/// The keys that an auditor pins.
pub fn pinned() -> Vec<String> {
    log_keys().each_ref().map(|key| VerifierKey::to_string(key.verifier())).to_vec()
}

/// The entry at this place of the story.
pub fn entry(seq: i64) -> Entry {
    seal(story(seq), seq)
}

/// The entry of this draft at this place.
pub fn seal(draft: EntryDraft, seq: i64) -> Entry {
    let sealed = draft.seal(Seal {
        seq,
        id: entry_id(seq),
        at: Timestamp::from_unix_ms(BEGAN_MS + seq),
        salt: [0xa0 | (seq as u8 & 0xf); 16],
    });
    Entry { leaf: sealed.leaf, detail: sealed.detail }
}

fn story(seq: i64) -> EntryDraft {
    let number = seq / STORY_STEPS + 1;
    let (incident, approval, run) = (IncidentId::new(number), ApprovalId::new(number), RunId::new(number));
    let moved = |actor: Option<&str>, from: State, to: State| {
        draft(actor, AuditAction::StateChanged, Target::incident(incident)).fact_named("from", from).fact_named("to", to)
    };
    let decided = |by: &str, status: ApprovalStatus| {
        draft(Some(by), AuditAction::ApprovalDecided, Target::approval(approval))
            .fact_named("decision", Decision::Approve)
            .fact_named("status", status)
            .fact("plan_digest", PLAN)
            .fact_named("decided_at", Timestamp::from_unix_ms(BEGAN_MS + seq))
            .detail(json!({ "reason": "looks \"right\" – \u{1f600}\n" }))
    };
    match seq % STORY_STEPS {
        0 => draft(None, AuditAction::IncidentCreated, Target::incident(incident)).detail(json!({ "title": "Zoë's laptop" })),
        1 => moved(None, State::New, State::Classified),
        2 => draft(Some(ASKER), AuditAction::UserCreated, Target::user(UserId::new(ASKER.parse().unwrap())))
            .detail(json!({ "network": format!("192.0.2.{seq}") })),
        3 => asked(approval, run),
        4 => moved(Some(ASKER), State::Classified, State::AwaitingApproval),
        5 => decided(APPROVER, ApprovalStatus::Pending),
        6 => decided(SECOND, ApprovalStatus::Approved),
        7 => moved(Some(SECOND), State::AwaitingApproval, State::InProgress),
        8 => draft(None, AuditAction::PlaybookStarted, Target::run(run)),
        9 => draft(None, AuditAction::ActionStarted, Target::run(run)).fact_named("approval_id", approval),
        10 => moved(None, State::InProgress, State::Contained),
        11 => moved(Some(ASKER), State::Contained, State::Resolved).detail(json!({ "reason": "cleaned" })),
        12 => moved(Some(ASKER), State::Resolved, State::Closed).detail(json!({})),
        14 => erasing(seq - STORY_STEPS + 1),
        _ => draft(Some(ASKER), AuditAction::NoteAdded, Target::incident(incident))
            .fact("lines", 3)
            .fact("\u{fb33}", Value::Null)
            .fact("\u{1f600}", true)
            .detail(json!({ "score": 0.1, "large": 1e21, "list": [1, -7, 5e-324, 1e-7, 123_456.789] })),
    }
}

/// An entry that says that the detail of the entry with this `seq` was erased.
pub fn erasing(seq: i64) -> EntryDraft {
    let entry = draft(None, AuditAction::DetailErased, Target::entry(entry_id(seq))).fact("erased_seq", seq);
    entry.detail(json!({ "reason": "asked for by the person" }))
}

fn entry_id(seq: i64) -> EntryId {
    EntryId::new(format!("0190c2d4-0000-7000-8000-{seq:012}").parse().unwrap())
}

fn asked(approval: ApprovalId, run: RunId) -> EntryDraft {
    draft(Some(ASKER), AuditAction::ApprovalRequested, Target::approval(approval))
        .fact_named("run_id", run)
        .fact("plan_digest", PLAN)
        .fact("quorum", 2)
        .fact_named("expires_at", Timestamp::from_unix_ms(BEGAN_MS + 3_600_000))
        .fact("contributors", vec![ASKER])
}

pub fn draft(actor: Option<&str>, action: AuditAction, target: Target) -> EntryDraft {
    let kind = if actor.is_some() { ActorKind::User } else { ActorKind::System };
    let actor = AuditActor { id: actor.map(str::to_owned), kind };
    EntryDraft { actor, ..EntryDraft::new(&Origin::system(), action, target) }
}
