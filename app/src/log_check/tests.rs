//! A log of a few entries as its server proves it, and the same after somebody changed something on the way.

use api::audit::{
    ActorView, AuditEntryView, CheckpointView, ConsistencyProof, ErasedDetail, LogProof, ProvedEntry, SaltedDetail, TargetView,
};
use domain::audit::{ActorKind, AuditAction, EntryDraft, Origin, Outcome, Seal, Target, TargetKind, leaf_hash as digest_of};
use domain::digest::Digest;
use domain::id::{EntryId, IncidentId};
use domain::timestamp::Timestamp;
use serde_json::json;
use transparency::{
    Checkpoint, Edge, Hash, LogKey, entry_position, inclusion_positions, leaf_hash, prove_consistency, prove_inclusion,
};

use super::{KeptHead, Untrusted, check};

const ORIGIN: &str = "countersign/test";
const SIZE: u64 = 7;
/// The entry whose detail was erased, and the one that says so.
const ERASED: i64 = 5;
const ERASING: i64 = 6;
const REASON: &str = "asked for by the person";

fn key(secret: u8) -> LogKey {
    LogKey::from_secret(ORIGIN, &[secret; 32]).unwrap()
}

fn note(edge: &Edge, key: &LogKey) -> String {
    Checkpoint { origin: ORIGIN.to_owned(), size: edge.size(), root: edge.root() }.sign(&[key]).unwrap()
}

struct Log {
    shown: Vec<AuditEntryView>,
    proof: LogProof,
    /// The head over the first three entries.
    kept: KeptHead,
}

fn log() -> Log {
    let (mut edge, mut nodes, mut sealed) = (Edge::empty(), std::collections::HashMap::new(), Vec::new());
    let mut early = String::new();
    for seq in 0..SIZE.cast_signed() {
        let entry = drafted(seq).seal(Seal {
            seq,
            id: entry_id(seq),
            at: Timestamp::from_unix_ms(1_773_223_200_000 + seq),
            salt: [9; 16],
        });
        for node in edge.append(leaf_hash(entry.leaf.as_bytes())) {
            nodes.insert(node.position, node.hash);
        }
        sealed.push(entry);
        if edge.size() == 3 {
            early = note(&edge, &key(1));
        }
    }
    let digests = |hashes: Vec<Hash>| hashes.into_iter().map(|hash| Digest::from_bytes(hash.0)).collect::<Vec<_>>();
    let entries = sealed.iter().map(|entry| {
        let index = entry.seq.unsigned_abs();
        assert!(
            inclusion_positions(SIZE, index).unwrap().iter().all(|at| nodes.contains_key(at) && *at != entry_position(index))
        );
        let detail = entry.detail.as_ref().filter(|_| entry.seq != ERASED);
        let detail = detail.map(|detail| SaltedDetail { salt: hex::encode(detail.salt), canonical: detail.canonical.clone() });
        let hashes = digests(prove_inclusion(SIZE, index, &nodes).unwrap());
        ProvedEntry { seq: entry.seq, leaf: entry.leaf.clone(), detail, hashes }
    });
    let entries: Vec<ProvedEntry> = entries.collect();
    let erasures = vec![entries[ERASING as usize].clone()];
    let head = CheckpointView {
        origin: ORIGIN.to_owned(),
        size: SIZE,
        root_hash: Digest::from_bytes(edge.root().0),
        made_at: Timestamp::from_unix_ms(0),
        checkpoint: note(&edge, &key(1)),
        verifier_keys: vec![key(1).verifier().to_string()],
    };
    let growth = ConsistencyProof { from: 3, to: SIZE, hashes: digests(prove_consistency(3, SIZE, &nodes).unwrap()) };
    let proof = LogProof { head, entries, erasures, growth: Some(growth) };
    let shown = sealed.iter().map(|entry| shown(entry.seq, &entry.leaf));
    let kept = KeptHead { note: early, keys: vec![key(1).verifier().to_string()] };
    Log { shown: shown.collect(), proof, kept }
}

fn entry_id(seq: i64) -> EntryId {
    EntryId::new(format!("0190c2d4-0000-7000-8000-{seq:012}").parse().unwrap())
}

fn drafted(seq: i64) -> EntryDraft {
    let id = IncidentId::new(seq + 1);
    let draft = match seq {
        ERASING => EntryDraft::new(&Origin::system(), AuditAction::DetailErased, Target::entry(entry_id(ERASED)))
            .fact("erased_seq", ERASED)
            .detail(json!({ "reason": REASON })),
        _ => EntryDraft::new(&Origin::system(), AuditAction::NoteAdded, Target::incident(id))
            .fact("length", seq)
            .detail(json!({ "reason": format!("because of {seq}") })),
    };
    draft.incident(id)
}

/// The entry as the page shows it.
fn shown(seq: i64, leaf: &str) -> AuditEntryView {
    let EntryDraft { action, target, incident_id, detail, .. } = drafted(seq);
    let at = |seq: i64| Timestamp::from_unix_ms(1_773_223_200_000 + seq);
    let mut details = drafted(seq).facts;
    if seq != ERASED {
        details.extend(detail.unwrap().as_object().unwrap().clone());
    }
    let erased = ErasedDetail { seq: ERASING, at: at(ERASING), reason: Some(REASON.to_owned()) };
    AuditEntryView {
        seq,
        id: entry_id(seq),
        at: at(seq),
        actor: ActorView { kind: ActorKind::System, id: None, name: None },
        action,
        target: TargetView { kind: target.kind, id: target.id },
        incident_id,
        correlation_id: None,
        outcome: Outcome::Ok,
        details: details.into(),
        erased: (seq == ERASED).then_some(erased),
        leaf_hash: digest_of(leaf),
    }
}

/// What is wrong after this change, by entry.
fn wrong(change: impl FnOnce(&mut Log)) -> Vec<(i64, String)> {
    let mut log = log();
    change(&mut log);
    let checked = check(&log.proof, &log.shown, Some(&log.kept)).unwrap();
    checked.wrong().map(|(seq, wrong)| (seq, wrong.to_owned())).collect()
}

#[test]
fn a_log_as_it_was_signed_is_found_to_be_so() {
    let Log { shown, proof, kept } = log();
    let checked = check(&proof, &shown, Some(&kept)).unwrap();
    assert_eq!((checked.wrong().count(), checked.entries.len(), checked.continues), (0, 7, Some(3)));
    assert!(!checked.is_new_key);
    assert_eq!(checked.keep(Some(&kept)).keys, kept.keys);
    let first = check(&proof, &shown[2..4], None).unwrap();
    assert_eq!((first.entries.keys().copied().collect::<Vec<_>>(), first.continues), (vec![2, 3], None));
}

/// What is changed of a shown entry, and how.
type Change = (&'static str, fn(&mut AuditEntryView));

#[test]
fn every_part_of_a_shown_entry_is_compared_with_what_was_signed() {
    let changes: [Change; 11] = [
        ("column id", |view| view.id = "0190c2d4-0000-7000-8000-00000000ffff".parse().unwrap()),
        ("column at", |view| view.at = Timestamp::from_unix_ms(0)),
        ("column actor", |view| view.actor.kind = ActorKind::User),
        ("column actor", |view| view.actor.id = Some("0190c2d4-0000-7000-8000-000000000001".to_owned())),
        ("column action", |view| view.action = AuditAction::NotificationQueued),
        ("column target", |view| view.target.kind = TargetKind::Run),
        ("column target", |view| view.target.id = "INC-0000000099".to_owned()),
        ("column incident_id", |view| view.incident_id = None),
        ("column correlation_id", |view| view.correlation_id = Some("x".to_owned())),
        ("column outcome", |view| view.outcome = Outcome::Denied),
        ("details", |view| view.details["reason"] = json!("because I say so")),
    ];
    for (part, change) in changes {
        let found = wrong(|log| change(&mut log.shown[4]));
        assert!(found.len() == 1 && found[0].0 == 4 && found[0].1.contains(part), "{part}: {found:?}");
    }
    assert!(wrong(|log| log.shown[4].leaf_hash = Digest::from_bytes([0; 32]))[0].1.contains("hash"));
}

#[test]
fn a_changed_proof_proves_nothing() {
    let hidden = wrong(|log| drop(log.proof.entries.remove(4)));
    assert_eq!(hidden, [(4, "the server gave no proof of it".to_owned())]);
    let detail = wrong(|log| log.proof.entries[4].detail.as_mut().unwrap().canonical = r#"{"reason":"other"}"#.to_owned());
    assert_eq!(detail, [(4, "the detail of entry 4 is not the one that was written".to_owned())]);
    let salt = wrong(|log| log.proof.entries[4].detail.as_mut().unwrap().salt = "no salt".to_owned());
    assert_eq!(salt.len(), 1);
    let path = wrong(|log| log.proof.entries[4].hashes[0] = Digest::from_bytes([0; 32]));
    assert_eq!(path, [(4, "it is not in the log that was signed".to_owned())]);
    // A whole entry, made up with its hash: only the tree tells.
    let invented = wrong(|log| {
        let leaf = log.proof.entries[4].leaf.replace("\"ok\"", "\"denied\"");
        (log.shown[4].outcome, log.shown[4].leaf_hash) = (Outcome::Denied, digest_of(&leaf));
        log.proof.entries[4].leaf = leaf;
    });
    assert_eq!(invented, [(4, "it is not in the log that was signed".to_owned())]);
}

/// What is said, and how the log was changed.
type LogChange = (&'static str, fn(&mut Log));

#[test]
fn a_detail_is_erased_only_if_an_entry_in_the_tree_says_so() {
    const MISSING: &str = "its detail is missing, and no entry says that it was erased";
    const OTHERWISE: &str = "what is shown of how its detail was erased is not what was written";
    fn erased(log: &mut Log) -> &mut ErasedDetail {
        log.shown[ERASED as usize].erased.as_mut().unwrap()
    }
    let changes: [LogChange; 10] = [
        (MISSING, |log| log.proof.erasures.clear()),
        (MISSING, |log| log.proof.erasures[0] = log.proof.entries[4].clone()),
        (MISSING, |log| log.proof.erasures[0].hashes[0] = Digest::from_bytes([0; 32])),
        // Made up: only the tree tells.
        (MISSING, |log| log.proof.erasures[0].leaf = log.proof.erasures[0].leaf.replace("\"ok\"", "\"error\"")),
        (MISSING, |log| log.proof.erasures[0].seq = 4),
        // Why it was erased is gone too, and nothing says so of that.
        (MISSING, |log| log.proof.erasures[0].detail = None),
        (OTHERWISE, |log| erased(log).reason = Some("because I say so".to_owned())),
        (OTHERWISE, |log| erased(log).reason = None),
        (OTHERWISE, |log| erased(log).seq = 4),
        (OTHERWISE, |log| erased(log).at = Timestamp::from_unix_ms(0)),
    ];
    for (number, (expected, change)) in changes.into_iter().enumerate() {
        assert_eq!(wrong(change), [(ERASED, expected.to_owned())], "{number}");
    }
    assert_eq!(wrong(|log| log.shown[ERASED as usize].erased = None), [(ERASED, OTHERWISE.to_owned())]);
    let hidden = wrong(|log| {
        log.proof.entries[4].detail = None;
        log.shown[4].details = json!({ "length": 4 });
        log.shown[4].erased = log.shown[ERASED as usize].erased.clone();
    });
    assert_eq!(hidden, [(4, MISSING.to_owned())]);
    let untrue = wrong(|log| log.shown[4].erased = log.shown[ERASED as usize].erased.clone());
    assert_eq!(untrue, [(4, "it is shown as if its detail were erased, and it is not".to_owned())]);
}

#[test]
fn a_log_that_is_not_the_one_that_was_kept_is_not_trusted() {
    let refused = |change: fn(&mut Log)| {
        let mut log = log();
        change(&mut log);
        check(&log.proof, &log.shown, Some(&log.kept)).unwrap_err()
    };
    assert!(matches!(
        refused(|log| log.proof.head.checkpoint = log.proof.head.checkpoint.replacen("\n7\n", "\n6\n", 1)),
        Untrusted::Head(_)
    ));
    assert!(matches!(refused(|log| log.proof.head.verifier_keys = vec![key(2).verifier().to_string()]), Untrusted::Head(_)));
    assert_eq!(refused(|log| log.proof.head.verifier_keys = vec!["nonsense".to_owned()]), Untrusted::Key);
    assert_eq!(refused(|log| log.proof.growth = None), Untrusted::Diverges(3));
    let longer = |log: &mut Log| {
        let mut edge = Edge::empty();
        (0..9).for_each(|_| drop(edge.append(leaf_hash(b"x"))));
        log.kept.note = note(&edge, &key(1));
    };
    assert_eq!(refused(longer), Untrusted::Older { found: 7, kept: 9 });
    let rewritten = |log: &mut Log| {
        let mut edge = Edge::empty();
        (0..3).for_each(|_| drop(edge.append(leaf_hash(b"x"))));
        log.kept.note = note(&edge, &key(1));
    };
    assert_eq!(refused(rewritten), Untrusted::Diverges(3));
    let other = |log: &mut Log| log.kept.note = log.kept.note.replace(ORIGIN, "countersign/other");
    assert!(matches!(refused(other), Untrusted::OtherLog { .. }));
}

#[test]
fn a_key_that_this_browser_has_not_seen_is_not_good_until_it_is_kept() {
    let mut log = log();
    log.kept.keys = vec![key(2).verifier().to_string()];
    let checked = check(&log.proof, &log.shown, Some(&log.kept)).unwrap();
    assert!(checked.is_new_key && !checked.is_good());
    let kept = checked.keep(Some(&log.kept));
    assert_eq!(kept.keys.len(), 2);
    assert!(check(&log.proof, &log.shown, Some(&KeptHead { note: log.kept.note, ..kept })).unwrap().is_good());
}
