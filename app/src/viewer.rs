//! Who looks at the page, and what they may do. The server decides every time; this is a courtesy to the eye.

use api::ApiError;
use api::people::UserView;
use domain::access::{Actor, Permission, SignedIn, authorize};
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use leptos::prelude::*;

/// The signed-in person, as far as known.
#[derive(Clone, Copy)]
pub struct Viewer {
    person: Memo<Option<UserView>>,
}

impl Viewer {
    /// The viewer that this resource loads.
    pub fn provide(person: Resource<Result<UserView, ApiError>>) -> Self {
        let viewer = Self { person: Memo::new(move |_| person.get().and_then(Result::ok)) };
        provide_context(viewer);
        viewer
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

fn actor(person: &UserView) -> Actor {
    Actor::User(SignedIn {
        user: UserRef { id: person.id, username: person.username.clone() },
        roles: person.roles.clone(),
        authenticated_at: Timestamp::from_unix_ms(0),
    })
}
