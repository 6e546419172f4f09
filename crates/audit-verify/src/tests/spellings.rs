//! Exports, proofs and kept heads that say the same in other bytes.

use super::{ORIGIN, export, kept, key, pinned, proof_file, verify};
use crate::{verify_export, verify_proof};

/// One export has one spelling.
#[test]
fn what_is_not_the_very_bytes_of_an_export_is_refused() {
    let good: String = export(10, &[4, 10]).iter().map(|line| format!("{line}\n")).collect();
    let refused = |text: &str| verify_export(text.as_bytes(), &pinned(None)).unwrap_err().to_string();
    assert!(verify_export(good.as_bytes(), &pinned(None)).is_ok());
    let line = |at: usize, from: &str, to: &str| {
        let mut lines: Vec<String> = good.lines().map(str::to_owned).collect();
        assert!(lines[at].contains(from), "{from}");
        lines[at] = lines[at].replacen(from, to, 1);
        lines.iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    for (name, text) in [
        ("line ends of another system", good.replace('\n', "\r\n")),
        ("one line end of another system", good.replacen('\n', "\r\n", 1)),
        ("the last line end of another system", format!("{}\r\n", good.trim_end())),
        ("lone carriage returns", good.replace('\n', "\r")),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("no last line end", good.trim_end().to_owned()),
        ("an empty line at the end", format!("{good}\n")),
        ("an empty line at the beginning", format!("\n{good}")),
        ("a space at the end", format!("{good} ")),
        ("an end of file of old", format!("{good}\u{1a}")),
        ("a form feed before a line", line(3, "{", "\u{c}{")),
        ("space before a line", line(3, "{", " {")),
        ("space in the first line", line(0, ":", ": ")),
        ("space after an entry", line(3, ",\"detail\":null}", ",\"detail\":null} ")),
        ("space before a leaf", line(3, ":", ": ")),
        ("space before a salt", line(1, "\"salt\":", "\"salt\": ")),
        ("space in a head", line(11, ":", ": ")),
        ("an escape in the first line", line(0, "log.example", "log\\u002eexample")),
        ("an escape in the name of a member", line(3, "\"leaf\"", "\"l\\u0065af\"")),
        ("an escape in a salt", line(1, "\"salt\":\"0", "\"salt\":\"\\u0030")),
        ("an escape in a head", line(11, "log.example", "log\\u002eexample")),
        ("a line end in a head as another escape", line(11, "\\n", "\\u000a")),
        ("a head twice", format!("{good}{}\n", good.lines().last().unwrap())),
    ] {
        assert!(!refused(&text).is_empty(), "{name}");
    }
    let swapped = |at: usize, change: &dyn Fn(&str) -> String| {
        let mut lines = export(10, &[4, 10]);
        lines[at] = change(&lines[at]);
        lines.iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    let entry = swapped(3, &|line| {
        let leaf = line.strip_prefix("{\"leaf\":").unwrap().strip_suffix(",\"detail\":null}").unwrap();
        format!("{{\"detail\":null,\"leaf\":{leaf}}}")
    });
    assert!(refused(&entry).starts_with("line 4: the line is not spelled as an export spells it"));
    let first = swapped(0, &|line| {
        let key = key().verifier().to_string();
        let other =
            format!(r#"{{"format":"countersign-audit-export/1","origin":"{ORIGIN}","verifier_key":["{key}"],"size":10}}"#);
        assert_ne!(line, other);
        other
    });
    assert!(refused(&first).starts_with("line 1: the line is not spelled"));
    let twice = swapped(0, &|line| {
        let key = format!("\"{}\"", key().verifier());
        line.replace(&key, &format!("{key},{key}"))
    });
    assert!(refused(&twice).contains("twice"));
}

/// Files beside an export are read as strictly.
#[test]
fn what_is_not_the_very_bytes_of_a_proof_or_a_kept_head_is_refused() {
    let spellings = |good: &str| {
        let last = good.strip_suffix('\n').unwrap();
        vec![
            good.replace('\n', "\r\n"),
            good.replacen('\n', "\r\n", 1),
            format!("{last}\r\n"),
            good.replace('\n', "\r"),
            last.to_owned(),
            format!("{good}\n"),
            format!("{good}\r\n"),
            format!("{good} "),
            format!("{good}x"),
            format!("\n{good}"),
            format!(" {good}"),
            format!("\u{feff}{good}"),
            format!("{good}\u{1a}"),
            format!("{good}\u{c}\n"),
        ]
    };
    let proof = proof_file(3).to_string();
    assert!(verify_proof(&proof, &pinned(None)).is_ok());
    for other in spellings(&proof) {
        assert!(verify_proof(&other, &pinned(None)).is_err(), "{other:?}");
    }
    let lines = export(10, &[4, 10]);
    assert!(verify(&lines, &pinned(Some(kept(7)))).is_ok());
    for other in spellings(&kept(7)) {
        assert!(verify(&lines, &pinned(Some(other.clone()))).is_err(), "{other:?}");
    }
}
