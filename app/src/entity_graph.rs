//! The entities of an incident as a drawing: each is a point on an ellipse, and a line joins two that one alert names. Drawing it is a
//! component's business.

use std::collections::BTreeMap;

use domain::alert::Alert;
use domain::observable::{Observable, ObservableKind};

/// More points than this are a knot; the first ones are drawn.
pub const POINTS_MAX: usize = 14;
/// The size of the drawing.
pub const WIDTH: f64 = 640.0;
/// The height that goes with it.
pub const HEIGHT: f64 = 300.0;
const RADIUS_X: f64 = 190.0;
const RADIUS_Y: f64 = 118.0;

/// An entity in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub kind: ObservableKind,
    pub value: String,
    pub x: f64,
    pub y: f64,
}

/// Two points, and how many alerts name both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub from: usize,
    pub to: usize,
    pub alerts: usize,
}

/// Points in the order of the entities, and the lines between them.
pub fn layout(observables: &[Observable], alerts: &[Alert]) -> (Vec<Point>, Vec<Line>) {
    let mut entities: Vec<(ObservableKind, &str)> = Vec::new();
    for observable in observables {
        let entity = (observable.kind, observable.value.as_str());
        if entities.len() < POINTS_MAX && !entities.contains(&entity) {
            entities.push(entity);
        }
    }
    let mut joined: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for alert in alerts {
        let places = alert
            .observables
            .iter()
            .filter_map(|seen| entities.iter().position(|(kind, value)| (*kind, *value) == (seen.kind, seen.value.as_str())));
        let mut places: Vec<usize> = places.collect();
        places.sort_unstable();
        places.dedup();
        for (index, from) in places.iter().enumerate() {
            for to in &places[index + 1..] {
                *joined.entry((*from, *to)).or_default() += 1;
            }
        }
    }
    let count = entities.len();
    let point = |(index, (kind, value)): (usize, (ObservableKind, &str))| {
        let (x, y) = place(index, count);
        Point { kind, value: value.to_owned(), x, y }
    };
    let lines = joined.into_iter().map(|((from, to), alerts)| Line { from, to, alerts }).collect();
    (entities.into_iter().enumerate().map(point).collect(), lines)
}

#[expect(clippy::cast_precision_loss, reason = "a few points")]
fn place(index: usize, count: usize) -> (f64, f64) {
    // The first one stands on the left, so that the labels of two are not above each other.
    let angle = std::f64::consts::PI * (1.0 + 2.0 * index as f64 / count as f64);
    let whole = |number: f64| number.round();
    (whole(WIDTH / 2.0 + RADIUS_X * angle.cos()), whole(HEIGHT / 2.0 + RADIUS_Y * angle.sin()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(kind: ObservableKind, value: &str) -> Observable {
        Observable { kind, value: value.to_owned(), field: "field".to_owned() }
    }

    #[test]
    fn what_one_alert_names_is_joined_once() {
        let (ip, user) = (seen(ObservableKind::Ip, "192.0.2.1"), seen(ObservableKind::User, "jane"));
        let (points, lines) = layout(&[ip.clone(), user.clone(), ip.clone()], &[]);
        let places: Vec<(&str, f64, f64)> = points.iter().map(|point| (point.value.as_str(), point.x, point.y)).collect();
        assert_eq!(places, [("192.0.2.1", 130.0, 150.0), ("jane", 510.0, 150.0)]);
        assert_eq!(lines, []);
    }

    #[test]
    fn no_more_points_than_can_be_read() {
        let many: Vec<Observable> = (0..30).map(|number| seen(ObservableKind::Host, &format!("host-{number}"))).collect();
        assert_eq!(layout(&many, &[]).0.len(), POINTS_MAX);
    }
}
