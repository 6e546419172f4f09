//! The versions of a playbook on record, the text of any of them, and what changed between two.

use api::ApiError;
use api::playbooks::{PlaybookComparison, PlaybookDetail, PlaybookVersionDetail, PlaybookVersionView};
use domain::digest::Digest;
use domain::id::PlaybookId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::FlowAndText;
use crate::asked::asked;
use crate::components::age::FullTime;
use crate::components::digest_text::DigestStart;
use crate::components::loaded::LoadedPart;
use crate::components::playbook_changes::PlaybookChanges;
use crate::components::quoted::Quoted;
use crate::playbook_words;
use crate::server_fns::playbooks::{compare_playbook, get_playbook_version};

/// What the address asks to see below the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Nothing,
    Version(Digest),
    Comparison(Digest, Digest),
}

/// What came of it.
#[derive(Clone, PartialEq)]
enum Shown {
    Nothing,
    Version(PlaybookVersionDetail),
    Comparison(PlaybookComparison),
}

/// The list, and below it what was asked for: at first the newest change.
#[component]
pub fn VersionsSection(detail: Memo<PlaybookDetail>) -> impl IntoView {
    let query = use_query_map();
    let id = detail.with_untracked(|detail| detail.playbook.id.clone());
    let versions = Memo::new(move |_| detail.with(|detail| detail.versions.clone()));
    let wanted = Memo::new(move |_| {
        let digest = |name: &str| query.with(|query| query.get(name)).and_then(|text| text.parse::<Digest>().ok());
        match (digest("version"), digest("from"), digest("to")) {
            (Some(version), _, _) => Wanted::Version(version),
            (_, Some(from), Some(to)) => Wanted::Comparison(from, to),
            _ => versions.with(|versions| newest_change(versions)),
        }
    });
    let shown = asked(
        move || wanted.get(),
        move |wanted| {
            let id = id.clone();
            async move { show(id, wanted).await }
        },
    );
    let view = |shown: Memo<Shown>| {
        move || match shown.get() {
            Shown::Nothing => view! { <p class="quiet">"There is one version so far: nothing to compare."</p> }.into_any(),
            Shown::Version(version) => {
                let digest = version.version.digest;
                view! { <h2>"Version "<DigestStart digest=Signal::stored(digest) /></h2><FlowAndText document=version.document source=version.source /> }.into_any()
            }
            Shown::Comparison(comparison) => view! { <PlaybookChanges comparison /> }.into_any(),
        }
    };
    view! {
        <div class="stack">
            {move || versions.with(|versions| list(versions))}
            <LoadedPart answer=shown what="the comparison" view />
        </div>
    }
    .into_any()
}

fn newest_change(versions: &[PlaybookVersionView]) -> Wanted {
    match versions {
        [newest, before, ..] => Wanted::Comparison(before.digest, newest.digest),
        _ => Wanted::Nothing,
    }
}

async fn show(id: PlaybookId, wanted: Wanted) -> Result<Shown, ApiError> {
    Ok(match wanted {
        Wanted::Nothing => Shown::Nothing,
        Wanted::Version(digest) => Shown::Version(get_playbook_version(id, digest).await?),
        Wanted::Comparison(from, to) => Shown::Comparison(compare_playbook(id, from, to).await?),
    })
}

fn list(versions: &[PlaybookVersionView]) -> AnyView {
    let in_force = versions.iter().find(|version| version.in_force).map(|version| version.digest);
    let row = |(index, version): (usize, &PlaybookVersionView)| row(version, versions.get(index + 1), in_force);
    view! {
        <table class="version-table table">
            <caption class="heard-only">"Versions on record, the newest first"</caption>
            <thead><tr><th scope="col">"Version"</th><th scope="col">"From"</th><th scope="col">"On record since"</th><th scope="col">"Look"</th></tr></thead>
            <tbody>{versions.iter().enumerate().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn row(version: &PlaybookVersionView, before: Option<&PlaybookVersionView>, in_force: Option<Digest>) -> AnyView {
    let digest = version.digest;
    let base = format!("/playbooks/{}?section=versions", version.playbook_id);
    let author = version.author.as_ref().map(|author| view! { " by "<Quoted text=author.username.clone() /> });
    let compare = |from: Digest, to: Digest, label: &'static str| {
        view! { <a href=format!("{base}&from={from}&to={to}") data-noscroll="">{label}</a>" " }
    };
    view! {
        <tr>
            <td class="cell-version"><DigestStart digest=Signal::stored(digest) />{version.in_force.then(|| view! { " "<span class="plan-badge harmless">"in force"</span> })}{version.tampered.then(|| view! { " "<span class="plan-badge destructive">"changed in the database"</span> })}</td>
            <td>{playbook_words::origin(version.origin)}{author}</td>
            <td><FullTime at=version.created_at /></td>
            <td class="row">
                <a href=format!("{base}&version={digest}") data-noscroll="">"Flow and text"</a>" "
                {before.map(|before| compare(before.digest, digest, "What it changed"))}
                {in_force.filter(|other| *other != digest).map(|other| compare(digest, other, "Against the one in force"))}
            </td>
        </tr>
    }
    .into_any()
}
