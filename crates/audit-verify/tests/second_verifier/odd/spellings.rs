//! Files that say what a good one says, in other bytes: none is the file that was written.

use super::{SIZE, with_line};
use crate::cases::Case;
use crate::logs::{Log, text_of};

/// A place where the text is spelled otherwise: the line, what stands there, and what is put in its place.
type Respelled = (usize, &'static str, &'static str);

pub fn cases() -> Vec<Case> {
    [files(), members()].concat()
}

/// Every way to spell a text file otherwise, of an export, a proof and a kept head.
fn files() -> Vec<Case> {
    let log = Log::of(SIZE);
    let (export, proof, kept) = (text_of(&log.lines()), log.proof(5).to_string(), log.kept(3));
    let export = String::from_utf8(export).unwrap();
    let mut cases = Vec::new();
    for (name, respell) in SPELLINGS {
        cases.push(Case::log(format!("an export {name}"), respell(&export).into_bytes()));
        cases.push(Case::log(format!("a proof {name}"), respell(&proof).into_bytes()));
        let kept = Some(respell(&kept));
        cases.push(Case { kept, ..Case::log(format!("a kept head {name}"), export.clone().into_bytes()) });
    }
    let wide: Vec<u8> = export.encode_utf16().flat_map(u16::to_le_bytes).collect();
    cases.push(Case::log("an export in UTF-16", wide));
    cases.into_iter().map(|case| case.expect(false)).collect()
}

/// A way to spell a file: what it is called, and how it is done.
type Spelling = (&'static str, fn(&str) -> String);

const SPELLINGS: [Spelling; 19] = [
    ("with line ends of another system", |text| text.replace('\n', "\r\n")),
    ("with one line end of another system", |text| text.replacen('\n', "\r\n", 1)),
    ("whose last line ends as on another system", |text| format!("{}\r\n", text.strip_suffix('\n').unwrap())),
    ("with line ends of an old system", |text| text.replace('\n', "\r")),
    ("with a carriage return at its end", |text| format!("{text}\r")),
    ("with a byte order mark", |text| format!("\u{feff}{text}")),
    ("without its last line end", |text| text.strip_suffix('\n').unwrap().to_owned()),
    ("with an empty line at its end", |text| format!("{text}\n")),
    ("with two empty lines at its end", |text| format!("{text}\n\n")),
    ("with an empty line of another system at its end", |text| format!("{text}\r\n")),
    ("with a space at its end", |text| format!("{text} ")),
    ("with a line of space at its end", |text| format!("{text} \n")),
    ("with an empty line before it", |text| format!("\n{text}")),
    ("with a space before it", |text| format!(" {text}")),
    ("with a tab before it", |text| format!("\t{text}")),
    ("with a form feed at its end", |text| format!("{text}\u{c}")),
    ("with the mark of an end of old", |text| format!("{text}\u{1a}")),
    ("with a zero byte at its end", |text| format!("{text}\0")),
    ("with its last line twice", |text| format!("{text}{}\n", text.lines().last().unwrap())),
];

/// The lines of an export in other JSON.
fn members() -> Vec<Case> {
    const RESPELLED: [Respelled; 22] = [
        (0, "{\"format\":", "{ \"format\":"),
        (0, "\"format\":", "\"format\" :"),
        (0, ",\"origin\"", ", \"origin\""),
        (0, "\"origin\"", "\"\\u006frigin\""),
        (0, "audit-export/1", "audit-export\\/1"),
        (0, "\"size\":14", "\"size\":14 "),
        (0, "\"size\":14", "\"size\":1.4e1"),
        (0, "[\"", "[ \""),
        (0, "\",\"", "\" ,\""),
        (3, "{\"leaf\":", "{\"leaf\": "),
        (3, "{\"leaf\":", "{\"\\u006ceaf\":"),
        (3, "{\"leaf\":", "{\t\"leaf\":"),
        (3, ",\"detail\":", " ,\"detail\":"),
        (3, ",\"detail\":{", ",\"detail\": {"),
        (3, "{\"salt\":\"", "{ \"salt\":\""),
        (3, "\"salt\":\"a", "\"salt\":\"\\u0061"),
        (3, ",\"value\":", ",\"v\\u0061lue\":"),
        (3, ",\"value\":", ", \"value\":"),
        (SIZE + 3, "{\"checkpoint\":", "{\"checkpoint\" :"),
        (SIZE + 3, "\\n14\\n", "\\u000a14\\n"),
        (SIZE + 3, "\u{2014}", "\\u2014"),
        (SIZE + 3, "log.example/audit", "log.example\\/audit"),
    ];
    let mut cases: Vec<Case> = RESPELLED
        .iter()
        .map(|(at, from, to)| {
            with_line(&format!("line {at} with {to} for {from}"), false, *at, |line| {
                assert!(line.contains(from), "{from}: {line}");
                line.replacen(from, to, 1)
            })
        })
        .collect();
    cases.push(with_line("the first line in another order", false, 0, |line| {
        let (start, rest) = line.split_once(",\"size\":14,").unwrap();
        format!("{start},{},\"size\":14}}", rest.strip_suffix('}').unwrap())
    }));
    cases.push(with_line("an entry in another order", false, 3, |line| {
        let (leaf, detail) = line.strip_prefix("{\"leaf\":").unwrap().rsplit_once(",\"detail\":").unwrap();
        format!("{{\"detail\":{},\"leaf\":{leaf}}}", detail.strip_suffix('}').unwrap())
    }));
    cases.push(with_line("a detail in another order", false, 3, |line| {
        let (leaf, detail) = line.split_once(",\"detail\":{").unwrap();
        let (salt, value) = detail.split_once(",\"value\":").unwrap();
        format!("{leaf},\"detail\":{{\"value\":{},{salt}}}}}", value.strip_suffix("}}").unwrap())
    }));
    cases
}
