//! Logs made from entries and a key, and what becomes of them when anything in them is changed.

mod spellings;

use domain::audit::verification::{Columns, StoredEntry};
use domain::audit::{AuditAction, EntryDraft, Origin, Seal, Target};
use domain::id::{EntryId, IncidentId, UserId};
use domain::timestamp::Timestamp;
use proptest::prelude::{prop_assert, proptest};
use serde_json::json;
use transparency::{Checkpoint, CheckpointError, Edge, LogKey, ProofFile, inclusion_positions, leaf_hash, prove_inclusion};

use crate::{Fault, Trust, Verdict, verify_export, verify_proof};

const ORIGIN: &str = "log.example/audit";

fn key() -> LogKey {
    LogKey::from_secret(ORIGIN, &[7; 32]).unwrap()
}

/// The lines of an entry, and its leaf.
fn entry(seq: i64) -> (String, String) {
    let id = EntryId::new(format!("0190c2d4-0000-7000-8000-{seq:012}").parse().unwrap());
    let draft =
        EntryDraft::new(&Origin::system(), AuditAction::UserCreated, Target::user(UserId::new(id.to_string().parse().unwrap())));
    let draft = if seq % 3 == 0 { draft.detail(json!({ "network": format!("192.0.2.{seq}") })) } else { draft };
    let sealed = draft.seal(Seal { seq, id, at: Timestamp::from_unix_ms(1_773_223_200_000 + seq), salt: [seq as u8; 16] });
    let detail = sealed
        .detail
        .map_or("null".to_owned(), |detail| format!(r#"{{"salt":"{}","value":{}}}"#, hex::encode(detail.salt), detail.canonical));
    (format!(r#"{{"leaf":{},"detail":{detail}}}"#, sealed.leaf), sealed.leaf)
}

/// A log of so many entries, with signed heads of these sizes.
fn export(size: i64, heads: &[u64]) -> Vec<String> {
    let key = key();
    let mut lines = vec![json!({ "format": "countersign-audit-export/1", "origin": ORIGIN, "verifier_key": [key.verifier().to_string()], "size": size }).to_string()];
    let mut edges = vec![Edge::empty()];
    for seq in 0..size {
        let (line, leaf) = entry(seq);
        lines.push(line);
        let mut edge = edges.last().unwrap().clone();
        edge.append(leaf_hash(leaf.as_bytes()));
        edges.push(edge);
    }
    lines.extend(heads.iter().map(|head| json!({ "checkpoint": note(&edges[*head as usize]) }).to_string()));
    lines
}

fn note(edge: &Edge) -> String {
    Checkpoint { origin: ORIGIN.to_owned(), size: edge.size(), root: edge.root() }.sign(&[&key()]).unwrap()
}

fn kept(size: i64) -> String {
    let last = export(size, &[size as u64]).pop().unwrap();
    serde_json::from_str::<serde_json::Value>(&last).unwrap()["checkpoint"].as_str().unwrap().to_owned()
}

fn verify(lines: &[String], trust: &Trust) -> Result<Verdict, Fault> {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    verify_export(text.as_bytes(), trust)
}

fn pinned(kept: Option<String>) -> Trust {
    Trust { keys: vec![key().verifier().clone()], kept }
}

#[test]
fn a_log_as_it_was_signed_is_ok() {
    let lines = export(10, &[4, 10]);
    let verdict = verify(&lines, &pinned(Some(kept(7)))).unwrap();
    assert_eq!((verdict.head.size, verdict.heads, verdict.erased, verdict.continues), (10, 2, 0, Some(7)));
    assert!(verdict.key_pinned && verdict.to_string().contains("key pinned"));
    let by_itself = verify(&lines, &Trust::default()).unwrap();
    assert!(by_itself.to_string().contains("key not pinned"));
}

/// The line without its detail.
fn bare(line: &str) -> String {
    let detail = line.find(r#","detail":{"salt""#).unwrap();
    format!(r#"{},"detail":null}}"#, &line[..detail])
}

/// A log of ten entries, and an eleventh that says that the detail of the fourth was erased; with a head over everything.
fn erased() -> Vec<String> {
    let mut lines = export(10, &[]);
    let id = |seq: i64| EntryId::new(format!("0190c2d4-0000-7000-8000-{seq:012}").parse().unwrap());
    let draft = EntryDraft::new(&Origin::system(), AuditAction::DetailErased, Target::entry(id(3))).fact("erased_seq", 3);
    let leaf = draft.seal(Seal { seq: 10, id: id(10), at: Timestamp::from_unix_ms(1_773_223_200_010), salt: [0; 16] }).leaf;
    let mut edge = Edge::empty();
    (0..10).for_each(|seq| drop(edge.append(leaf_hash(entry(seq).1.as_bytes()))));
    edge.append(leaf_hash(leaf.as_bytes()));
    lines[0] = lines[0].replace("\"size\":10", "\"size\":11");
    lines[4] = bare(&lines[4]);
    lines.push(format!(r#"{{"leaf":{leaf},"detail":null}}"#));
    lines.push(json!({ "checkpoint": note(&edge) }).to_string());
    lines
}

#[test]
fn an_erased_detail_leaves_every_proof_as_it_is() {
    assert_eq!(verify(&erased(), &pinned(Some(kept(7)))).unwrap().erased, 1);
}

#[test]
fn a_detail_that_is_gone_without_an_entry_is_named() {
    let said = |lines: &[String]| verify(lines, &pinned(Some(kept(7)))).unwrap_err().to_string();
    let mut all = export(10, &[10]);
    for at in [10, 7, 4, 1] {
        all[at] = bare(&all[at]);
        let expected = format!("the detail of entry {} is missing, and no entry says that it was erased", at - 1);
        assert_eq!(said(&all), expected);
    }
    let mut one_more = erased();
    one_more[7] = bare(&one_more[7]);
    assert_eq!(said(&one_more), "the detail of entry 6 is missing, and no entry says that it was erased");
    let mut put_back = erased();
    put_back[4] = export(10, &[])[4].clone();
    assert_eq!(said(&put_back), "the detail of entry 3 is there, and entry 10 says that it was erased");
}

#[test]
fn the_first_wrong_entry_is_named() {
    let good = export(10, &[4, 10]);
    let said = |change: &dyn Fn(&mut Vec<String>), trust: &Trust| {
        let mut lines = good.clone();
        change(&mut lines);
        verify(&lines, trust).unwrap_err().to_string()
    };
    let trust = pinned(None);
    assert_eq!(said(&|lines| drop(lines.remove(6)), &trust), "entries 5 to 5 are missing");
    assert_eq!(said(&|lines| lines.swap(3, 4), &trust), "entries 2 to 2 are missing");
    assert_eq!(said(&|lines| lines.insert(5, lines[4].clone()), &trust), "entry 3 stands out of order");
    assert_eq!(
        said(&|lines| lines[8] = lines[8].replace("\"ok\"", "\"denied\""), &trust),
        "entries 4 to 9 are not what was signed: one of them was changed, removed, added or moved"
    );
    assert_eq!(
        said(&|lines| lines[8] = lines[8].replace(",\"outcome\"", ", \"outcome\""), &trust),
        "the leaf of entry 7 is not canonical JSON"
    );
    assert_eq!(
        said(&|lines| lines[7] = lines[7].replace("192.0.2.6", "192.0.2.7"), &trust),
        "the detail of entry 6 is not the one that was written"
    );
    assert_eq!(
        said(&|lines| drop(lines.remove(10)), &trust),
        "the export says 10 entries, and there are 9: entries are missing at the end"
    );
    assert_eq!(said(&|lines| drop(lines.pop()), &trust), "no signed head covers all 10 entries");
    let other = Trust { keys: vec![LogKey::from_secret(ORIGIN, &[8; 32]).unwrap().verifier().clone()], kept: None };
    assert!(said(&|_| {}, &other).starts_with("a signed head: none of the keys"));
}

#[test]
fn a_line_is_an_object_with_exactly_its_members() {
    let refused = |at: usize, change: &dyn Fn(&str) -> String| {
        let mut lines = export(10, &[10]);
        lines[at] = change(&lines[at]);
        verify(&lines, &pinned(None)).unwrap_err().to_string()
    };
    // Serde reads a list as a struct.
    let head = |line: &str| {
        let head: serde_json::Value = serde_json::from_str(line).unwrap();
        json!([head["format"], head["origin"], head["verifier_key"], head["size"]]).to_string()
    };
    assert!(refused(0, &head).contains("line 1: this is no export"));
    assert!(refused(11, &|line| line.replace("{\"checkpoint\":", "[").replace('}', "]")).contains("not spelled"));
    let detail = |line: &str| line.replace("{\"salt\":", "[").replace("\"value\":", "").replace("}}}", "}]}");
    assert!(refused(1, &detail).contains("not spelled"));
    assert!(refused(2, &|line| line.replace(",\"detail\":null}", "}")).contains("missing field `detail`"));
}

#[test]
fn heads_are_in_order_and_of_one_log() {
    let mut lines = export(10, &[10, 4]);
    assert!(matches!(verify(&lines, &pinned(None)), Err(Fault::HeadOrder)));
    let elsewhere = LogKey::from_secret("log.example/other", &[8; 32]).unwrap();
    let mut edge = Edge::empty();
    (0..4).for_each(|seq| drop(edge.append(leaf_hash(entry(seq).1.as_bytes()))));
    let other = Checkpoint { origin: elsewhere.name().to_owned(), size: 4, root: edge.root() }.sign(&[&elsewhere]).unwrap();
    let keys = vec![key().verifier().clone(), elsewhere.verifier().clone()];
    let kept = verify(&export(10, &[10]), &Trust { keys: keys.clone(), kept: Some(other.clone()) });
    assert!(matches!(kept, Err(Fault::Kept(CheckpointError::OtherLog { .. }))));
    lines.swap(11, 12);
    lines[11] = json!({ "checkpoint": other }).to_string();
    assert!(matches!(verify(&lines, &Trust { keys, kept: None }), Err(Fault::Head(CheckpointError::OtherLog { .. }))));
}

#[test]
fn a_key_that_was_replaced_signs_nothing_from_there_on() {
    let new = LogKey::from_secret(ORIGIN, &[8; 32]).unwrap();
    let trust = |kept| Trust { keys: vec![key().verifier().clone(), new.verifier().clone()], kept };
    let replacing = |places: &[i64]| {
        let (mut edge, mut reader, mut heads) = (Edge::empty(), crate::LogReader::default(), vec![]);
        for seq in 0..6 {
            let id = EntryId::new(format!("0190c2d4-0000-7000-8000-{seq:012}").parse().unwrap());
            let draft = EntryDraft::new(&Origin::system(), AuditAction::LogKeyAdded, Target::log(ORIGIN));
            let draft = if places.contains(&seq) { draft.fact("replaces", key().verifier().to_string()) } else { draft };
            let leaf = draft.seal(Seal { seq, id, at: Timestamp::from_unix_ms(0), salt: [0; 16] }).leaf;
            edge.append(leaf_hash(leaf.as_bytes()));
            reader.add(&StoredEntry { seq, columns: Columns::None, leaf, hash_start: None, detail: None }).unwrap();
            let head = Checkpoint { origin: ORIGIN.to_owned(), size: edge.size(), root: edge.root() };
            heads.push([head.sign(&[&key()]).unwrap(), head.sign(&[&new]).unwrap()]);
        }
        (reader, heads)
    };
    // The entry 2 is covered by heads of 3 and more entries.
    let (reader, heads) = replacing(&[2, 5]);
    let judged = |older: usize, kept: usize| {
        let notes = [heads[older - 1][0].clone(), heads[5][1].clone()];
        reader.conclude(&notes, &[], &trust(Some(heads[kept - 1][0].clone())))
    };
    assert!(judged(2, 2).is_ok());
    assert!(matches!(judged(3, 2), Err(Fault::Replaced { size: 3, .. })), "the second time does not put it off");
    assert!(matches!(judged(2, 3), Err(Fault::Replaced { size: 3, .. })), "nor is a kept head excepted");
}

#[test]
fn history_cannot_be_rewritten_behind_a_kept_head() {
    // Whoever holds the key signs a log with another entry 3: only the kept head tells.
    let mut lines = export(10, &[]);
    lines[4] = lines[4].replace("\"ok\"", "\"error\"");
    let mut edge = Edge::empty();
    for line in &lines[1..] {
        let leaf = &line[8..line.find(",\"detail\":{").or_else(|| line.rfind(",\"detail\":null")).unwrap()];
        edge.append(leaf_hash(leaf.as_bytes()));
    }
    lines.push(json!({ "checkpoint": note(&edge) }).to_string());
    assert!(verify(&lines, &pinned(None)).is_ok());
    assert!(matches!(verify(&lines, &pinned(Some(kept(7)))), Err(Fault::Diverges(7))));
    assert!(matches!(verify(&export(5, &[5]), &pinned(Some(kept(7)))), Err(Fault::Older { kept: 7, found: 5 })));
    let changed = kept(7).replacen("\n7\n", "\n6\n", 1);
    assert!(matches!(verify(&export(8, &[8]), &pinned(Some(changed))), Err(Fault::Kept(_))));
}

#[test]
fn a_server_that_broke_a_rule_is_caught_by_its_own_log() {
    let incident = IncidentId::new(1);
    let moved = EntryDraft::new(&Origin::system(), AuditAction::StateChanged, Target::incident(incident))
        .incident(incident)
        .fact("from", "new")
        .fact("to", "closed");
    let made = EntryDraft::new(&Origin::system(), AuditAction::IncidentCreated, Target::incident(incident)).incident(incident);
    let mut edge = Edge::empty();
    let mut lines =
        vec![json!({ "format": "countersign-audit-export/1", "origin": ORIGIN, "verifier_key": [key().verifier().to_string()], "size": 2 }).to_string()];
    for (draft, seq) in [made, moved].into_iter().zip(0..) {
        let id = EntryId::new(format!("0190c2d4-0000-7000-8000-{seq:012}").parse().unwrap());
        let leaf = draft.seal(Seal { seq, id, at: Timestamp::from_unix_ms(0), salt: [0; 16] }).leaf;
        edge.append(leaf_hash(leaf.as_bytes()));
        lines.push(format!(r#"{{"leaf":{leaf},"detail":null}}"#));
    }
    lines.push(json!({ "checkpoint": note(&edge) }).to_string());
    let fault = verify(&lines, &pinned(None)).unwrap_err().to_string();
    assert_eq!(fault, "entry 1 breaks a rule: no rule lets system move INC-0000000001 from new to closed");
}

/// The proof file of an entry in a log of five.
fn proof_file(seq: u64) -> ProofFile {
    let (mut edge, mut hashes) = (Edge::empty(), std::collections::HashMap::new());
    let leaves: Vec<String> = (0..5).map(|seq| entry(seq).1).collect();
    for leaf in &leaves {
        hashes.extend(edge.append(leaf_hash(leaf.as_bytes())).into_iter().map(|node| (node.position, node.hash)));
    }
    assert!(inclusion_positions(5, seq).unwrap().iter().all(|position| hashes.contains_key(position)));
    let proof = prove_inclusion(5, seq, &hashes).unwrap();
    ProofFile {
        extra: Some(leaves[usize::try_from(seq).unwrap()].clone().into_bytes()),
        index: seq,
        proof,
        checkpoint: note(&edge),
    }
}

#[test]
fn one_entry_is_proved_by_its_file_and_the_key() {
    let proved = verify_proof(&proof_file(3).to_string(), &pinned(None)).unwrap();
    assert_eq!((proved.leaf, proved.head.size), (entry(3).1, 5));
    let said = |file: ProofFile, trust: &Trust| verify_proof(&file.to_string(), trust).unwrap_err().to_string();
    assert!(said(proof_file(3), &Trust::default()).starts_with("a proof file carries no key"));
    let elsewhere = ProofFile { index: 2, ..proof_file(3) };
    assert_eq!(said(elsewhere, &pinned(None)), "this is no proof of an entry: the proof does not lead to the root");
    let other = ProofFile { extra: Some(entry(2).1.into_bytes()), ..proof_file(3) };
    assert_eq!(said(other, &pinned(None)), "this is no proof of an entry: the proof does not lead to the root");
    let bare = ProofFile { extra: None, ..proof_file(3) };
    assert_eq!(said(bare, &pinned(None)), "the proof file does not hold the entry that it proves");
    let binary = ProofFile { extra: Some(vec![0xff]), ..proof_file(3) };
    assert_eq!(said(binary, &pinned(None)), "the proof file does not hold the entry that it proves");
    let unsigned = Trust { keys: vec![LogKey::from_secret(ORIGIN, &[8; 32]).unwrap().verifier().clone()], kept: None };
    assert!(said(proof_file(3), &unsigned).starts_with("a signed head: none of the keys"));
}

#[test]
fn what_is_no_export_is_refused_with_its_line() {
    for (text, expected) in [
        ("", "line 1: this is no export of an audit log: it is empty"),
        ("{}\n", "line 1: this is no export of an audit log: missing field `format`"),
        ("x", "line 1: the line has no end: the file is cut off"),
    ] {
        let refused = verify_export(text.as_bytes(), &Trust::default()).unwrap_err().to_string();
        assert!(refused.starts_with(expected), "{text}: {refused}");
    }
    let mut other = export(1, &[1]);
    other[0] = other[0].replace("export/1", "export/2");
    assert!(verify(&other, &Trust::default()).unwrap_err().to_string().contains("its format is"));
    let endless = vec![b'x'; 9 * 1024 * 1024];
    assert!(matches!(verify_export(endless.as_slice(), &Trust::default()), Err(Fault::LongLine(1))));
}

proptest! {
    #[test]
    fn any_single_change_of_a_byte_is_found(at: usize, byte: u8) {
        let lines = export(10, &[4, 10]);
        let mut text: Vec<u8> = lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
        let at = at % text.len();
        if text[at] != byte {
            text[at] = byte;
            // A byte of the first line may name another key or nothing that matters; what it says is checked against the pinned key.
            if let Ok(verdict) = verify_export(text.as_slice(), &pinned(Some(kept(7)))) {
                prop_assert!(verdict.head.size == 10 && at < lines[0].len(), "byte {} became {}", at, byte);
            }
        }
    }

    #[test]
    fn any_single_change_of_a_byte_of_a_proof_is_found(at: usize, byte: u8) {
        let good = proof_file(3).to_string();
        let mut text = good.clone().into_bytes();
        let at = at % text.len();
        text[at] = byte;
        if let Ok(changed) = String::from_utf8(text) {
            prop_assert!(changed == good || verify_proof(&changed, &pinned(None)).is_err(), "byte {} became {}", at, byte);
        }
    }

    #[test]
    fn no_file_is_too_strange_to_read(text: String, bytes: Vec<u8>) {
        prop_assert!(verify_export(text.as_bytes(), &Trust::default()).is_err());
        prop_assert!(verify_export(bytes.as_slice(), &Trust::default()).is_err());
        let after = format!("{}\n{text}\n", export(0, &[])[0]);
        prop_assert!(verify_export(after.as_bytes(), &Trust::default()).is_err());
    }
}
