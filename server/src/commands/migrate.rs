//! `countersign migrate`: the schema, brought up to date.

use anyhow::Result;
use clap::Args;

use super::open;
use crate::config::DataFlags;

/// Bring the database's schema up to date, and stop.
#[derive(Args)]
pub struct Migrate {
    #[command(flatten)]
    data: DataFlags,
}

impl Migrate {
    pub async fn run(self) -> Result<()> {
        let store = open::store_of(&self.data).await?;
        store.close().await?;
        println!("the schema is up to date");
        Ok(())
    }
}
