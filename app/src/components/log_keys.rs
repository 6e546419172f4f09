//! What somebody needs to verify the log elsewhere: its name, its newest signed head, the keys that sign it, and the whole log as a file.

use api::audit::CheckpointView;
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::copy_button::CopyButton;
use crate::components::quoted::Quoted;

/// The list; `may_export` says whether the person may take the whole log with them.
#[component]
pub fn LogKeys(#[prop(into)] head: Signal<CheckpointView>, #[prop(into)] may_export: Signal<bool>) -> impl IntoView {
    let key = |key: String| {
        let text = Signal::stored(key.clone());
        view! { <li><code class="log-key"><Quoted text=key /></code><CopyButton text label="Copy verifier key" /></li> }
    };
    let keys = move || head.with(|head| head.verifier_keys.clone()).into_iter().map(key).collect_view();
    let export = move || {
        may_export.get().then(|| {
            view! { <p><a class="button" href="/api/v1/audit/export" download rel="external">"Export the whole log"</a></p> }
        })
    };
    view! {
        <div class="log-keys stack">
            <p class="quiet">"Keep these outside this server. Whoever has a verifier key and an older head can tell whether history was changed: "<code>"countersign audit verify audit-log.ndjson --key …"</code></p>
            <dl>
                <dt>"Log"</dt><dd><code>{move || view! { <Quoted text=head.with(|head| head.origin.clone()) /> }}</code></dd>
                <dt>"Verifier keys"</dt><dd><ul>{keys}</ul></dd>
                <dt>"Newest head"</dt><dd>{move || head.with(|head| head.size)}" entries, signed "<Ago at=Signal::derive(move || head.with(|head| head.made_at)) />" "<CopyButton text=Signal::derive(move || head.with(|head| head.checkpoint.clone())) label="Copy signed head" /></dd>
            </dl>
            {export}
        </div>
    }
    .into_any()
}
