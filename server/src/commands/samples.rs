//! `countersign samples`: the shipped sample alerts, shown or posted.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use playbooks::samples::{Sample, samples};
use serde_json::{Value, json};
use url::Url;

use super::output::{Output, cell};

/// Show the shipped sample alerts of every type, or post them to a server.
///
/// Example: countersign samples phishing --post --url http://127.0.0.1:8080 --key "$KEY"
#[derive(Args)]
pub struct Samples {
    /// Types, such as phishing; by default all.
    types: Vec<String>,
    /// Post them instead of printing them.
    #[arg(long, requires = "key")]
    post: bool,
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: Url,
    /// An API key with alerts:write.
    #[arg(long, env = "COUNTERSIGN_KEY", hide_env_values = true)]
    key: Option<String>,
    #[command(flatten)]
    output: Output,
}

impl Samples {
    pub async fn run(self) -> Result<()> {
        let chosen = self.chosen()?;
        match (self.post, &self.key) {
            (true, Some(key)) => self.post_all(&chosen, key).await,
            _ => {
                let alerts: Vec<Value> = chosen.into_iter().map(|sample| sample.alert).collect();
                let lines = alerts.iter().map(serde_json::to_string_pretty).collect::<Result<Vec<_>, _>>()?;
                self.output.say(lines.join("\n"), &alerts)
            }
        }
    }

    fn chosen(&self) -> Result<Vec<Sample>> {
        let all = samples();
        let names: Vec<String> = all.iter().map(|sample| sample.name.clone()).collect();
        if let Some(unknown) = self.types.iter().find(|name| !names.contains(name)) {
            bail!("there is no sample {unknown}; there are {}", names.join(", "));
        }
        Ok(all.into_iter().filter(|sample| self.types.is_empty() || self.types.contains(&sample.name)).collect())
    }

    async fn post_all(&self, samples: &[Sample], key: &str) -> Result<()> {
        let client = reqwest::Client::builder().build()?;
        let (mut lines, mut results, mut refused) = (Vec::new(), Vec::new(), 0);
        for sample in samples {
            let address = self.url.join("/api/v1/alerts")?;
            let request = client.post(address).bearer_auth(key).json(&sample.alert);
            let answer = request.send().await.with_context(|| format!("{} does not answer", self.url))?;
            let status = answer.status();
            let body: Value = answer.json().await.unwrap_or_default();
            refused += usize::from(!status.is_success());
            let told = body["incident_id"].as_str().or_else(|| body["detail"].as_str()).unwrap_or_default();
            lines.push(format!("{:<22} {} {}", sample.name, status.as_u16(), cell(told)));
            results.push(json!({ "sample": sample.name, "status": status.as_u16(), "answer": body }));
        }
        self.output.say(lines.join("\n"), &results)?;
        if refused == 0 { Ok(()) } else { bail!("{refused} of {} were refused", samples.len()) }
    }
}
