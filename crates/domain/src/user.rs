//! People and how they are referred to. Passwords and sessions are not the domain's business.

use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::id::UserId;
use crate::timestamp::Timestamp;

/// A person as other records show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserRef {
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: UserId,
    pub username: String,
}

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub roles: Vec<Role>,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
}

impl User {
    /// The short form that other records show.
    #[must_use]
    pub fn reference(&self) -> UserRef {
        UserRef { id: self.id, username: self.username.clone() }
    }
}
