//! What a creating ability answers with: the status, and the address of what was made. REST answers with it, and it is kept for
//! whoever repeats the request.

use domain::evidence::Evidence;
use domain::note::Note;
use domain::saved_view::SavedView;
use domain::task::Task;
use serde::Serialize;
use serde_json::json;

use crate::alerts::{AlertReceipt, BatchReceipt};
use crate::api_keys::ApiKeyCreated;
use crate::runs::RunRequested;
use crate::users::UserCreated;

const OK: u16 = 200;
const CREATED: u16 = 201;
const ACCEPTED: u16 = 202;

/// A view of something that was just made.
pub trait Creation: Serialize {
    /// The HTTP status.
    fn status(&self) -> u16 {
        CREATED
    }

    /// The body as it is kept for whoever repeats the request: secrets that are shown once are not in it.
    fn kept_body(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The address of what was made, if it has one.
    fn location(&self) -> Option<String> {
        None
    }
}

impl Creation for AlertReceipt {
    fn status(&self) -> u16 {
        if self.deduplicated { OK } else { CREATED }
    }

    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/alerts/{}", self.id))
    }
}

impl Creation for BatchReceipt {
    fn status(&self) -> u16 {
        OK
    }
}

impl Creation for ApiKeyCreated {
    fn kept_body(&self) -> Vec<u8> {
        json!({ "api_key": self.api_key, "key": null }).to_string().into_bytes()
    }

    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/api-keys/{}", self.api_key.id))
    }
}

impl Creation for UserCreated {
    fn kept_body(&self) -> Vec<u8> {
        json!({ "user": self.user, "password_link": null }).to_string().into_bytes()
    }

    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/users/{}", self.user.id))
    }
}

impl Creation for Note {}

impl Creation for Task {}

impl Creation for SavedView {}

impl Creation for Evidence {
    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/evidence/{}", self.id))
    }
}

impl Creation for RunRequested {
    fn status(&self) -> u16 {
        ACCEPTED
    }

    fn location(&self) -> Option<String> {
        Some(format!("/api/v1/runs/{}", self.run.id))
    }
}
