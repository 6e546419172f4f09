//! What an incident can be shown by: files that people keep with it, and the alerts as they were received.

use domain::access::Permission;
use leptos::prelude::*;

use super::Screen;
use crate::address;
use crate::components::alert_list::AlertList;
use crate::components::evidence_form::EvidenceForm;
use crate::components::evidence_table::EvidenceTable;
use crate::live::Live;
use crate::notices::Notices;
use crate::uploading::ChosenFile;

/// The files with the way to add one, and the alerts with the digests of their bytes.
#[component]
pub fn EvidenceSection(screen: Screen) -> impl IntoView {
    let Screen { id, detail, uploading, .. } = screen;
    let (live, notices) = (expect_context::<Live>(), expect_context::<Notices>());
    let files = Signal::derive(move || detail.with(|detail| detail.evidence.clone()));
    let alerts = Signal::derive(move || detail.with(|detail| detail.alerts.clone()));
    let send = Callback::new(move |file: ChosenFile| {
        let address = format!("/api/v1/incidents/{id}/evidence?name={}", address::escaped(&file.name));
        uploading.begin(address, file, move |kept| {
            notices.good(format!("{} is kept, SHA-256 {}…", kept.name, kept.sha256.start()));
            live.raise_incident(id);
        });
    });
    view! {
        <div class="stack">
            <h2>"Evidence"</h2>
            <EvidenceTable files />
            <EvidenceForm
                why_not=screen.why_not(Permission::EditIncident)
                sent=uploading.sent
                error=uploading.error
                send
                cancel=Callback::new(move |()| uploading.cancel())
            />
            <AlertList alerts />
        </div>
    }
    .into_any()
}
