//! `countersign migrate`: the schema, brought up to date.

use anyhow::Result;
use clap::Args;

use super::open;
use crate::config::DataConfig;

/// Bring the database's schema up to date, and stop.
#[derive(Args)]
pub struct Migrate {
    #[command(flatten)]
    data: DataConfig,
}

impl Migrate {
    pub async fn run(self) -> Result<()> {
        let store = open::store(&self.data).await?;
        store.close().await?;
        println!("the schema is up to date");
        Ok(())
    }
}
