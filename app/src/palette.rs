//! What the command palette offers for a text: what the page can do, places, ids and observables. How it looks is a component.

use std::net::IpAddr;

use domain::id::{ApprovalId, IncidentId, NUMBERED_ID_MAX, PlaybookId, RunId};
use domain::incident_filter::parse_typed;
use domain::observable::ObservableKind;
use leptos::prelude::*;

use crate::keyboard::PLACES;
use crate::listing::Listing;
use crate::{address, wording};

/// What a choice does.
#[derive(Clone)]
pub enum Act {
    /// Goes to this address.
    Go(String),
    Do(Callback<()>),
}

/// One thing that can be chosen.
#[derive(Clone)]
pub struct Choice {
    pub label: String,
    /// More words, by which it is found too.
    pub hint: String,
    pub keys: &'static str,
    pub act: Act,
}

/// What the page on the screen offers.
#[derive(Clone, Copy)]
pub struct Offers(RwSignal<Vec<Choice>>);

impl Choice {
    /// A command.
    pub fn command(label: impl Into<String>, keys: &'static str, act: Callback<()>) -> Self {
        Self { label: label.into(), hint: String::new(), keys, act: Act::Do(act) }
    }

    /// A place.
    pub fn place(label: impl Into<String>, hint: impl Into<String>, address: String) -> Self {
        Self { label: label.into(), hint: hint.into(), keys: "", act: Act::Go(address) }
    }
}

impl Offers {
    /// Nothing yet.
    pub fn provide() -> Self {
        let offers = Self(RwSignal::new(Vec::new()));
        provide_context(offers);
        offers
    }

    /// What is offered now.
    pub fn get(self) -> Vec<Choice> {
        self.0.get()
    }
}

/// Offers these for as long as the page lives.
pub fn offer(choices: impl Fn() -> Vec<Choice> + Send + Sync + 'static) {
    let Offers(offered) = expect_context();
    Effect::new(move || offered.set(choices()));
    on_cleanup(move || {
        offered.try_set(Vec::new());
    });
}

/// The choices for a text, the best first: what it names, what the page and the app can do, and at last a search.
pub fn choices(text: &str, commands: Vec<Choice>) -> Vec<Choice> {
    let text = text.trim();
    let places = PLACES.iter().map(|place| Choice {
        keys: place.keys,
        ..Choice::place(format!("Go to {}", place.label), "", place.address.to_owned())
    });
    let known = commands.into_iter().chain(places).filter(|choice| fits(choice, text));
    named(text).into_iter().chain(known).chain(search(text)).collect()
}

/// Every word of the text stands in the label or in the hint.
fn fits(choice: &Choice, text: &str) -> bool {
    let words = format!("{} {}", choice.label, choice.hint).to_lowercase();
    text.to_lowercase().split_whitespace().all(|word| words.contains(word))
}

fn search(text: &str) -> Option<Choice> {
    let address = || Listing { filter: parse_typed(text).filter, ..Listing::default() }.address();
    (!text.is_empty()).then(|| Choice::place(format!("Search incidents for \u{201c}{text}\u{201d}"), "", address()))
}

/// What this very text names: an id, also without its zeros, or an observable, also a defanged one.
fn named(text: &str) -> Option<Choice> {
    if let Some((label, address)) = id(&text.to_uppercase()) {
        return Some(Choice::place(format!("Open {label}"), "", address));
    }
    let value = refanged(text);
    let kind = observable_kind(&value)?;
    let address = format!("/incidents?observable={}", address::escaped(&format!("{kind}:{value}")));
    Some(Choice::place(format!("Incidents with {} {value}", wording::observable_kind(kind)), "", address))
}

fn id(text: &str) -> Option<(String, String)> {
    let (prefix, digits) = text.split_once('-').unwrap_or(("INC", text));
    if prefix == "PB" {
        let id = text.parse::<PlaybookId>().ok()?;
        return Some((id.to_string(), format!("/playbooks/{id}")));
    }
    let number = digits.parse::<i64>().ok().filter(|number| (1..=NUMBERED_ID_MAX).contains(number))?;
    let (label, folder) = match prefix {
        "INC" => (IncidentId::new(number).to_string(), "incidents"),
        "RUN" => (RunId::new(number).to_string(), "runs"),
        "APR" => (ApprovalId::new(number).to_string(), "approvals"),
        _ => return None,
    };
    let address = format!("/{folder}/{label}");
    Some((label, address))
}

/// The value that a defanged one stands for.
fn refanged(text: &str) -> String {
    text.replace("[.]", ".").replace("hxxp", "http")
}

fn observable_kind(value: &str) -> Option<ObservableKind> {
    const HASH_DIGITS: [usize; 3] = [32, 40, 64];
    let one_word = !value.is_empty() && !value.contains(char::is_whitespace) && !value.contains(':');
    if value.parse::<IpAddr>().is_ok() {
        Some(ObservableKind::Ip)
    } else if value.contains("://") && !value.contains(char::is_whitespace) {
        Some(ObservableKind::Url)
    } else if HASH_DIGITS.contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Some(ObservableKind::FileHash)
    } else if one_word && value.split_once('@').is_some_and(|(name, host)| !name.is_empty() && is_domain(host)) {
        Some(ObservableKind::Email)
    } else {
        (one_word && is_domain(value)).then_some(ObservableKind::Domain)
    }
}

fn is_domain(value: &str) -> bool {
    let label = |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    value.rsplit_once('.').is_some_and(|(rest, top)| {
        top.len() > 1 && top.bytes().all(|byte| byte.is_ascii_alphabetic()) && rest.split('.').all(label)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> (String, String) {
        let choice = choices(text, Vec::new()).remove(0);
        let Act::Go(address) = choice.act else { panic!("{text} goes nowhere") };
        (choice.label, address)
    }

    #[test]
    fn a_text_that_names_something_opens_it() {
        for (text, label, address) in [
            ("INC-0000000412", "Open INC-0000000412", "/incidents/INC-0000000412"),
            ("412", "Open INC-0000000412", "/incidents/INC-0000000412"),
            ("apr-7", "Open APR-0000000007", "/approvals/APR-0000000007"),
            ("pb-phishing", "Open PB-PHISHING", "/playbooks/PB-PHISHING"),
            ("91.23.11.9", "Incidents with address 91.23.11.9", "/incidents?observable=ip%3A91.23.11.9"),
            ("pay-roll[.]example", "Incidents with domain pay-roll.example", "/incidents?observable=domain%3Apay-roll.example"),
            ("a@b.example", "Incidents with mail address a@b.example", "/incidents?observable=email%3Aa%40b.example"),
        ] {
            assert_eq!(first(text), (label.to_owned(), address.to_owned()));
        }
    }

    #[test]
    fn words_find_places_and_at_last_search() {
        assert_eq!(first("go audit"), ("Go to Audit".to_owned(), "/audit".to_owned()));
        assert_eq!(first("payroll page").1, "/incidents?q=payroll%20page");
        assert_eq!(choices("", Vec::new()).len(), PLACES.len());
    }
}
