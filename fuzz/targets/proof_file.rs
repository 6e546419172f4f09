//! A proof file: whatever is read is written again as it was, and proves nothing without a key.
#![no_main]

use audit_verify::{Trust, verify_proof};
use libfuzzer_sys::fuzz_target;
use transparency::ProofFile;

fuzz_target!(|text: &str| {
    if let Ok(file) = text.parse::<ProofFile>() {
        assert_eq!(file.to_string().parse::<ProofFile>().as_ref(), Ok(&file));
    }
    assert!(verify_proof(text, &Trust::default()).is_err());
});
