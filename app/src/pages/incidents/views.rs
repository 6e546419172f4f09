//! A person's saved views above the list: loaded, kept, renamed and removed.

use api::ApiError;
use api::saved_views::SavedViewRequest;
use domain::id::ViewId;
use domain::saved_view::{SavedView, ViewContent};
use leptos::prelude::*;

use crate::components::name_dialog::NameDialog;
use crate::components::saved_view_bar::{SavedViewBar, ViewChange};
use crate::listing::Listing;
use crate::notices::Notices;
use crate::server_fns::saved_views::{create_saved_view, list_saved_views, remove_saved_view, replace_saved_view};

/// What is asked of the server.
#[derive(Clone)]
enum Job {
    Create(ViewContent),
    Replace(ViewId, ViewContent),
    Remove(SavedView),
}

/// The bar, and the dialog that asks for a name.
#[component]
pub fn Views(listing: Memo<Listing>) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let loaded = Resource::new(|| (), |()| list_saved_views());
    let views = Signal::derive(move || loaded.get().and_then(Result::ok).map(|page| page.items).unwrap_or_default());
    let asked = RwSignal::new(None::<String>);
    let renamed = RwSignal::new(None::<SavedView>);
    let job = Action::new(move |job: &Job| {
        let job = job.clone();
        async move {
            let outcome = carry_out(job).await;
            match &outcome {
                Ok(said) => {
                    asked.set(None);
                    notices.good(said.clone());
                    loaded.refetch();
                }
                Err(error) if asked.get_untracked().is_none() => notices.bad(error),
                Err(_) => {}
            }
            outcome
        }
    });
    let ask = move |name: String, of: Option<SavedView>| {
        job.clear();
        renamed.set(of);
        asked.set(Some(name));
    };
    let change = Callback::new(move |change| match change {
        ViewChange::Name => ask(String::new(), None),
        ViewChange::Rename(view) => ask(view.content.name.clone(), Some(view)),
        ViewChange::Update(view) => {
            job.dispatch(Job::Replace(view.id, listing.with_untracked(|listing| listing.kept_as(view.content.name))));
        }
        ViewChange::Remove(view) => drop(job.dispatch(Job::Remove(view))),
    });
    let confirm = Callback::new(move |name: String| {
        job.dispatch(match renamed.get_untracked() {
            Some(view) => Job::Replace(view.id, ViewContent { name, ..view.content }),
            None => Job::Create(listing.with_untracked(|listing| listing.kept_as(name))),
        });
    });
    let error = Signal::derive(move || job.value().get().and_then(Result::err));
    view! {
        <Transition>{move || { let views = views.get(); view! { <SavedViewBar listing views=Signal::stored(views) change /> } }}</Transition>
        <NameDialog asked name="view" label="Name this view" busy=job.pending() error confirm />
    }
    .into_any()
}

/// Does it; says what was done.
async fn carry_out(job: Job) -> Result<String, ApiError> {
    match job {
        Job::Create(content) => {
            create_saved_view(request(content)).await.map(|view| format!("The view {} is kept", view.content.name))
        }
        Job::Replace(id, content) => {
            replace_saved_view(id, request(content)).await.map(|view| format!("The view {} is changed", view.content.name))
        }
        Job::Remove(view) => remove_saved_view(view.id).await.map(|()| format!("The view {} is removed", view.content.name)),
    }
}

fn request(content: ViewContent) -> SavedViewRequest {
    let ViewContent { name, query, sort, order } = content;
    SavedViewRequest { name, query, sort: Some(sort), order: Some(order) }
}
