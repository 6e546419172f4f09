//! Figures: a name, a value with its unit, and what it is compared with; printed as a table for people and as JSON for programs.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

/// One measured number.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
    /// What reliability asks for, where it asks for something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<&'static str>,
}

impl Figure {
    /// A figure that nothing is asked of.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, goal: None }
    }

    /// With what it should reach.
    pub fn goal(self, goal: &'static str) -> Self {
        Self { goal: Some(goal), ..self }
    }
}

/// The middle of an odd number of values, the upper middle of an even one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Of a hundred values, sorted, this many are not above the figure.
const PERCENTILE: usize = 99;

/// What all but one of a hundred sorted values stay below.
pub fn p99(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() * PERCENTILE / 100).copied().unwrap_or_default()
}

/// Prints the table and writes the JSON.
pub fn report(figures: &[Figure], json: &Path) -> Result<()> {
    println!("\n{:<58} {:>12} {:<10} goal", "figure", "value", "unit");
    for figure in figures {
        println!("{:<58} {:>12} {:<10} {}", figure.name, shown(figure.value), figure.unit, figure.goal.unwrap_or("-"));
    }
    std::fs::write(json, serde_json::to_vec_pretty(figures)?)?;
    println!("\nas JSON: {}", json.display());
    Ok(())
}

/// Ratios with two places, everything from ten without any.
fn shown(value: f64) -> String {
    if value < 10.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}
