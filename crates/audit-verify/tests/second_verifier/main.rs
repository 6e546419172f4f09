//! Two verifiers that share nothing but the specifications judge the same files: logs of several sizes as a server writes them, files that are
//! odd in one way each, and random changes of all kinds. Whatever the one calls sound the other must, too.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod cases;
mod changes;
mod logs;
mod odd;
mod people;

use cases::{Case, judge, python};
use changes::CHANGES;
use logs::Log;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// A complete tree, one more, one less, and what lies between.
const SIZES: [usize; 7] = [0, 1, 2, 3, 7, 8, 33];
/// How often each kind of change is made.
const TURNS: usize = 60;

/// Both must agree on each file, and be right where that is known; gives how many of the files are sound.
fn expect_agreement(cases: &[Case], python: &str) -> usize {
    let said = judge(cases, python);
    let wrong: Vec<String> = cases
        .iter()
        .zip(&said)
        .filter(|(case, (rust, second))| rust.sound != second.sound || case.sound.is_some_and(|sound| sound != rust.sound))
        .map(|(case, (rust, second))| {
            format!("{} (expected: {:?})\n  Rust: {}\n  Python: {}", case.name, case.sound, rust.text, second.text)
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    said.iter().filter(|(rust, _)| rust.sound).count()
}

#[test]
fn both_call_a_log_sound_that_is_as_it_was_signed() {
    let Some(python) = python() else { return };
    let logs = SIZES.map(Log::of);
    let whole = logs.iter().map(|log| Case::whole(log).expect(true));
    let unpinned = logs.iter().map(|log| Case { keys: Vec::new(), ..Case::whole(log) }.expect(true));
    let proofs = logs.iter().flat_map(|log| {
        let proof =
            |at| Case::log(format!("the proof of entry {at} of {}", log.entries.len()), log.proof(at).to_string().into_bytes());
        (0..log.entries.len()).map(move |at| proof(at).expect(true))
    });
    expect_agreement(&whole.chain(unpinned).chain(proofs).collect::<Vec<_>>(), &python);
}

#[test]
fn both_judge_alike_what_is_odd_in_one_way() {
    let Some(python) = python() else { return };
    expect_agreement(&odd::cases(), &python);
}

#[test]
fn both_find_whoever_signs_with_the_account_of_somebody_who_takes_part() {
    let Some(python) = python() else { return };
    expect_agreement(&people::cases(), &python);
}

#[test]
fn both_judge_alike_whatever_was_changed_at_random() {
    let Some(python) = python() else { return };
    let mut random = StdRng::seed_from_u64(20_261_128);
    let logs: Vec<Log> = SIZES[1..].iter().map(|size| Log::of(*size)).collect();
    let mut cases = Vec::new();
    for (name, change) in CHANGES {
        for turn in 0..TURNS {
            let log = &logs[turn % logs.len()];
            cases.push(Case { name: format!("{name}, {turn}, in a log of {}", log.entries.len()), ..change(log, &mut random) });
        }
    }
    let sound = expect_agreement(&cases, &python);
    // Changes of what was signed, or is trusted, leave many a log sound; otherwise that half of the verifiers would not be compared.
    assert!((cases.len() / 10..cases.len() / 2).contains(&sound), "{sound} of {} are sound", cases.len());
}
