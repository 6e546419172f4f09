//! Verifying what the page shows: the server is asked for proofs, and this browser checks them.

use api::audit::{AuditEntryView, PROVED_MAX, ProofQuery};
use leptos::prelude::*;
use transparency::Checkpoint;

use crate::components::log_verdict::Finding;
use crate::kept_head;
use crate::log_check::check;
use crate::server_fns::audit::prove_audit_entries;

/// How far the page is with it.
#[derive(Clone, Copy)]
pub struct Verifying {
    pub finding: RwSignal<Finding>,
    verify: Action<Vec<AuditEntryView>, Finding>,
}

impl Verifying {
    pub fn new() -> Self {
        let verify = Action::new(|shown: &Vec<AuditEntryView>| verified(shown.clone()));
        let finding = RwSignal::new(Finding::Unchecked);
        Effect::new(move || {
            if let Some(found) = verify.value().get() {
                finding.set(found);
            }
        });
        Self { finding, verify }
    }

    /// Is an answer on its way?
    pub fn busy(self) -> Signal<bool> {
        self.verify.pending().into()
    }

    /// Verifies the entries that are shown now.
    pub fn begin(self, shown: Vec<AuditEntryView>) {
        self.verify.dispatch(shown);
    }

    /// Keeps the key that signed what was found, and its head: a person has compared it.
    pub fn trust(self) {
        self.finding.update(|finding| {
            if let Finding::Checked(checked) = finding {
                kept_head::keep(&checked.keep(kept_head::load().as_ref()));
                checked.is_new_key = false;
            }
        });
    }

    /// Forgets the head that was kept, and what was found with it.
    pub fn forget(self) {
        kept_head::forget();
        self.finding.set(Finding::Unchecked);
    }
}

async fn verified(shown: Vec<AuditEntryView>) -> Finding {
    let kept = kept_head::load();
    let query = ProofQuery {
        seqs: shown.iter().map(|entry| entry.seq).take(PROVED_MAX).collect(),
        kept: kept.as_ref().and_then(|kept| Checkpoint::read(&kept.note).ok()).map(|head| head.size),
    };
    match prove_audit_entries(query).await {
        Err(error) => Finding::Unproved(error),
        Ok(proof) => match check(&proof, &shown, kept.as_ref()) {
            Err(why) => Finding::Untrusted(why),
            Ok(checked) => {
                if checked.is_good() {
                    kept_head::keep(&checked.keep(kept.as_ref()));
                }
                Finding::Checked(checked)
            }
        },
    }
}
