//! Who looks at the page, and what they may do. The server decides every time; this is a courtesy to the eye.

use api::ApiError;
use api::people::UserView;
use domain::access::{Actor, Permission, SignedIn, authorize};
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use leptos::prelude::*;

use crate::answered::answered;

/// Loads the signed-in person, once for each page.
#[derive(Clone, Copy)]
struct Loading(Resource<Result<UserView, ApiError>>);

/// The signed-in person, as far as known.
#[derive(Clone, Copy)]
pub struct Viewer {
    person: Signal<Option<UserView>>,
}

impl Viewer {
    /// Makes the person that this resource loads known to everything below.
    pub fn provide(person: Resource<Result<UserView, ApiError>>) {
        provide_context(Loading(person));
    }

    /// The person, for the part of the page that asks: it is that part that waits for them.
    pub fn here() -> Self {
        let Loading(loading) = expect_context();
        Self { person: answered(move || loading.get().and_then(Result::ok)) }
    }

    /// The person.
    pub fn person(self) -> Option<UserView> {
        self.person.get()
    }

    /// May the person do this? No, as long as the person is not known.
    pub fn may(self, permission: Permission) -> bool {
        self.person.with(|person| person.as_ref().is_some_and(|person| authorize(&actor(person), permission).is_ok()))
    }
}

/// Has the question who looks been answered, one way or the other?
pub fn is_answered() -> bool {
    let Loading(loading) = expect_context();
    loading.with(Option::is_some)
}

fn actor(person: &UserView) -> Actor {
    Actor::User(SignedIn {
        user: UserRef { id: person.id, username: person.username.clone() },
        roles: person.roles.clone(),
        authenticated_at: Timestamp::from_unix_ms(0),
    })
}
