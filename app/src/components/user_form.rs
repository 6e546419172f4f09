//! The words of an account: for adding a person, and for changing one.

use std::str::FromStr;

use api::ApiError;
use api::users::AccountView;
use domain::access::Role;
use leptos::prelude::*;

use crate::components::check_list::CheckList;
use crate::components::form_frame::FormFrame;
use crate::components::text_field::{Entry, TextField};

/// What was typed.
#[derive(Clone, Copy)]
pub struct TypedUser {
    pub username: RwSignal<String>,
    pub display_name: RwSignal<String>,
    roles: RwSignal<Vec<&'static str>>,
}

impl TypedUser {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { username: RwSignal::default(), display_name: RwSignal::default(), roles: RwSignal::default() }
    }

    /// What the account says now; nothing for a new one.
    pub fn take(self, account: Option<&AccountView>) {
        self.username.set(account.map(|account| account.username.clone()).unwrap_or_default());
        self.display_name.set(account.map(|account| account.display_name.clone()).unwrap_or_default());
        self.roles.set(account.map(|account| account.roles.iter().map(|role| role.as_str()).collect()).unwrap_or_default());
    }

    /// The roles that are chosen.
    pub fn roles(self) -> Vec<Role> {
        self.roles.with_untracked(|roles| roles.iter().filter_map(|word| Role::from_str(word).ok()).collect())
    }
}

/// Is a person added or changed?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormOf {
    NewPerson,
    KnownPerson,
}

/// The form; `name` begins the ids in it.
#[component]
pub fn UserForm(
    typed: TypedUser,
    form: FormOf,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    save: Callback<()>,
    cancel: Callback<()>,
) -> impl IntoView {
    let username = (form == FormOf::NewPerson).then(|| {
        view! {
            <TextField label="User name" id="user-username" entry=Entry::Text value=typed.username pointer="/username" error
                note="1 to 64 of a-z, 0-9 and . _ -; it never changes." />
        }
    });
    let (display_id, roles_name) = match form {
        FormOf::NewPerson => ("user-display-name", "user-roles"),
        FormOf::KnownPerson => ("known-user-display-name", "known-user-roles"),
    };
    let roles = Role::ALL.iter().map(|role| (role.as_str(), meaning(*role))).collect::<Vec<_>>();
    let act = if form == FormOf::NewPerson { "Add and make a link" } else { "Save" };
    view! {
        <FormFrame act fields=&["/username", "/display_name", "/roles"] busy error save cancel>
            {username}
            <TextField label="Display name" id=display_id entry=Entry::Text value=typed.display_name pointer="/display_name" error note="How others see this person." />
            <CheckList legend="Roles" name=roles_name options=roles chosen=typed.roles pointer="/roles" error />
        </FormFrame>
    }
    .into_any()
}

const fn meaning(role: Role) -> &'static str {
    match role {
        Role::Analyst => "works on incidents and asks for runs",
        Role::Approver => "signs plans that others asked for",
        Role::Auditor => "reads and exports the whole log",
        Role::Admin => "people, keys and settings; signs nothing",
    }
}
