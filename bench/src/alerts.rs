//! The alerts that are posted: about 1 KiB each, every tenth a repetition of the one before it.

use serde_json::json;

/// What a body has at least, in bytes.
const BODY_BYTES_MIN: usize = 1_024;
/// Of this many alerts one repeats the id of the one before.
const ONE_DUPLICATE_IN: u64 = 10;

/// The body of alert number `number`; the same number gives the same bytes.
pub fn body(number: u64) -> Vec<u8> {
    let original = if number % ONE_DUPLICATE_IN == ONE_DUPLICATE_IN - 1 { number - 1 } else { number };
    let [_, _, _, _, _, b, c, d] = original.to_be_bytes();
    let mut alert = json!({
        "alert_id": format!("bench-{original}"),
        "incident_type": "brute_force",
        "title": format!("Failed sign-ins on host-{original}"),
        "severity": "medium",
        "src_ip": format!("10.{b}.{c}.{d}"),
        "hostname": format!("host-{original}.example"),
        "raw_log": "",
        "context": { "failed_attempts": 20, "window_minutes": 5 },
    });
    let missing = BODY_BYTES_MIN.saturating_sub(alert.to_string().len());
    alert["raw_log"] = "sshd: failed password for invalid user from 10.0.0.1 port 22 ".repeat(missing / 60 + 1)[..missing].into();
    alert.to_string().into_bytes()
}

/// A JSON array of `count` alerts from `first` on.
pub fn batch(first: u64, count: u64) -> Vec<u8> {
    let bodies: Vec<Vec<u8>> = (first..first + count).map(body).collect();
    [b"[".as_slice(), &bodies.join(b",".as_slice()), b"]"].concat()
}
