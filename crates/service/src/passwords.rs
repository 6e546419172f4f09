//! Password hashing with Argon2id (19 MiB, 2 passes, 1 lane), on blocking threads and a few at a time.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use domain::password::PASSWORD_BYTES_MAX;
use store::StoreError;
use tokio::sync::Semaphore;

use crate::error::ServiceError;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at the same time; each takes 19 MiB and a core.
const HASHES_AT_ONCE_MAX: usize = 2;
/// Hashes that wait for one of those places; more are refused as overload.
const HASHES_WAITING_MAX: usize = 64;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    places: Places,
    /// What an unknown user's password is compared with, so that the answer takes as long.
    decoy: Arc<str>,
}

impl Passwords {
    /// Ready to hash; `decoy_secret` is any random text.
    pub async fn new(decoy_secret: String) -> Result<Self, ServiceError> {
        let places = Places::default();
        let decoy = places.on_blocking_thread(move || hash(&decoy_secret)).await?;
        Ok(Self { places, decoy: decoy.into() })
    }

    /// The PHC string of this password.
    pub async fn hash(&self, password: String) -> Result<String, ServiceError> {
        self.places.on_blocking_thread(move || hash(&password)).await
    }

    /// Is this the password behind the PHC string? An absent one is as slow, and wrong.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, ServiceError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let right = self.places.on_blocking_thread(move || Ok(verify(&password, &stored))).await?;
        Ok(right && known)
    }
}

/// Where hashes are computed and wait to be.
#[derive(Clone)]
struct Places {
    computing: Arc<Semaphore>,
    /// Of those that compute and those that wait.
    taken: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        let taken = Semaphore::new(HASHES_AT_ONCE_MAX + HASHES_WAITING_MAX);
        Self { computing: Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX)), taken: Arc::new(taken) }
    }
}

impl Places {
    async fn on_blocking_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let _place = self.taken.try_acquire().map_err(|_| StoreError::Overloaded)?;
        let _computing = self.computing.acquire().await.map_err(|_| ServiceError::ShuttingDown)?;
        tokio::task::spawn_blocking(work).await.map_err(|error| ServiceError::Password(error.to_string()))?
    }
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
