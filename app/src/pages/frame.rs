//! What stands around every page of a signed-in person: navigation, live connection, notices, and the dialogs that may
//! open anywhere.

mod commands;

use api::ApiError;
use api::people::UserView;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_navigate;

use crate::clock::Clock;
use crate::components::account::Account;
use crate::components::icon::{Icon, IconName};
use crate::components::key_help::KeyHelp;
use crate::components::navigation::Navigation;
use crate::components::notice_list::NoticeList;
use crate::components::palette::Palette;
use crate::components::session_ended::SessionEnded;
use crate::live::{self, Live};
use crate::palette::{Act, Offers, choices};
use crate::server_fns::overview::get_counts;
use crate::server_fns::session::{current_person, sign_in_again};
use crate::viewer::Viewer;
use crate::{keyboard, menus, session_end};

/// The frame, with the page in it.
#[component]
pub fn Frame() -> impl IntoView {
    let live = expect_context::<Live>();
    let person = Resource::new(|| (), |()| current_person());
    let counts = Resource::new(move || (live.incident.get(), live.approval.get()), |_| get_counts());
    Clock::provide(counts);
    Viewer::provide(person);
    let offers = Offers::provide();
    let palette = RwSignal::new(false);
    let help = RwSignal::new(false);
    let ended = RwSignal::new(false);
    Effect::new(move || {
        live::follow(live);
        menus::follow();
        session_end::on_raise(Callback::new(move |()| ended.set(true)));
        keyboard::listen(Callback::new(move |()| palette.update(|open| *open = !*open)), Callback::new(move |()| help.set(true)));
    });
    let reload = Callback::new(move |()| {
        session_end::raise_return();
        person.refetch();
        live.raise_all();
    });
    let everywhere = commands::everywhere(help);
    let find = Callback::new(move |text: String| {
        let commands = offers.get().into_iter().chain(everywhere.run(())).collect();
        choices(&text, commands)
    });
    let navigate = use_navigate();
    let act = Callback::new(move |act| match act {
        Act::Go(address) => navigate(&address, Default::default()),
        Act::Do(command) => command.run(()),
    });
    view! {
        <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
        <div class="frame">
            <header class="frame-side">
                <a class="brand" href="/incidents"><Icon name=IconName::Brand />"Countersign"</a>
                <button type="button" class="palette-button" aria-keyshortcuts="Control+K" on:click=move |_| palette.set(true)>
                    <Icon name=IconName::Search /><span>"Find or run"</span><kbd>"Ctrl K"</kbd>
                </button>
                <Transition>
                    <Navigation counts=Signal::derive(move || counts.get().and_then(Result::ok)) />
                    <Account show_keys=Callback::new(move |()| help.set(true)) />
                </Transition>
            </header>
            <main id="main" tabindex="-1"><Outlet /></main>
        </div>
        <NoticeList />
        <Palette open=palette find act />
        <KeyHelp open=help close=Callback::new(move |()| help.set(false)) />
        <SignInAgain ended person reload />
    }
    .into_any()
}

/// The dialog at the end of a session, and the way back into it. Whoever was signed in is remembered for it.
#[component]
fn SignInAgain(ended: RwSignal<bool>, person: Resource<Result<UserView, ApiError>>, reload: Callback<()>) -> impl IntoView {
    let known = RwSignal::new(String::new());
    Effect::new(move || {
        if let Some(Ok(person)) = person.get() {
            known.set(person.username);
        }
    });
    let signing_in = Action::new(move |(username, password): &(String, String)| {
        let (username, password) = (username.clone(), password.clone());
        async move {
            let outcome = sign_in_again(username, password).await;
            if outcome.is_ok() {
                ended.set(false);
                reload.run(());
            }
            outcome
        }
    });
    Effect::new(move || {
        if ended.get() {
            signing_in.value().set(None);
        }
    });
    let error = Signal::derive(move || signing_in.value().get().and_then(Result::err));
    let sign_in = Callback::new(move |given| drop(signing_in.dispatch(given)));
    view! {
        <SessionEnded open=ended username=known busy=signing_in.pending() error close=Callback::new(move |()| ended.set(false)) sign_in />
    }
    .into_any()
}
