//! What this browser found when it checked the entries on the page, and against which signed head.

use std::collections::BTreeMap;

use api::ApiError;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::icon::{Icon, IconName};
use crate::log_check::{Checked, Untrusted};
use crate::wording;

/// What a check came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    Unchecked,
    /// The server gave no proofs.
    Unproved(ApiError),
    Untrusted(Untrusted),
    Checked(Checked),
}

/// What is wrong with each entry that was checked, if anything.
pub type Marks = BTreeMap<i64, Option<String>>;

impl Finding {
    /// By entry; nothing before a check.
    pub fn marks(&self) -> Marks {
        if let Self::Checked(checked) = self { checked.entries.clone() } else { Marks::new() }
    }
}

/// The card; `verify` checks what is shown now, `forget` gives up the head that was kept.
#[component]
pub fn LogVerdict(
    #[prop(into)] finding: Signal<Finding>,
    #[prop(into)] busy: Signal<bool>,
    verify: Callback<()>,
    forget: Callback<()>,
) -> impl IntoView {
    let words = move || match finding.get() {
        Finding::Unchecked => unchecked(),
        Finding::Unproved(error) => view! { <ErrorNotice error /> }.into_any(),
        Finding::Untrusted(why) => untrusted(&why, forget),
        Finding::Checked(checked) => verdict(&checked),
    };
    let class = move || match finding.with(Finding::is_good) {
        Some(true) => "log-verdict card good",
        Some(false) => "log-verdict card bad",
        None => "log-verdict card",
    };
    let label = move || match (busy.get(), finding.with(|finding| *finding == Finding::Unchecked)) {
        (true, _) => "Verifying…",
        (_, true) => "Verify this page",
        _ => "Verify again",
    };
    view! {
        <section class=class aria-label="Verification">
            <div class="log-verdict-words" role="status">{words}</div>
            <button type="button" class="button primary" disabled=move || busy.get() on:click=move |_| verify.run(())>{label}</button>
        </section>
    }
    .into_any()
}

impl Finding {
    fn is_good(&self) -> Option<bool> {
        match self {
            Self::Unchecked | Self::Unproved(_) => None,
            Self::Untrusted(_) => Some(false),
            Self::Checked(checked) => Some(checked.wrong().next().is_none()),
        }
    }
}

fn unchecked() -> AnyView {
    view! {
        <p class="log-verdict-line"><Icon name=IconName::Lock /><strong>"Not verified yet"</strong></p>
        <p class="quiet">"Your browser can check every entry on this page against the log's signed head, without trusting this server."</p>
    }
    .into_any()
}

fn untrusted(why: &Untrusted, forget: Callback<()>) -> AnyView {
    let other = matches!(why, Untrusted::OtherLog { .. });
    let forget = other.then(|| {
        view! { <p><button type="button" class="button" on:click=move |_| forget.run(())>"Forget the head that was kept"</button></p> }
    });
    view! {
        <p class="log-verdict-line"><Icon name=IconName::Cross /><strong>"This log cannot be trusted"</strong></p>
        <p>{why.to_string()}"."</p>
        <p class="quiet">"Tell an auditor before you act on anything here. The head that this browser kept stays as it is."</p>
        {forget}
    }
    .into_any()
}

fn verdict(checked: &Checked) -> AnyView {
    let wrong: Vec<(i64, String)> = checked.wrong().map(|(seq, wrong)| (seq, wrong.to_owned())).collect();
    let count = checked.entries.len();
    let line = if wrong.is_empty() {
        let entries = wording::count(count as u64, "entry is", "entries are");
        view! { <p class="log-verdict-line"><Icon name=IconName::Check /><strong>{entries}" exactly what was signed"</strong></p> }.into_any()
    } else {
        let entries = wording::count(wrong.len() as u64, "entry is", "entries are");
        view! { <p class="log-verdict-line"><Icon name=IconName::Cross /><strong>{entries}" not what was signed"</strong></p> }
            .into_any()
    };
    let faults = wrong.into_iter().map(|(seq, wrong)| {
        view! { <li>"Entry "<a href=format!("#entry-{seq}")>{seq}</a>": "{wrong}</li> }
    });
    let faults: Vec<_> = faults.collect();
    let list = (!faults.is_empty()).then(|| view! { <ul class="log-verdict-faults">{faults}</ul> });
    view! { {line}{list}{against(checked)} }.into_any()
}

/// The signed head that was checked against, and what this browser knew before.
fn against(checked: &Checked) -> AnyView {
    let size = checked.head.size;
    let keys: Vec<String> = checked.signers.iter().map(|key| key_id(key)).collect();
    let kept = match checked.continues {
        Some(before) if before == size => "It is the head that this browser kept.".to_owned(),
        Some(before) => format!("It continues the head over {before} entries that this browser kept."),
        None => "It is the first head that this browser keeps; the next one must continue it.".to_owned(),
    };
    let new_key = checked.is_new_key.then(|| {
        view! { <p class="log-verdict-caution"><Icon name=IconName::Warning />" The key that signed it is new to this browser: compare it with the one that you were given."</p> }
    });
    view! {
        <p class="quiet">"Checked here against the signed head over "{wording::count(size, "entry", "entries")}", root "<code>{root_start(checked)}</code>", key "<code>{keys.join(", ")}</code>". "{kept}</p>
        {new_key}
    }
    .into_any()
}

/// The number in a verifier key: name, number and key are joined by plus signs, and only the key may hold one itself.
fn key_id(verifier: &str) -> String {
    verifier.split('+').nth(1).unwrap_or(verifier).to_owned()
}

fn root_start(checked: &Checked) -> String {
    domain::digest::Digest::from_bytes(checked.head.root.0).start()
}
