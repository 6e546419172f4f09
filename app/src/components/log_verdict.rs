//! What this browser found when it checked the entries on the page, and against which signed head.

use std::collections::BTreeMap;

use api::ApiError;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::icon::{Icon, IconName};
use crate::components::quoted::Quoted;
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
    /// By entry; nothing before a check, and no praise by a key that nobody has compared.
    pub fn marks(&self) -> Marks {
        let Self::Checked(checked) = self else { return Marks::new() };
        let shown = checked.entries.iter().filter(|(_, wrong)| !checked.is_new_key || wrong.is_some());
        shown.map(|(seq, wrong)| (*seq, wrong.clone())).collect()
    }
}

/// The card; `verify` checks what is shown now, `forget` gives up the head that was kept, `trust` takes the key that signed as known.
#[component]
pub fn LogVerdict(
    #[prop(into)] finding: Signal<Finding>,
    #[prop(into)] busy: Signal<bool>,
    verify: Callback<()>,
    forget: Callback<()>,
    trust: Callback<()>,
) -> impl IntoView {
    let words = move || match finding.get() {
        Finding::Unchecked => unchecked(),
        Finding::Unproved(error) => view! { <ErrorNotice error /> }.into_any(),
        Finding::Untrusted(why) => untrusted(&why, forget),
        Finding::Checked(checked) => verdict(&checked, trust),
    };
    let class = move || match finding.with(Finding::is_good) {
        Some(true) => "log-verdict card good",
        Some(false) => "log-verdict card bad",
        None if finding.with(Finding::is_doubtful) => "log-verdict card doubtful",
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
            Self::Checked(checked) if checked.wrong().next().is_some() => Some(false),
            Self::Checked(checked) => checked.is_good().then_some(true),
        }
    }

    /// Is all right, if the key is?
    fn is_doubtful(&self) -> bool {
        matches!(self, Self::Checked(checked) if checked.is_new_key)
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
        <p><Quoted text=why.to_string() />"."</p>
        <p class="quiet">"Tell an auditor before you act on anything here. The head that this browser kept stays as it is."</p>
        {forget}
    }
    .into_any()
}

fn verdict(checked: &Checked, trust: Callback<()>) -> AnyView {
    let wrong: Vec<(i64, String)> = checked.wrong().map(|(seq, wrong)| (seq, wrong.to_owned())).collect();
    let count = wording::count(checked.entries.len() as u64, "entry is", "entries are");
    let wrong_count = wording::count(wrong.len() as u64, "entry is", "entries are");
    let (icon, line) = match (wrong.is_empty(), checked.is_new_key) {
        (false, _) => (IconName::Cross, format!("{wrong_count} not what was signed")),
        (true, true) => (IconName::Warning, format!("{count} what was signed, with a key that this browser does not know")),
        (true, false) => (IconName::Check, format!("{count} exactly what was signed")),
    };
    let faults = wrong.into_iter().map(|(seq, wrong)| {
        view! { <li>"Entry "<a href=format!("#entry-{seq}")>{seq}</a>": "<Quoted text=wrong /></li> }
    });
    let faults: Vec<_> = faults.collect();
    let new_key = (checked.is_new_key && faults.is_empty()).then(|| new_key(trust));
    let list = (!faults.is_empty()).then(|| view! { <ul class="log-verdict-faults">{faults}</ul> });
    view! { <p class="log-verdict-line"><Icon name=icon /><strong>{line}</strong></p>{list}{against(checked)}{new_key} }
        .into_any()
}

/// What to do about a key that was never seen before: a key that was put in an older one's place, or one more server's, or a forger's.
fn new_key(trust: Callback<()>) -> AnyView {
    view! {
        <p>"A key is new when it replaced an older one, or when one more server signs this log; the log then has an entry LOG_KEY_ADDED. Compare it with the key that your administrator gave you, not with one that this server shows."</p>
        <p><button type="button" class="button" on:click=move |_| trust.run(())>"I compared it: trust this key"</button></p>
    }
    .into_any()
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
    view! {
        <p class="quiet">"Checked here against the signed head over "{wording::count(size, "entry", "entries")}", root "<code>{root_start(checked)}</code>", key "<code><Quoted text=keys.join(", ") /></code>". "{kept}</p>
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
