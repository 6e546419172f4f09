//! What is counted and measured, one row each, and the counting of what the audit log records. The rows are the same as those of the
//! table in `docs/OPERATIONS.md`; how they are exported is the server's business.

use domain::audit::AuditAction;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

/// What kind of number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only rises.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often values fell into which range.
    Histogram,
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub labels: &'static [&'static str],
    pub what: &'static str,
}

pub const ALERTS: &str = "countersign_alerts_total";
pub const PROBLEMS: &str = "countersign_problems_total";
pub const RUNS: &str = "countersign_runs_total";
pub const STEPS: &str = "countersign_steps_total";
pub const SIGN_IN_FAILURES: &str = "countersign_sign_in_failures_total";
pub const WRITE_QUEUE: &str = "countersign_write_queue_changes";
pub const WRITE_GROUP: &str = "countersign_write_group_changes";
pub const WRITE_SECONDS: &str = "countersign_write_group_seconds";
pub const APPROVALS_WAITING: &str = "countersign_approvals_waiting";
pub const APPROVAL_OLDEST: &str = "countersign_approvals_oldest_seconds";
pub const AUDIT_ENTRIES: &str = "countersign_audit_entries";
pub const STREAM_CLIENTS: &str = "countersign_stream_clients";
pub const HTTP_REQUESTS: &str = "countersign_http_requests_total";
pub const HTTP_SECONDS: &str = "countersign_http_request_seconds";
pub const PROCESS_CPU: &str = "process_cpu_seconds_total";
pub const PROCESS_MEMORY: &str = "process_resident_memory_bytes";
pub const PROCESS_FILES: &str = "process_open_fds";
pub const PROCESS_START: &str = "process_start_time_seconds";

/// Every metric.
pub const METRICS: &[Metric] = &[
    row(ALERTS, Kind::Counter, &["outcome"], "alerts posted, by what became of them: stored, duplicate, refused"),
    row(PROBLEMS, Kind::Counter, &["code"], "requests that were refused or failed, by problem code"),
    row(RUNS, Kind::Counter, &["outcome"], "runs that ended: succeeded, failed, cancelled"),
    row(STEPS, Kind::Counter, &["outcome"], "steps that ended: succeeded, failed, skipped, unknown"),
    row(SIGN_IN_FAILURES, Kind::Counter, &[], "sign-ins and step-ups with a wrong name or password"),
    row(WRITE_QUEUE, Kind::Gauge, &[], "changes that wait to be written"),
    row(WRITE_GROUP, Kind::Histogram, &[], "changes and alerts that shared one commit"),
    row(WRITE_SECONDS, Kind::Histogram, &[], "seconds that one commit took, with all that was written in it"),
    row(APPROVALS_WAITING, Kind::Gauge, &[], "approvals that are pending"),
    row(APPROVAL_OLDEST, Kind::Gauge, &[], "seconds that the oldest pending approval has waited; 0 for none"),
    row(AUDIT_ENTRIES, Kind::Gauge, &[], "entries of the audit log"),
    row(STREAM_CLIENTS, Kind::Gauge, &[], "open event streams"),
    row(HTTP_REQUESTS, Kind::Counter, &["method", "route", "status"], "answered requests"),
    row(HTTP_SECONDS, Kind::Histogram, &["method", "route"], "seconds until the answer began"),
    row(PROCESS_CPU, Kind::Counter, &[], "seconds of processor time"),
    row(PROCESS_MEMORY, Kind::Gauge, &[], "resident memory in bytes"),
    row(PROCESS_FILES, Kind::Gauge, &[], "open files and connections"),
    row(PROCESS_START, Kind::Gauge, &[], "when the process began, in seconds since 1970"),
];

const fn row(name: &'static str, kind: Kind, labels: &'static [&'static str], what: &'static str) -> Metric {
    Metric { name, kind, labels, what }
}

/// Tells the recorder every metric, and begins those that have no labels or few of them at zero, so that they are there before
/// anything happens.
pub fn describe() {
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.what),
            Kind::Gauge => describe_gauge!(metric.name, metric.what),
            Kind::Histogram => describe_histogram!(metric.name, metric.what),
        }
    }
    for (name, outcomes) in [
        (ALERTS, &["stored", "duplicate", "refused"][..]),
        (RUNS, &["succeeded", "failed", "cancelled"]),
        (STEPS, &["succeeded", "failed", "skipped", "unknown"]),
    ] {
        for outcome in outcomes {
            counter!(name, "outcome" => *outcome).absolute(0);
        }
    }
    counter!(SIGN_IN_FAILURES).absolute(0);
}

/// What became of an alert.
pub(crate) fn count_alert(outcome: &'static str) {
    counter!(ALERTS, "outcome" => outcome).increment(1);
}

/// A wrong name or password.
pub(crate) fn count_failed_sign_in() {
    counter!(SIGN_IN_FAILURES).increment(1);
}

/// A request that was refused or failed.
pub fn count_problem(code: api::ProblemCode) {
    counter!(PROBLEMS, "code" => code.as_str()).increment(1);
}

/// An answered request.
pub fn count_request(method: &'static str, route: &str, status: u16, seconds: f64) {
    counter!(HTTP_REQUESTS, "method" => method, "route" => route.to_owned(), "status" => status.to_string()).increment(1);
    histogram!(HTTP_SECONDS, "method" => method, "route" => route.to_owned()).record(seconds);
}

/// Entries that were committed: ends of runs and steps are counted by them.
pub(crate) fn count_entries(actions: &[AuditAction]) {
    for action in actions {
        let (name, outcome) = match action {
            AuditAction::PlaybookCompleted => (RUNS, "succeeded"),
            AuditAction::PlaybookFailed => (RUNS, "failed"),
            AuditAction::RunCancelled => (RUNS, "cancelled"),
            AuditAction::ActionSucceeded => (STEPS, "succeeded"),
            AuditAction::ActionFailed => (STEPS, "failed"),
            AuditAction::ActionSkipped => (STEPS, "skipped"),
            AuditAction::ActionUnknown => (STEPS, "unknown"),
            _ => continue,
        };
        counter!(name, "outcome" => outcome).increment(1);
    }
}

/// What is a state rather than an event, as it is now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct State {
    pub write_queue: usize,
    pub approvals_waiting: u64,
    pub oldest_approval_s: i64,
    pub audit_entries: i64,
    pub stream_clients: usize,
}

impl State {
    /// Shows it to the recorder.
    #[expect(clippy::cast_precision_loss, reason = "a count that large is shown rounded")]
    pub fn show(self) {
        gauge!(WRITE_QUEUE).set(self.write_queue as f64);
        gauge!(APPROVALS_WAITING).set(self.approvals_waiting as f64);
        gauge!(APPROVAL_OLDEST).set(self.oldest_approval_s as f64);
        gauge!(AUDIT_ENTRIES).set(self.audit_entries as f64);
        gauge!(STREAM_CLIENTS).set(self.stream_clients as f64);
    }
}
