//! What things are called on the screen. One place, so that a state has one name wherever it stands.

use domain::approval::ApprovalStatus;
use domain::audit::AuditAction;
use domain::incident::State;
use domain::observable::ObservableKind;
use domain::run::RunStatus;
use domain::score::Factor;

/// A state of an incident.
pub const fn state(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::Classified => "classified",
        State::AwaitingApproval => "awaiting approval",
        State::InProgress => "in progress",
        State::Contained => "contained",
        State::Resolved => "resolved",
        State::Closed => "closed",
    }
}

/// The button that moves an incident by hand.
pub const fn transition(from: State, to: State) -> &'static str {
    match (from, to) {
        (State::Resolved | State::Closed, State::Classified) => "Reopen",
        (_, State::InProgress) => "Start work",
        (_, State::Contained) => "Mark contained",
        (_, State::Resolved) => "Resolve",
        (_, State::Closed) => "Close",
        _ => "Move",
    }
}

/// What the person should say when an incident is moved there by hand.
pub const fn transition_question(from: State, to: State) -> &'static str {
    match (from, to) {
        (State::Resolved | State::Closed, State::Classified) => "Why is it open again?",
        (State::Classified, State::Closed) => "Why is there nothing to do? For example: false positive, duplicate of INC-…",
        (_, State::Contained) => "What holds the threat now?",
        (_, State::Resolved) => "What was removed and recovered?",
        (_, State::Closed) => "What was it in the end, and what is learned from it?",
        _ => "Why?",
    }
}

/// A status of a run.
pub const fn run_status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::AwaitingApproval => "awaiting approval",
        RunStatus::Queued => "queued",
        RunStatus::Running => "running",
        RunStatus::Paused => "paused: a step's outcome is unknown",
        RunStatus::Succeeded => "succeeded",
        RunStatus::Failed => "failed",
        RunStatus::Cancelled => "cancelled",
        RunStatus::Rejected => "rejected",
    }
}

/// The same in a list, in one or two words.
pub const fn run_status_short(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Paused => "paused",
        other => run_status(other),
    }
}

/// A status of an approval.
pub const fn approval_status(status: ApprovalStatus) -> &'static str {
    status.as_str()
}

/// A row of the score's explanation.
pub const fn factor(factor: Factor) -> &'static str {
    match factor {
        Factor::Base => "Base",
        Factor::Confidence => "Confidence",
        Factor::PrivilegedAccount => "Privileged account",
        Factor::CriticalAsset => "Critical asset",
        Factor::Verdict => "Verdict",
        Factor::CorrelatedAlerts => "Correlated alerts",
        Factor::Clamp => "Kept within 0 to 100",
    }
}

/// The kind of an entity.
pub const fn observable_kind(kind: ObservableKind) -> &'static str {
    match kind {
        ObservableKind::Ip => "address",
        ObservableKind::Domain => "domain",
        ObservableKind::Url => "link",
        ObservableKind::Email => "mail address",
        ObservableKind::User => "user",
        ObservableKind::Host => "host",
        ObservableKind::FileHash => "file hash",
        ObservableKind::Process => "process",
    }
}

/// A parameter of the list's filter.
pub fn filter(name: &str) -> &'static str {
    match name {
        "severity" => "severity",
        "severity_at_least" => "severity at least",
        "state" => "state",
        "incident_type" => "type",
        "verdict" => "verdict",
        "assignee" => "assignee",
        "tag" => "tag",
        "source" => "source",
        "observable" => "seen",
        "risk_score_at_least" => "score at least",
        "from" => "from",
        "to" => "before",
        _ => "text",
    }
}

/// An action of the audit log as a sentence's start: `STATE_CHANGED` is "State changed".
pub fn audit_action(action: AuditAction) -> String {
    sentence(action.as_str())
}

/// Words joined by underscores, as the start of a sentence.
pub fn sentence(word: &str) -> String {
    let lower = word.to_lowercase().replace('_', " ");
    let mut letters = lower.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A browser and its system by what it says of itself: "Firefox on Linux". The word of the browser is all there is.
pub fn browser(says: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let named = |names: &[(&str, &'static str)]| names.iter().find(|(part, _)| says.contains(part)).map(|(_, name)| *name);
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) if says.is_empty() => "unknown".to_owned(),
        (None, _) => says.to_owned(),
    }
}

/// "1 alert", "4 alerts".
pub fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// A size in bytes as people read it: "812 B", "41 KiB", "3.1 MiB".
pub fn bytes(size: u64) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    match size {
        0..KIB => format!("{size} B"),
        KIB..MIB => format!("{} KiB", size / KIB),
        size if size.is_multiple_of(MIB) => format!("{} MiB", size / MIB),
        size => format!("{}.{} MiB", size / MIB, size % MIB * 10 / MIB),
    }
}

/// Points with their sign, a real minus, and no sign for what starts a sum.
pub fn points(points: i64) -> String {
    if points < 0 { format!("\u{2212}{}", points.unsigned_abs()) } else { format!("+{points}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_sentences() {
        for (word, expected) in [("STATE_CHANGED", "State changed"), ("block_ip", "Block ip"), ("", "")] {
            assert_eq!(sentence(word), expected);
        }
    }

    #[test]
    fn a_browser_is_named_by_what_it_says_of_itself() {
        for (says, expected) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iOS",
            ),
            ("curl/8.0", "curl"),
            ("", "unknown"),
            ("<b>mine</b>", "<b>mine</b>"),
        ] {
            assert_eq!(browser(says), expected);
        }
    }

    #[test]
    fn sizes_are_rounded_down_like_a_person_would() {
        for (size, expected) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1 KiB"),
            (1_048_575, "1023 KiB"),
            (26_214_400, "25 MiB"),
            (3_250_586, "3.1 MiB"),
        ] {
            assert_eq!(bytes(size), expected);
        }
    }

    #[test]
    fn points_show_their_sign() {
        for (value, expected) in [(15, "+15"), (-13, "\u{2212}13"), (0, "+0")] {
            assert_eq!(points(value), expected);
        }
    }
}
