//! Keys, checkpoints and proof files.

use proptest::prelude::{any, prop_assert, proptest};

use super::{grow, key, vectors};
use crate::{
    Checkpoint, CheckpointError, Hash, KeyError, LogKey, NOTE_BYTES_MAX, PROOF_FILE_BYTES_MAX, ProofError, ProofFile,
    ProofFileError, SignedCheckpoint, VerifierKey, leaf_hash, prove_inclusion,
};

const ORIGIN: &str = "log.example/audit";

fn checkpoint() -> Checkpoint {
    let (_, edges) = grow(&vectors());
    Checkpoint { origin: ORIGIN.to_owned(), size: 8, root: edges[8].root() }
}

#[test]
fn a_published_key_pair_belongs_together() {
    let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let key: LogKey = secret.parse().unwrap();
    let verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!((key.name(), key.verifier().to_string().as_str()), ("PeterNeumann", verifier));
    assert_eq!(key.verifier().id(), "c74f20a3");
    assert_eq!(key.secret_text(), secret);
    assert!(!format!("{key:?}").contains("AYEK"), "a key does not show its secret");
}

#[test]
fn what_is_no_key_is_refused() {
    assert_eq!(LogKey::from_secret("two words", &[1; 32]).unwrap_err(), KeyError::Name);
    assert_eq!(LogKey::from_secret("", &[1; 32]).unwrap_err(), KeyError::Name);
    assert_eq!("PRIVATE+KEY+a+00000000+AQ==".parse::<LogKey>().unwrap_err(), KeyError::Signing);
    let other_id = "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    for text in ["", "a", "a+b", "a+00000000+", "a+00000000+AQ==", other_id] {
        assert_eq!(text.parse::<VerifierKey>().unwrap_err(), KeyError::Verifier, "{text}");
    }
}

#[test]
fn a_verifier_key_has_one_spelling() {
    // The ids are right. RFC 8032, section 5.1.3, decodes neither 2^255 - 16 as 3, nor a zero with a sign.
    for text in [
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "log.example/audit+5b4ae61d+AfD///////////////////////////////////////9/",
        "log.example/audit+b6878f8c+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA",
    ] {
        assert_eq!(text.parse::<VerifierKey>().unwrap_err(), KeyError::Verifier, "{text}");
    }
    let small = "log.example/audit+2775cc48+AQMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(small.parse::<VerifierKey>().unwrap().to_string(), small);
}

#[test]
fn a_checkpoint_has_three_lines_and_a_signature() {
    let key = key(ORIGIN, 7);
    let note = checkpoint().sign(&[&key]).unwrap();
    let body = "log.example/audit\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— log.example/audit ";
    assert!(note.starts_with(body) && note.ends_with('\n'), "{note}");
    let opened = SignedCheckpoint::open(&note, &[key.verifier().clone()]).unwrap();
    assert_eq!((opened.checkpoint, opened.keys), (checkpoint(), vec![key.verifier().clone()]));
    assert_eq!(Checkpoint::read(&note).unwrap(), checkpoint());
}

#[test]
fn a_checkpoint_is_signed_by_a_key_that_is_trusted() {
    let (key, new, stranger) = (key(ORIGIN, 7), key(ORIGIN, 8), key("other.example/audit", 9));
    let verifiers = |keys: &[&LogKey]| keys.iter().map(|key| key.verifier().clone()).collect::<Vec<_>>();
    let both = checkpoint().sign(&[&key, &new]).unwrap();
    assert_eq!(SignedCheckpoint::open(&both, &verifiers(&[&new])).unwrap().keys, verifiers(&[&new]));
    assert_eq!(SignedCheckpoint::open(&both, &verifiers(&[&key, &new])).unwrap().keys.len(), 2);
    let refused = SignedCheckpoint::open(&both, &verifiers(&[&stranger])).unwrap_err();
    assert!(matches!(refused, CheckpointError::NotSigned(_)), "{refused}");
    let elsewhere = checkpoint().sign(&[&stranger]).unwrap();
    let refused = SignedCheckpoint::open(&elsewhere, &verifiers(&[&stranger])).unwrap_err();
    assert_eq!(refused, CheckpointError::OtherLog { found: ORIGIN.to_owned(), expected: "other.example/audit".to_owned() });
    let larger = both.replacen("\n8\n", "\n9\n", 1);
    assert!(matches!(SignedCheckpoint::open(&larger, &verifiers(&[&key])), Err(CheckpointError::BadSignature(_))));
}

#[test]
fn every_signature_of_a_known_key_must_be_right() {
    let (key, new) = (key(ORIGIN, 7), key(ORIGIN, 8));
    let note = checkpoint().sign(&[&key]).unwrap();
    let signature = |size| {
        let other = Checkpoint { size, ..checkpoint() }.sign(&[&key]).unwrap();
        other.rsplit_once("\n\n").unwrap().1.to_owned()
    };
    let twice = [key.verifier().clone(), key.verifier().clone(), new.verifier().clone()];
    assert!(SignedCheckpoint::open(&note, &twice).is_ok(), "a key that is named twice is one key");
    let copied = SignedCheckpoint::open(&format!("{note}{}", signature(8)), &twice).unwrap_err();
    assert_eq!(copied, CheckpointError::SignatureTwice);
    let refused = SignedCheckpoint::open(&format!("{note}{}", signature(9)), &twice).unwrap_err();
    assert!(matches!(refused, CheckpointError::BadSignature(_)), "{refused}");
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let note = checkpoint().sign(&[&key(ORIGIN, 7)]).unwrap();
    let (body, signature) = note.split_once("\n\n").unwrap();
    for (changed, expected) in [
        (String::new(), CheckpointError::NoNote),
        (body.to_owned(), CheckpointError::NoNote),
        (format!("{body}\n\n"), CheckpointError::NoNote),
        (format!("{body}\n\nsigned\n"), CheckpointError::NoNote),
        (note.trim_end().to_owned(), CheckpointError::NoNote),
        (note.replacen("\n8\n", "\n08\n", 1), CheckpointError::NoCheckpoint),
        (note.replacen("\n8\n", "\n-8\n", 1), CheckpointError::NoCheckpoint),
        (note.replacen("\n8\n", "\n99999999999999999999\n", 1), CheckpointError::NoCheckpoint),
        (note.replacen("Qyg=", "Qyh=", 1), CheckpointError::NoCheckpoint),
        (note.replacen("Qyg=", "", 1), CheckpointError::NoCheckpoint),
        (format!("{body}\nmore\n\n{signature}"), CheckpointError::NoCheckpoint),
        (format!("{ORIGIN}\n8\n\n{signature}"), CheckpointError::NoCheckpoint),
        (format!("{}{note}", "x".repeat(NOTE_BYTES_MAX)), CheckpointError::TooLong),
    ] {
        assert_eq!(Checkpoint::read(&changed), Err(expected), "{changed}");
    }
    let named = |origin: &str| Checkpoint { origin: origin.to_owned(), ..checkpoint() }.sign(&[&key(ORIGIN, 7)]);
    assert_eq!(named("line\rbreak"), Err(CheckpointError::Origin));
}

fn proof_file(extra: Option<&[u8]>) -> ProofFile {
    let (stored, _) = grow(&vectors());
    let checkpoint = checkpoint().sign(&[&key(ORIGIN, 7)]).unwrap();
    ProofFile { extra: extra.map(<[u8]>::to_vec), index: 3, proof: prove_inclusion(8, 3, &stored).unwrap(), checkpoint }
}

#[test]
fn a_proof_file_has_the_lines_of_its_format() {
    let file = proof_file(Some(b"salt"));
    let text = file.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..3], ["c2sp.org/tlog-proof@v1", "extra c2FsdA==", "index 3"]);
    assert_eq!((lines[3], lines[6], lines[7]), (file.proof[0].to_string().as_str(), "", ORIGIN));
    assert_eq!(text.parse::<ProofFile>().unwrap(), file);
    let plain = proof_file(None);
    assert_eq!(plain.to_string().parse::<ProofFile>().unwrap(), plain);
    assert_eq!(plain.check(leaf_hash(&[0x20, 0x21])).unwrap(), checkpoint());
    assert_eq!(plain.check(leaf_hash(b"other")), Err(ProofFileError::Proof(ProofError::Mismatch)));
}

#[test]
fn what_is_no_proof_file_is_refused_with_its_line() {
    let text = proof_file(Some(b"salt")).to_string();
    let line = |line, expected| ProofFileError::Line { line, expected };
    for (changed, expected) in [
        (String::new(), line(1, "c2sp.org/tlog-proof@v1")),
        (text.replacen("@v1", "@v2", 1), line(1, "c2sp.org/tlog-proof@v1")),
        (text.replacen("c2FsdA==", "c2FsdA", 1), line(2, "`extra` and base64")),
        (text.replacen("index 3", "index 03", 1), line(3, "`index` and a number")),
        (text.replacen("index 3", "index -1", 1), line(3, "`index` and a number")),
        (text.replacen("index 3\n", "", 1), line(3, "`index` and a number")),
        (text.replacen("index 3\n", "index 3\nnonsense\n", 1), line(4, "a hash in base64 or the end of the proof")),
        (text.split_once("\n\n").unwrap().0.to_owned(), line(7, "an empty line and a checkpoint")),
        (text.replacen("\n\nlog", "\n\n\nlog", 1), ProofFileError::Checkpoint(CheckpointError::NoCheckpoint)),
        (format!("{text}{}", "x".repeat(PROOF_FILE_BYTES_MAX)), ProofFileError::TooLong),
    ] {
        assert_eq!(changed.parse::<ProofFile>(), Err(expected), "{changed}");
    }
}

proptest! {
    #[test]
    fn no_text_is_too_strange_to_read(text: String, bytes in proptest::collection::vec(any::<u8>(), 0..600), at: usize, other: char) {
        let good = proof_file(Some(b"salt")).to_string();
        let at = (0..=good.len()).rev().find(|end| *end <= at % good.len() && good.is_char_boundary(*end)).unwrap();
        let changed = format!("{}{other}{}", &good[..at], &good[at..].chars().skip(1).collect::<String>());
        let _ = text.parse::<ProofFile>();
        let _ = Checkpoint::read(&text);
        let _ = text.parse::<VerifierKey>();
        let _ = text.parse::<LogKey>();
        let _ = String::from_utf8_lossy(&bytes).parse::<ProofFile>();
        let _ = changed.parse::<ProofFile>().map(|file| file.check(leaf_hash(&bytes)));
        prop_assert!(SignedCheckpoint::open(&text, &[key(ORIGIN, 7).verifier().clone()]).is_err());
    }

    #[test]
    fn a_changed_checkpoint_is_never_the_same_and_signed(at: usize, other in 32_u8..127) {
        let key = key(ORIGIN, 7);
        let note = checkpoint().sign(&[&key]).unwrap();
        let mut bytes = note.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] = other;
        if let Ok(changed) = String::from_utf8(bytes) && changed != note {
            prop_assert!(SignedCheckpoint::open(&changed, &[key.verifier().clone()]).is_err(), "{}", changed);
        }
    }

    #[test]
    fn every_checkpoint_is_read_as_it_was_written(size: u64, root: [u8; 32], origin in "[a-z0-9./-]{1,40}") {
        let key = key(&origin, 7);
        let checkpoint = Checkpoint { origin, size, root: Hash(root) };
        let note = checkpoint.sign(&[&key]).unwrap();
        let opened = SignedCheckpoint::open(&note, &[key.verifier().clone()]).unwrap();
        prop_assert!(opened.checkpoint == checkpoint && opened.note == note);
    }
}
