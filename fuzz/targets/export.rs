//! An export: no bytes make the verifier fail in any other way than by saying so, and none are signed by a key that nobody has.
#![no_main]

use audit_verify::{Trust, verify_export};
use libfuzzer_sys::fuzz_target;
use transparency::LogKey;

fuzz_target!(|bytes: &[u8]| {
    let _ = verify_export(bytes, &Trust::default());
    let Ok(key) = LogKey::from_secret("log.example/fuzz", &[7; 32]) else { return };
    let trust = Trust { keys: vec![key.verifier().clone()], kept: None };
    assert!(verify_export(bytes, &trust).is_err());
});
