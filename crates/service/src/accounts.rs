//! People, keys and one-time links as they are made, changed and unmade, by whoever may: the pages and the API through their use cases, the
//! command line directly. Who may is not decided here.

mod keys;
mod links;
mod people;

use api::{Caller, ProblemCode};
use domain::access::{Role, Scope, SignedIn};
use domain::account::{SetVia, Setter};
use domain::audit::{ActorKind, Origin};
use domain::id::Source;
use domain::timestamp::Timestamp;
use store::Store;

pub use api::api_keys::ApiKeyView as KeyState;
pub use links::{MadeLink, SetupPerson};

use crate::clock::Clock;
use crate::core::{Core, origin};
use crate::error::ServiceError;
use crate::passwords::Passwords;

const DECOY_CHARS: usize = 32;
/// 43 letters and digits hold 256 bits.
const SECRET_CHARS: usize = 43;

/// A person to be added.
pub struct NewUser {
    pub username: String,
    pub display_name: String,
    pub roles: Vec<Role>,
    pub password: String,
}

/// A key to be created.
pub struct NewKey {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub source: Option<Source>,
    pub expires_at: Option<Timestamp>,
}

/// Administration of people and keys.
pub struct Accounts {
    store: Store,
    clock: Clock,
    passwords: Passwords,
    /// Who does it, as the audit log names them.
    origin: Origin,
    /// Who does it; nobody at the command line.
    person: Option<SignedIn>,
}

impl Accounts {
    /// Over this store, in the name of the system: for the command line.
    pub async fn new(store: Store, clock: Clock) -> Result<Self, ServiceError> {
        let passwords = Passwords::new(clock.secret(DECOY_CHARS)).await?;
        Ok(Self { store, clock, passwords, origin: Origin::system(), person: None })
    }

    /// Who sets what is set of an account here.
    fn setter(&self) -> Setter {
        match (&self.person, self.origin.actor.kind) {
            (Some(person), _) => Setter::person(person.user.id),
            (None, ActorKind::System) => Setter::nobody(SetVia::CommandLine),
            // Nobody is signed in: it is done by a link.
            (None, _) => Setter::nobody(SetVia::SetUp),
        }
    }

    /// In the name of this caller.
    pub(crate) fn of(core: &Core, caller: &Caller) -> Self {
        let (store, clock, passwords) = (core.store.clone(), core.clock, core.passwords.clone());
        Self { store, clock, passwords, origin: origin(caller), person: caller.actor.as_user().cloned() }
    }
}

/// There is no such thing.
fn not_found(what: &str) -> ServiceError {
    ServiceError::refuse(ProblemCode::NotFound, format!("{what} does not exist"))
}
