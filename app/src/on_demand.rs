//! Pages whose code the browser loads with the first page of their part that is opened. The server renders them like any other.

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;

use api::{ApiError, ProblemCode};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::Link;
use leptos_router::ChooseView;
use leptos_router::hooks::use_location;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::pages::alert::AlertPage;
use crate::pages::alerts::AlertsPage;
use crate::pages::approval::ApprovalPage;
use crate::pages::approvals::ApprovalsPage;
use crate::pages::audit::AuditPage;
use crate::pages::incident::IncidentPage;
use crate::pages::new_alert::NewAlertPage;
use crate::pages::playbook::PlaybookPage;
use crate::pages::playbook_upload::PlaybookUploadPage;
use crate::pages::playbooks::PlaybooksPage;
use crate::pages::run::RunPage;
use crate::pages::runs::RunsPage;
use crate::pages::set_password::SetPasswordPage;
use crate::pages::settings::SettingsPage;
use crate::pages::setup::SetupPage;

/// A page that is not in what the browser loads first, by the part that it is in.
#[derive(Clone, Copy)]
pub enum OnDemand {
    Incident,
    Alerts(Alerts),
    Response(Response),
    Administration(Administration),
}

#[derive(Clone, Copy)]
pub enum Alerts {
    List,
    One,
    New,
}

#[derive(Clone, Copy)]
pub enum Response {
    Approvals,
    Approval,
    Playbooks,
    Playbook,
    Upload,
    Runs,
    Run,
}

#[derive(Clone, Copy)]
pub enum Administration {
    Audit,
    Settings,
    Setup,
    SetPassword,
}

/// Which files hold the code of a part: the server knows, and has the browser fetch them beside what it loads first.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy)]
pub struct FilesOf(pub fn(part: &str) -> Vec<String>);

#[cfg(feature = "ssr")]
impl OnDemand {
    /// The name of its part, as in the attribute below.
    fn part(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Alerts(_) => "alerts",
            Self::Response(_) => "response",
            Self::Administration(_) => "administration",
        }
    }

    /// Puts the part's files into the head of the page.
    fn announce(self) {
        let files = use_context::<FilesOf>().map(|FilesOf(files)| files(self.part())).unwrap_or_default();
        for file in files {
            let href = format!("/pkg/{file}");
            // Rendering it is what tells the head.
            let _ = view! { <Link rel="preload" href as_="fetch" type_="application/wasm" crossorigin="anonymous" /> }.to_html();
        }
    }
}

impl ChooseView for OnDemand {
    async fn choose(self) -> AnyView {
        #[cfg(feature = "ssr")]
        self.announce();
        let page = match self {
            Self::Incident => incident().await,
            Self::Alerts(page) => alerts(page).await,
            Self::Response(page) => response(page).await,
            Self::Administration(page) => administration(page).await,
        };
        match page {
            Ok(page) => page,
            Err(_) => ask_the_server().await,
        }
    }

    async fn preload(&self) {
        // Whether it is there is asked when it is shown.
        let _ = match self {
            Self::Incident => load_incident().await,
            Self::Alerts(_) => load_alerts().await,
            Self::Response(_) => load_response().await,
            Self::Administration(_) => load_administration().await,
        };
    }
}

/// A part is missing where the server has been updated since this page was loaded. The page that was asked for is loaded whole, then; but a
/// page that came from the server just now stays what it is, readable and with links, lest it be loaded again and again.
async fn ask_the_server() -> AnyView {
    if !Owner::current_shared_context().is_some_and(|context| context.during_hydration()) {
        let location = use_location();
        let _ =
            window().location().set_href(&format!("{}?{}", location.pathname.get_untracked(), location.search.get_untracked()));
    }
    pending().await
}

/// What a part answers.
pub type Later<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send>>;

/// How a part shows what it was answered: who waits for it knows neither the answer's form nor its view.
pub type Drawing = Arc<dyn Fn() -> AnyView + Send + Sync>;

/// The answer of a part, once the part is there.
pub async fn answer_of<T>(part: impl Future<Output = Result<Later<T>, SplitLoaderError>>) -> Result<T, ApiError> {
    let missing = |_| ApiError::new(ProblemCode::Internal, "a part of this page did not arrive; load the page again");
    part.await.map_err(missing)?.await
}

#[wasm_split(incident, fallible, preload(load_incident))]
fn incident() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <IncidentPage /> }.into_any())
}

#[wasm_split(alerts, fallible, preload(load_alerts))]
fn alerts(page: Alerts) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Alerts::List => view! { <AlertsPage /> }.into_any(),
        Alerts::One => view! { <AlertPage /> }.into_any(),
        Alerts::New => view! { <NewAlertPage /> }.into_any(),
    })
}

#[wasm_split(response, fallible, preload(load_response))]
fn response(page: Response) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Response::Approvals => view! { <ApprovalsPage /> }.into_any(),
        Response::Approval => view! { <ApprovalPage /> }.into_any(),
        Response::Playbooks => view! { <PlaybooksPage /> }.into_any(),
        Response::Playbook => view! { <PlaybookPage /> }.into_any(),
        Response::Upload => view! { <PlaybookUploadPage /> }.into_any(),
        Response::Runs => view! { <RunsPage /> }.into_any(),
        Response::Run => view! { <RunPage /> }.into_any(),
    })
}

#[wasm_split(administration, fallible, preload(load_administration))]
fn administration(page: Administration) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Administration::Audit => view! { <AuditPage /> }.into_any(),
        Administration::Settings => view! { <SettingsPage /> }.into_any(),
        Administration::Setup => view! { <SetupPage /> }.into_any(),
        Administration::SetPassword => view! { <SetPasswordPage /> }.into_any(),
    })
}
