//! A connector that a story can watch, hold up and change: what it does is to count how often it was called.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use async_trait::async_trait;
use connectors::{Connector, ConnectorError, Effect, Recovery};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, oneshot};

/// Where a door can be held shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// While it is asked which revision it has.
    Compared,
    /// While it is asked what to do about a lost outcome.
    Recovered,
}

/// The connector.
pub struct Door {
    revision: AtomicU32,
    recovery: Recovery,
    calls: AtomicUsize,
    /// One permit for each call that may go on.
    open: Semaphore,
    entered: Semaphore,
    held: Mutex<Option<(Moment, Hold)>>,
}

struct Hold {
    reached: oneshot::Sender<()>,
    release: mpsc::Receiver<()>,
}

/// Whoever comes to the moment waits here until it is let go.
pub struct Held {
    pub reached: oneshot::Receiver<()>,
    pub release: mpsc::Sender<()>,
}

impl Door {
    /// One that lets every call through.
    pub fn open(recovery: Recovery) -> Arc<Self> {
        Self::with_permits(recovery, Semaphore::MAX_PERMITS)
    }

    /// One that lets no call through until it is told to.
    pub fn shut(recovery: Recovery) -> Arc<Self> {
        Self::with_permits(recovery, 0)
    }

    fn with_permits(recovery: Recovery, permits: usize) -> Arc<Self> {
        Arc::new(Self {
            revision: AtomicU32::new(1),
            recovery,
            calls: AtomicUsize::new(0),
            open: Semaphore::new(permits),
            entered: Semaphore::new(0),
            held: Mutex::new(None),
        })
    }

    /// Its configuration is changed.
    pub fn change(&self) {
        self.revision.fetch_add(1, Ordering::SeqCst);
    }

    /// How often it was called.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Waits until a call stands before it.
    pub async fn entered(&self) {
        self.entered.acquire().await.unwrap().forget();
    }

    /// Lets one call through.
    pub fn let_through(&self) {
        self.open.add_permits(1);
    }

    /// Holds up whoever next comes to this moment.
    pub fn hold(&self, moment: Moment) -> Held {
        let (reached, is_reached) = oneshot::channel();
        let (release, released) = mpsc::channel();
        *self.held.lock().unwrap() = Some((moment, Hold { reached, release: released }));
        Held { reached: is_reached, release }
    }

    fn pass(&self, moment: Moment) {
        let hold = self.held.lock().unwrap().take_if(|(at, _)| *at == moment);
        if let Some((_, hold)) = hold {
            hold.reached.send(()).unwrap();
            tokio::task::block_in_place(|| hold.release.recv()).unwrap();
        }
    }
}

#[async_trait]
impl Connector for Door {
    fn name(&self) -> &'static str {
        "door"
    }

    fn revision(&self) -> u32 {
        self.pass(Moment::Compared);
        self.revision.load(Ordering::SeqCst)
    }

    fn recovery(&self) -> Recovery {
        self.pass(Moment::Recovered);
        self.recovery
    }

    async fn perform(&self, _: &Effect) -> Result<Value, ConnectorError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.entered.add_permits(1);
        self.open.acquire().await.unwrap().forget();
        Ok(json!({ "through": true }))
    }
}
