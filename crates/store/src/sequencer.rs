//! Gives the entries that were committed on PostgreSQL their places in the log. Each replica has one sequencer; they take turns by the lock of the
//! log's head, and any of them places what another one left behind when it died. Changes that were committed while one pass was under way share
//! the next one.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, EntityTrait as _};
use tokio::sync::{mpsc, oneshot};

use crate::entity::audit_pending;
use crate::error::StoreError;
use crate::store::Surroundings;
use crate::write::{Heads, Tx};

/// Entries that are placed in one transaction.
const PLACED_AT_ONCE: u64 = 2_000;
/// How long an entry waits whose replica died before it was placed.
const PASS_EVERY: Duration = Duration::from_secs(1);

/// What a sequencer is asked for.
enum Asked {
    /// To answer once everything that is committed now has its place.
    CatchUp(oneshot::Sender<Result<(), StoreError>>),
    /// To make no more passes.
    End,
}

/// The way to this replica's sequencer.
#[derive(Clone)]
pub(crate) struct Sequencer(mpsc::UnboundedSender<Asked>);

impl Sequencer {
    pub(crate) fn start(pool: DatabaseConnection, surroundings: Arc<dyn Surroundings>, heads: Heads) -> Self {
        let (sender, waiting) = mpsc::unbounded_channel();
        tokio::spawn(Passes { pool, surroundings, heads }.make(waiting));
        Self(sender)
    }

    /// Waits until everything that was committed before this call has its place.
    pub(crate) async fn catch_up(&self) -> Result<(), StoreError> {
        let (done, placed) = oneshot::channel();
        self.0.send(Asked::CatchUp(done)).map_err(|_| StoreError::Closed)?;
        placed.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Makes no more passes.
    pub(crate) fn end(&self) {
        // It may have ended already.
        let _ = self.0.send(Asked::End);
    }
}

struct Passes {
    pool: DatabaseConnection,
    surroundings: Arc<dyn Surroundings>,
    heads: Heads,
}

impl Passes {
    async fn make(self, mut waiting: mpsc::UnboundedReceiver<Asked>) {
        loop {
            let first = match tokio::time::timeout(PASS_EVERY, waiting.recv()).await {
                Ok(None) => return,
                Ok(first) => first,
                Err(_) => None,
            };
            let mut replies = Vec::new();
            let mut next = first;
            while let Some(asked) = next {
                match asked {
                    Asked::CatchUp(reply) => replies.push(reply),
                    Asked::End => return,
                }
                next = waiting.try_recv().ok();
            }
            // Nobody asked: what is looked for was left behind by a replica that died.
            let idle = replies.is_empty() && matches!(audit_pending::Entity::find().one(&self.pool).await, Ok(None));
            let placed = if idle { Ok(()) } else { self.place_all().await };
            if let Err(error) = &placed {
                tracing::warn!(%error, "entries of the audit log wait for their places");
            }
            for reply in replies {
                // Whoever went away needs no answer.
                let _ = reply.send(placed.clone());
            }
        }
    }

    async fn place_all(&self) -> Result<(), StoreError> {
        loop {
            let tx = Tx::begin(&self.pool, &self.surroundings).await?;
            let placed = match tx.audit().place(PLACED_AT_ONCE).await {
                Ok(placed) => placed,
                Err(error) => {
                    tx.rollback().await?;
                    return Err(error);
                }
            };
            if placed.count == 0 {
                return tx.rollback().await;
            }
            self.surroundings.placing();
            tx.commit().await?;
            self.heads.raise(placed.size);
            if (placed.count as u64) < PLACED_AT_ONCE {
                return Ok(());
            }
        }
    }
}
