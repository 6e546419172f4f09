//! The bound on what may wait to be written, in changes and in bytes: what finds no place is refused at once, so that memory stays
//! flat however much is sent.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::error::StoreError;

/// Changes that may wait for the writer; more are refused as [`StoreError::Overloaded`].
pub const WRITE_QUEUE_MAX: usize = 4_096;
/// Bytes of alerts and of pieces of files that may wait for the writer; more are refused as [`StoreError::Overloaded`].
pub const WRITE_QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The places in a queue. Cheap to clone; all clones are one queue.
#[derive(Clone)]
pub(crate) struct Places {
    changes: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

/// A place in the queue, free again when dropped.
pub(crate) struct Place {
    _changes: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

impl Places {
    pub(crate) fn new() -> Self {
        Self { changes: Arc::new(Semaphore::new(WRITE_QUEUE_MAX)), bytes: Arc::new(Semaphore::new(WRITE_QUEUE_BYTES_MAX)) }
    }

    /// Takes the places of these many changes of these many bytes, all or none.
    pub(crate) fn take(&self, changes: usize, bytes: usize) -> Result<Place, StoreError> {
        Ok(Place { _changes: permits(&self.changes, changes)?, _bytes: permits(&self.bytes, bytes)? })
    }

    /// How many changes wait now.
    pub(crate) fn taken(&self) -> usize {
        WRITE_QUEUE_MAX - self.changes.available_permits()
    }

    /// Waits until nobody waits any more, and refuses whoever comes later.
    pub(crate) async fn close(&self) {
        let all = u32::try_from(WRITE_QUEUE_MAX).unwrap_or(u32::MAX);
        if let Ok(all) = self.changes.acquire_many(all).await {
            self.changes.close();
            drop(all);
        }
    }

    /// Refuses whoever comes later, without waiting.
    pub(crate) fn close_now(&self) {
        self.changes.close();
    }
}

fn permits(semaphore: &Arc<Semaphore>, count: usize) -> Result<OwnedSemaphorePermit, StoreError> {
    let count = u32::try_from(count).map_err(|_| StoreError::Overloaded)?;
    Arc::clone(semaphore).try_acquire_many_owned(count).map_err(|error| match error {
        TryAcquireError::NoPermits => StoreError::Overloaded,
        TryAcquireError::Closed => StoreError::Closed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_and_bytes_are_bounded_and_places_come_back() {
        let places = Places::new();
        let most = places.take(WRITE_QUEUE_MAX - 1, 0).unwrap();
        assert_eq!(places.take(2, 0).err(), Some(StoreError::Overloaded));
        let last = places.take(1, WRITE_QUEUE_BYTES_MAX).unwrap();
        assert_eq!((places.taken(), places.take(1, 0).err()), (WRITE_QUEUE_MAX, Some(StoreError::Overloaded)));
        drop(most);
        assert_eq!(places.take(1, 1).err(), Some(StoreError::Overloaded), "the bytes are taken still");
        drop(last);
        assert_eq!(places.taken(), 0);
        assert!(places.take(1, 1).is_ok());
        places.close_now();
        assert_eq!(places.take(1, 1).err(), Some(StoreError::Closed));
    }
}
