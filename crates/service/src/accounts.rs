//! People, keys and one-time links as they are made, changed and unmade, by whoever may: the pages and the API through their use cases, the
//! command line directly. Who may is not decided here.

mod keys;
mod links;
mod people;

use api::{Caller, ProblemCode};
use domain::access::{Role, Scope};
use domain::audit::Origin;
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
}

impl Accounts {
    /// Over this store, in the name of the system: for the command line.
    pub async fn new(store: Store, clock: Clock) -> Result<Self, ServiceError> {
        let passwords = Passwords::new(clock.secret(DECOY_CHARS)).await?;
        Ok(Self { store, clock, passwords, origin: Origin::system() })
    }

    /// In the name of this caller.
    pub(crate) fn of(core: &Core, caller: &Caller) -> Self {
        Self { store: core.store.clone(), clock: core.clock, passwords: core.passwords.clone(), origin: origin(caller) }
    }
}

/// There is no such thing.
fn not_found(what: &str) -> ServiceError {
    ServiceError::refuse(ProblemCode::NotFound, format!("{what} does not exist"))
}
