//! Which incidents the list shows, as its address says it: filter, order, page. The filter's own names are `domain`'s.

use api::PageRequest;
use api::incidents::IncidentQuery;
use api::page::{PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX};
use domain::alert::FieldError;
use domain::incident::State;
use domain::incident_filter::{FILTER_PARAMETERS, IncidentFilter, IncidentSort, SortOrder};
use domain::saved_view::ViewContent;
use leptos_router::params::ParamsMap;

use crate::address::escaped;
use crate::wording;

const BASE: &str = "/incidents";
/// How many rows a page may have.
pub const LIMITS: [u32; 3] = [PAGE_LIMIT_DEFAULT, 100, PAGE_LIMIT_MAX];

/// What the list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub filter: IncidentFilter,
    pub sort: IncidentSort,
    pub order: SortOrder,
    pub limit: u32,
    pub cursor: Option<String>,
}

/// One filter that can be taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    pub label: &'static str,
    pub value: String,
    /// The address of the list without it.
    pub without: String,
}

impl Default for Listing {
    fn default() -> Self {
        let (sort, order) = (IncidentSort::CreatedAt, SortOrder::Descending);
        Self { filter: IncidentFilter::default(), sort, order, limit: PAGE_LIMIT_DEFAULT, cursor: None }
    }
}

impl Listing {
    /// What this address says, and what is wrong with it; that is left out.
    pub fn read(query: &ParamsMap) -> (Self, Vec<FieldError>) {
        let mut listing = Self::default();
        let mut errors = Vec::new();
        for name in FILTER_PARAMETERS {
            for value in query.get_all(name).unwrap_or_default() {
                if let Err(detail) = listing.filter.take(name, &value) {
                    errors.push(FieldError::new(format!("/{name}"), detail));
                }
            }
        }
        listing.sort = query.get("sort").and_then(|word| word.parse().ok()).unwrap_or(listing.sort);
        listing.order = query.get("order").and_then(|word| word.parse().ok()).unwrap_or(listing.order);
        listing.limit =
            query.get("limit").and_then(|word| word.parse().ok()).filter(|limit| LIMITS.contains(limit)).unwrap_or(listing.limit);
        listing.cursor = query.get("cursor");
        (listing, errors)
    }

    /// Its address; what is the default is left out.
    pub fn address(&self) -> String {
        let mut parts: Vec<String> = self.filter.parameters().iter().map(|(name, value)| part(name, value)).collect();
        let default = Self::default();
        parts.extend((self.sort != default.sort).then(|| part("sort", self.sort.as_str())));
        parts.extend((self.order != default.order).then(|| part("order", self.order.as_str())));
        parts.extend((self.limit != default.limit).then(|| part("limit", &self.limit.to_string())));
        parts.extend(self.cursor.as_ref().map(|cursor| part("cursor", cursor)));
        if parts.is_empty() { BASE.to_owned() } else { format!("{BASE}?{}", parts.join("&")) }
    }

    /// The same with this filter, from its first page.
    pub fn filtered(&self, filter: IncidentFilter) -> Self {
        Self { filter, cursor: None, ..self.clone() }
    }

    /// The same in this order, from its first page.
    pub fn sorted(&self, sort: IncidentSort, order: SortOrder) -> Self {
        Self { sort, order, cursor: None, ..self.clone() }
    }

    /// The same with this value of a parameter put in or, if it is there, taken out.
    pub fn toggled(&self, name: &str, value: &str) -> Self {
        let has = |(of, known): &(&str, String)| *of == name && known == value;
        if self.filter.parameters().iter().any(has) {
            return self.filtered(self.keeping(|parameter| !has(parameter)));
        }
        let mut filter = self.filter.clone();
        if filter.take(name, value).is_err() {
            // One of its kind is there already, and only one can be: it gives way.
            filter = self.keeping(|(of, _)| *of != name);
            let _ = filter.take(name, value);
        }
        self.filtered(filter)
    }

    /// Is this value of a parameter in the filter?
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.filter.parameters().iter().any(|(of, known)| *of == name && known == value)
    }

    /// What the server is asked for.
    pub fn query(&self) -> IncidentQuery {
        let page = PageRequest { limit: self.limit, cursor: self.cursor.clone() };
        IncidentQuery { filter: self.filter.clone(), sort: self.sort, order: self.order, page }
    }

    /// The filters one by one; several values of which one must hold are one.
    pub fn chips(&self) -> Vec<Chip> {
        let parameters = self.filter.parameters();
        let mut chips: Vec<Chip> = Vec::new();
        for name in FILTER_PARAMETERS {
            let values: Vec<&String> = parameters.iter().filter(|(of, _)| *of == name).map(|(_, value)| value).collect();
            if values.is_empty() {
                continue;
            }
            if matches!(name, "tag" | "observable") {
                chips.extend(
                    values.into_iter().map(|value| self.chip(name, value.clone(), |of, known| of == name && known == value)),
                );
            } else {
                chips.push(self.chip(name, self.words(name, &values), |of, _| of == name));
            }
        }
        chips
    }

    /// What is kept under a name.
    pub fn kept_as(&self, name: String) -> ViewContent {
        ViewContent { name, query: self.filter.to_typed(), sort: self.sort, order: self.order }
    }

    /// The list that a kept view shows.
    pub fn of_view(content: &ViewContent) -> Self {
        let filter = domain::incident_filter::parse_typed(&content.query).filter;
        Self { filter, sort: content.sort, order: content.order, ..Self::default() }
    }

    fn chip(&self, name: &'static str, value: String, is_it: impl Fn(&str, &String) -> bool) -> Chip {
        let without = self.filtered(self.keeping(|(of, known)| !is_it(of, known))).address();
        Chip { label: wording::filter(name), value, without }
    }

    fn keeping(&self, keep: impl Fn(&(&str, String)) -> bool) -> IncidentFilter {
        let kept = self.filter.parameters().into_iter().filter(|parameter| keep(parameter));
        let kept: Vec<(String, String)> = kept.map(|(name, value)| (name.to_owned(), value)).collect();
        IncidentFilter::parse(&kept).unwrap_or_default()
    }

    fn words(&self, name: &str, values: &[&String]) -> String {
        let open = State::ALL.iter().filter(|state| state.is_open()).count();
        if name == "state" && self.filter.state.len() == open && self.filter.state.iter().all(|state| state.is_open()) {
            return "open".to_owned();
        }
        values.iter().map(|value| value.replace('_', " ")).collect::<Vec<_>>().join(" or ")
    }
}

fn part(name: &str, value: &str) -> String {
    format!("{name}={}", escaped(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(line: &str) -> Listing {
        Listing { filter: domain::incident_filter::parse_typed(line).filter, ..Listing::default() }
    }

    fn read(pairs: &[(&'static str, &str)]) -> Listing {
        let mut query = ParamsMap::new();
        for (name, value) in pairs {
            query.insert(*name, (*value).to_owned());
        }
        Listing::read(&query).0
    }

    #[test]
    fn an_address_says_what_is_not_the_default() {
        assert_eq!(Listing::default().address(), "/incidents");
        assert_eq!(listing("sev:S1 ip:1.2.3.4").address(), "/incidents?severity=S1&observable=ip%3A1.2.3.4");
        let sorted = Listing { limit: 200, ..listing("vpn").sorted(IncidentSort::RiskScore, SortOrder::Ascending) };
        assert_eq!(sorted.address(), "/incidents?q=vpn&sort=risk_score&order=asc&limit=200");
    }

    #[test]
    fn an_address_is_read_back_and_nonsense_in_it_left_out() {
        let expected = Listing { cursor: Some("a-1".to_owned()), ..listing("sev:S1,S2 assignee:me") };
        let pairs =
            [("severity", "S1"), ("severity", "S2"), ("assignee", "me"), ("cursor", "a-1"), ("limit", "7"), ("sort", "x")];
        assert_eq!(read(&pairs), expected);
        let mut query = ParamsMap::new();
        query.insert("severity", "S9".to_owned());
        assert_eq!(Listing::read(&query).1.len(), 1);
    }

    #[test]
    fn chips_take_their_filter_away() {
        let all = listing("sev:S1,S2 state:new,classified,awaiting_approval,in_progress tag:vip tag:vpn");
        let chips: Vec<(&str, String)> = all.chips().into_iter().map(|chip| (chip.label, chip.value)).collect();
        let expected = [("state", "open"), ("severity", "S1 or S2"), ("tag", "vip"), ("tag", "vpn")];
        assert_eq!(chips, expected.map(|(label, value)| (label, value.to_owned())));
        assert_eq!(listing("sev:S1,S2 tag:vip tag:vpn").chips()[1].without, "/incidents?severity=S1&severity=S2&tag=vpn");
    }

    #[test]
    fn a_value_is_put_in_and_taken_out() {
        for (line, name, value, expected) in [
            ("", "severity", "S1", "sev:S1"),
            ("sev:S1", "severity", "S2", "sev:S1 sev:S2"),
            ("sev:S1 sev:S2", "severity", "S1", "sev:S2"),
            ("assignee:me", "assignee", "none", "assignee:none"),
            ("assignee:me", "assignee", "me", ""),
        ] {
            assert_eq!(listing(line).toggled(name, value).filter.to_typed(), expected, "{line} with {name} {value}");
        }
    }
}
