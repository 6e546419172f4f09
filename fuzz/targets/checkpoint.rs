//! A signed note: whatever is read has one spelling, and no text is signed by a key that did not sign it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transparency::{Checkpoint, LogKey, SignedCheckpoint};

fuzz_target!(|text: &str| {
    let Ok(key) = LogKey::from_secret("log.example/fuzz", &[7; 32]) else { return };
    if let Ok(head) = Checkpoint::read(text)
        && let Ok(again) = head.sign(&[&key])
    {
        assert_eq!(Checkpoint::read(&again).as_ref(), Ok(&head));
    }
    let strangers = [key.verifier().clone()];
    assert!(SignedCheckpoint::open(text, &strangers).is_err(), "nobody has this key");
});
