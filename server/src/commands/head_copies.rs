//! Copies of the newest signed head of the log outside the database: in a file of the data directory, and posted to whoever keeps heads. A copy
//! that could not be made is made with the next one, at the latest after a minute.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use store::SignedHead;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

const FILE: &str = "audit-head.note";
/// How long whoever keeps heads may take to answer.
const POST_MAX: Duration = Duration::from_secs(10);
/// A copy that failed is tried again after this time.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

type Heads = watch::Receiver<Option<SignedHead>>;

/// Where copies go.
#[derive(Clone)]
pub struct HeadCopies {
    file: PathBuf,
    webhook: Option<Url>,
    http: reqwest::Client,
}

impl HeadCopies {
    /// In this data directory and, if there is one, to this address.
    pub fn new(data_dir: &Path, webhook: Option<Url>) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(POST_MAX).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { file: data_dir.join(FILE), webhook, http })
    }

    /// Copies each newest head until the server ends.
    pub async fn follow(self, mut heads: Heads, end: CancellationToken) {
        let mut failed = false;
        loop {
            tokio::select! {
                () = end.cancelled() => return,
                changed = heads.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(AGAIN_AFTER), if failed => {}
            }
            failed = !self.copy_or_say(&mut heads).await;
        }
    }

    /// Copies the newest head; why it could not is logged.
    pub async fn copy_or_say(&self, heads: &mut Heads) -> bool {
        let newest = heads.borrow_and_update().clone();
        let Some(head) = newest else { return true };
        let copied = self.copy(&head).await;
        if let Err(error) = &copied {
            tracing::warn!(size = head.size, "the signed head of the log was not copied: {error:#}");
        }
        copied.is_ok()
    }

    async fn copy(&self, head: &SignedHead) -> Result<()> {
        let beside = self.file.with_extension("part");
        tokio::fs::write(&beside, &head.note).await.with_context(|| format!("cannot write {}", beside.display()))?;
        tokio::fs::rename(&beside, &self.file).await.with_context(|| format!("cannot write {}", self.file.display()))?;
        if let Some(webhook) = &self.webhook {
            let post = self.http.post(webhook.clone()).header(CONTENT_TYPE, "text/plain; charset=utf-8").body(head.note.clone());
            // Without the address: it may hold a secret.
            post.send().await.and_then(reqwest::Response::error_for_status).map_err(reqwest::Error::without_url)?;
        }
        Ok(())
    }
}
