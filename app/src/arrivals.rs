//! Which rows of a live list are shown: new ones come in by themselves only while nobody's eyes or keys are on a row.

use std::collections::BTreeSet;

/// May rows move?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// The list is at its top and no row is chosen: new rows come in.
    MayMove,
    /// Somebody reads or has chosen a row: what is there stays where it is.
    StayPut,
}

/// A live list as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown<T> {
    pub rows: Vec<T>,
    /// How many wait to come in.
    pub waiting: usize,
    /// Names of the rows that came in last.
    pub arrived: BTreeSet<String>,
}

/// The list after the newest answer, given what was shown before it.
pub fn next<T: Clone>(before: Option<&Shown<T>>, newest: &[T], rows: Rows, name: impl Fn(&T) -> String) -> Shown<T> {
    let Some(before) = before else {
        return Shown { rows: newest.to_vec(), waiting: 0, arrived: BTreeSet::new() };
    };
    let known: BTreeSet<String> = before.rows.iter().map(&name).collect();
    let fresh: BTreeSet<String> = newest.iter().map(&name).filter(|name| !known.contains(name)).collect();
    match rows {
        Rows::MayMove => {
            let arrived = if fresh.is_empty() { before.arrived.clone() } else { fresh };
            Shown { rows: newest.to_vec(), waiting: 0, arrived }
        }
        Rows::StayPut => {
            let current = |row: &T| newest.iter().find(|new| name(new) == name(row)).unwrap_or(row).clone();
            Shown { rows: before.rows.iter().map(current).collect(), waiting: fresh.len(), arrived: BTreeSet::new() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &[&str], newest: &[&str], rows: Rows, expected: (&[&str], usize, &[&str])) {
        let before = Shown { rows: before.to_vec(), waiting: 0, arrived: BTreeSet::new() };
        let shown = next(Some(&before), newest, rows, |row| (*row).to_owned());
        let arrived: Vec<&str> = shown.arrived.iter().map(String::as_str).collect();
        assert_eq!((shown.rows.as_slice(), shown.waiting, arrived.as_slice()), expected);
    }

    #[test]
    fn rows_come_in_while_they_may() {
        check(&["b", "a"], &["c", "b"], Rows::MayMove, (&["c", "b"], 0, &["c"]));
    }

    #[test]
    fn rows_wait_while_somebody_reads() {
        check(&["b", "a"], &["d", "c", "b"], Rows::StayPut, (&["b", "a"], 2, &[]));
    }

    #[test]
    fn the_first_answer_is_shown_as_it_is() {
        let shown = next(None, &["b", "a"], Rows::StayPut, |row| (*row).to_owned());
        assert_eq!((shown.rows, shown.waiting), (vec!["b", "a"], 0));
    }
}
