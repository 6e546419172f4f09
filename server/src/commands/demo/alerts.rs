//! The stream of demo alerts: documentation addresses (RFC 5737) and `.example` names, now and then.

use std::time::Duration;

use api::{Backend, Caller};
use domain::access::{Actor, KeyHolder};
use domain::id::CorrelationId;
use serde_json::{Value, json};
use service::clock::Clock;

/// The alert of the main job, as the demo prints it.
pub const BRUTE_FORCE: &str = r#"{"incident_type":"brute_force","impact":4,"likelihood":4,"confidence":3,"context":{"ip":"91.23.11.9","target_account":"admin","privileged_account":true,"window_minutes":5,"failed_attempts":20}}"#;

/// Alerts that are there from the start.
const AT_ONCE: usize = 8;
/// Time between two later ones.
const PAUSE: Duration = Duration::from_secs(45);

/// Posts alerts as this key until the process ends.
pub fn stream_in_background(backend: Backend, key: String) {
    tokio::spawn(async move {
        let Ok(Some(holder)) = backend.people.find_key_holder(&key).await else {
            tracing::warn!("the demo's key does not work; no alerts are posted");
            return;
        };
        for turn in 0_usize.. {
            if turn >= AT_ONCE {
                tokio::time::sleep(PAUSE).await;
            }
            let Some(caller) = caller(&holder) else { return };
            if let Err(error) = backend.alerts.ingest(&caller, alert(turn).to_string().into_bytes()).await {
                tracing::warn!(%error, "a demo alert was refused");
            }
        }
    });
}

fn caller(holder: &KeyHolder) -> Option<Caller> {
    let correlation_id: CorrelationId = Clock::System.uuid().to_string().parse().ok()?;
    Some(Caller { actor: Actor::Key(holder.clone()), correlation_id, network: "demo".to_owned(), claim: None })
}

/// The stories by turn; addresses and names change, so that some alerts correlate and most do not.
fn alert(turn: usize) -> Value {
    let round = turn / 8;
    let host = round % 200 + 10;
    match turn % 8 {
        0 => {
            json!({ "source": "vpn-gateway", "incident_type": "brute_force", "severity": "medium", "title": format!("41 failed VPN sign-ins for user-{host}"),
            "src_ip": format!("203.0.113.{host}"), "username": format!("user-{host}"), "context": { "failed_attempts": 41, "window_minutes": 10 }, "mitre": ["T1110"] })
        }
        1 => {
            json!({ "source": "mail-gateway", "incident_type": "phishing", "impact": 3, "likelihood": 3, "confidence": 3, "title": "Look-alike payroll page reported by three people",
            "url": format!("https://pay-roll-{host}.example/login"), "email": format!("hr-{host}@pay-roll.example"), "domain": format!("pay-roll-{host}.example"), "mitre": ["T1566"] })
        }
        2 => {
            json!({ "source": "edr", "incident_type": "malware", "severity": "high", "title": format!("Unsigned loader started from a mail attachment on WS-{host:04}"),
            "hostname": format!("WS-{host:04}"), "username": format!("user-{host}"), "file_hash": format!("{:064x}", 0x9e37_79b9_u64 * (host as u64 + 1)), "mitre": ["T1204"] })
        }
        3 => {
            json!({ "source": "ids", "incident_type": "suspicious_ip", "severity": "low", "title": "Port sweep from an address without a reputation",
            "src_ip": format!("198.51.100.{host}"), "dst_ip": "192.0.2.20", "mitre": ["T1046"] })
        }
        4 => {
            json!({ "source": "identity", "incident_type": "suspicious_login", "severity": "medium", "title": format!("Two countries within 40 minutes for user-{host}"),
            "username": format!("user-{host}"), "src_ip": format!("203.0.113.{}", host % 50 + 200), "mitre": ["T1078"] })
        }
        5 => {
            json!({ "source": "proxy", "incident_type": "beaconing", "severity": "medium", "title": format!("Regular calls every 60 s from SRV-{host:03}"),
            "hostname": format!("SRV-{host:03}"), "domain": format!("cdn-{host}.example"), "mitre": ["T1071"] })
        }
        6 => {
            json!({ "source": "siem", "incident_type": "privilege_escalation", "impact": 4, "likelihood": 3, "confidence": 4, "title": format!("svc-backup-{host} added itself to Domain Admins"),
            "username": format!("svc-backup-{host}"), "hostname": format!("DC-{:02}", host % 4), "context": { "privileged_account": true }, "mitre": ["T1098"] })
        }
        _ => {
            json!({ "source": "edr", "incident_type": "ransomware", "impact": 5, "likelihood": 4, "confidence": 4, "title": format!("Mass renames on FIN-SRV-{:02}", host % 10),
            "hostname": format!("FIN-SRV-{:02}", host % 10), "context": { "critical_asset": true, "renamed_files": 1834 }, "mitre": ["T1486"] })
        }
    }
}
