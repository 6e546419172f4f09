//! Keys as text: whatever is read is written as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transparency::{LogKey, VerifierKey};

fuzz_target!(|text: &str| {
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(key) = text.parse::<LogKey>() {
        assert_eq!(key.secret_text(), text);
    }
});
