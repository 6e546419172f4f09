//! People, for admins: added with a link for their password, changed, disabled, enabled.

use api::page::PAGE_LIMIT_MAX;
use api::users::{AccountView, LinkView, NewUserRequest, UserChange};
use api::{ApiError, PageRequest};
use domain::id::UserId;
use leptos::prelude::*;

use crate::asked::asked;
use crate::components::confirm_dialog::{ConfirmDialog, Question};
use crate::components::loaded::LoadedPart;
use crate::components::modal::Modal;
use crate::components::shown_once::ShownOnce;
use crate::components::user_form::{FormOf, TypedUser, UserForm};
use crate::components::user_table::{UserAct, UserTable};
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::sessions::end_sessions_of_user;
use crate::server_fns::users::{change_user, create_user, list_users, make_password_link};

/// A link for somebody's password, as it is shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    username: String,
    link: LinkView,
}

/// What is asked before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Disable(UserId),
    EndSessions(UserId),
}

/// The section.
#[component]
pub fn UsersSection() -> impl IntoView {
    let (live, notices) = (expect_context::<Live>(), expect_context::<Notices>());
    let people = asked(move || live.account.get(), |_| list_users(PageRequest { limit: PAGE_LIMIT_MAX, cursor: None }));
    let shown = RwSignal::new(None::<Shown>);
    let (adding, edited) = (RwSignal::new(false), RwSignal::new(None::<AccountView>));
    let to_confirm = RwSignal::new(None::<Question<Deed>>);
    let link = linking(notices, shown);
    let enable = enabling(notices);
    let deed = deeds(notices);
    let act = Callback::new(move |act| match act {
        UserAct::Edit(account) => edited.set(Some(account)),
        UserAct::MakeLink(account) => drop(link.dispatch(account)),
        UserAct::Enable(account) => drop(enable.dispatch(account)),
        UserAct::Disable(account) => to_confirm.set(Some(question(Deed::Disable(account.id), &account.username))),
        UserAct::EndSessions(account) => to_confirm.set(Some(question(Deed::EndSessions(account.id), &account.username))),
    });
    view! {
        <section class="stack">
            <div class="row between">
                <h2>"People"</h2>
                <button type="button" class="button primary" on:click=move |_| adding.set(true)>"Add a person"</button>
            </div>
            <LinkShown shown />
            <LoadedPart answer=people what="people" view=move |page| {
                let accounts = Signal::derive(move || page.with(|page| by_name(&page.items)));
                let cut = move || {
                    page.with(|page| page.next_cursor.is_some()).then(|| view! { <p class="quiet">"These are the newest 200; the API lists everybody."</p> })
                };
                view! { <UserTable accounts act />{cut} }
            } />
        </section>
        <AddDialog adding shown />
        <EditDialog edited />
        <ConfirmDialog asked=to_confirm name="deed" confirm=Callback::new(move |about| drop(deed.dispatch(about))) />
    }
    .into_any()
}

fn by_name(accounts: &[AccountView]) -> Vec<AccountView> {
    let mut accounts = accounts.to_vec();
    accounts.sort_by(|one, other| one.username.cmp(&other.username));
    accounts
}

fn question(deed: Deed, username: &str) -> Question<Deed> {
    let (title, words, act) = match deed {
        Deed::Disable(_) => (
            format!("Disable {username}?"),
            "They are signed out at once and cannot sign in again until somebody enables them. Nothing that they did is removed.",
            "Disable",
        ),
        Deed::EndSessions(_) => (
            format!("End all sessions of {username}?"),
            "They are signed out everywhere at once. They can sign in again.",
            "End sessions",
        ),
    };
    Question { about: deed, title, words: words.to_owned(), act }
}

fn linking(notices: Notices, shown: RwSignal<Option<Shown>>) -> Action<AccountView, ()> {
    Action::new(move |account: &AccountView| {
        let (id, username) = (account.id, account.username.clone());
        async move {
            match make_password_link(id).await {
                Ok(link) => shown.set(Some(Shown { username, link })),
                Err(error) => notices.bad(&error),
            }
        }
    })
}

fn deeds(notices: Notices) -> Action<Deed, ()> {
    Action::new(move |deed: &Deed| {
        let deed = *deed;
        async move {
            let disabled = UserChange { enabled: Some(false), ..UserChange::default() };
            let outcome = match deed {
                Deed::Disable(id) => change_user(id, disabled).await.map(|_| "Disabled."),
                Deed::EndSessions(id) => end_sessions_of_user(id).await.map(|()| "All their sessions have ended."),
            };
            match outcome {
                Ok(words) => notices.good(words),
                Err(error) => notices.bad(&error),
            }
        }
    })
}

fn enabling(notices: Notices) -> Action<AccountView, ()> {
    Action::new(move |account: &AccountView| {
        let (id, username) = (account.id, account.username.clone());
        async move {
            match change_user(id, UserChange { enabled: Some(true), ..UserChange::default() }).await {
                Ok(_) => notices.good(format!("{username} is enabled.")),
                Err(error) => notices.bad(&error),
            }
        }
    })
}

#[component]
fn LinkShown(shown: RwSignal<Option<Shown>>) -> impl IntoView {
    let origin = RwSignal::new(String::new());
    Effect::new(move || origin.set(window().location().origin().unwrap_or_default()));
    let path = move || shown.with(|shown| shown.as_ref().map(|shown| shown.link.path.clone()));
    let secret = Signal::derive(move || path().map(|path| format!("{}{path}", origin.get())).unwrap_or_default());
    let words = Signal::derive(move || {
        let words = |shown: &Shown| {
            format!(
                "Give this link to {}, and to nobody else: whoever opens it sets the password. It works once, until {}.",
                shown.username, shown.link.expires_at
            )
        };
        shown.with(|shown| shown.as_ref().map(words).unwrap_or_default())
    });
    let open = Memo::new(move |_| shown.with(Option::is_some));
    let done = Callback::new(move |()| shown.set(None));
    move || {
        open.get()
            .then(|| view! { <ShownOnce title="Password link, shown only now" words secret copy_label="Copy the link" done /> })
    }
}

#[component]
fn AddDialog(adding: RwSignal<bool>, shown: RwSignal<Option<Shown>>) -> impl IntoView {
    let typed = TypedUser::new();
    let add = Action::new(move |request: &NewUserRequest| {
        let request = request.clone();
        async move {
            let created = create_user(request).await?;
            typed.take(None);
            adding.set(false);
            shown.set(created.password_link.map(|link| Shown { username: created.user.username, link }));
            Ok::<_, ApiError>(())
        }
    });
    let save = Callback::new(move |()| {
        let display_name = typed.display_name.get_untracked().trim().to_owned();
        add.dispatch(NewUserRequest {
            username: typed.username.get_untracked().trim().to_owned(),
            display_name: Some(display_name).filter(|name| !name.is_empty()),
            roles: typed.roles(),
            password: None,
        });
    });
    let error = Signal::derive(move || add.value().get().and_then(Result::err));
    let close = Callback::new(move |()| adding.set(false));
    view! {
        <Modal open=adding close label="Add a person" name="add-user">
            <UserForm typed form=FormOf::NewPerson busy=add.pending() error save cancel=close />
        </Modal>
    }
    .into_any()
}

#[component]
fn EditDialog(edited: RwSignal<Option<AccountView>>) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let typed = TypedUser::new();
    let change = Action::new(move |(id, change): &(UserId, UserChange)| {
        let (id, change) = (*id, change.clone());
        async move {
            let account = change_user(id, change).await?;
            edited.set(None);
            notices.good(format!("{} is changed.", account.username));
            Ok::<_, ApiError>(())
        }
    });
    Effect::new(move || {
        if let Some(account) = edited.get() {
            typed.take(Some(&account));
            change.value().set(None);
        }
    });
    let save = Callback::new(move |()| {
        if let Some(account) = edited.get_untracked() {
            let display_name = Some(typed.display_name.get_untracked().trim().to_owned());
            change.dispatch((account.id, UserChange { display_name, roles: Some(typed.roles()), ..UserChange::default() }));
        }
    });
    let title = |account: &AccountView| format!("Edit {}", account.username);
    let label = Signal::derive(move || edited.with(|edited| edited.as_ref().map(title).unwrap_or_default()));
    let error = Signal::derive(move || change.value().get().and_then(Result::err));
    let close = Callback::new(move |()| edited.set(None));
    view! {
        <Modal open=Signal::derive(move || edited.with(Option::is_some)) close label name="edit-user">
            <UserForm typed form=FormOf::KnownPerson busy=change.pending() error save cancel=close />
        </Modal>
    }
    .into_any()
}
