//! Password hashing with Argon2id (19 MiB, 2 passes, 1 lane), on blocking threads and a few at a time.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use tokio::sync::Semaphore;

use crate::error::ServiceError;

/// Bytes of a password, at least and at most.
pub const PASSWORD_BYTES_MIN: usize = 12;
/// See [`PASSWORD_BYTES_MIN`].
pub const PASSWORD_BYTES_MAX: usize = 256;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at the same time; each takes 19 MiB and a core.
const HASHES_AT_ONCE_MAX: usize = 2;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
    /// What an unknown user's password is compared with, so that the answer takes as long.
    decoy: Arc<str>,
}

impl Passwords {
    /// Ready to hash; `decoy_secret` is any random text.
    pub async fn new(decoy_secret: String) -> Result<Self, ServiceError> {
        let at_once = Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX));
        let decoy = on_blocking_thread(&at_once, move || hash(&decoy_secret)).await?;
        Ok(Self { at_once, decoy: decoy.into() })
    }

    /// The PHC string of this password.
    pub async fn hash(&self, password: String) -> Result<String, ServiceError> {
        on_blocking_thread(&self.at_once, move || hash(&password)).await
    }

    /// Is this the password behind the PHC string? An absent one is as slow, and wrong.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, ServiceError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let right = on_blocking_thread(&self.at_once, move || Ok(verify(&password, &stored))).await?;
        Ok(right && known)
    }
}

async fn on_blocking_thread<T: Send + 'static>(
    at_once: &Semaphore,
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let _permit = at_once.acquire().await.map_err(|_| ServiceError::ShuttingDown)?;
    tokio::task::spawn_blocking(work).await.map_err(|error| ServiceError::Password(error.to_string()))?
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> Result<String, ServiceError> {
    argon2()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| ServiceError::Password(error.to_string()))
}

fn verify(password: &str, stored: &str) -> bool {
    password.len() <= PASSWORD_BYTES_MAX
        && PasswordHash::new(stored).is_ok_and(|stored| argon2().verify_password(password.as_bytes(), &stored).is_ok())
}
