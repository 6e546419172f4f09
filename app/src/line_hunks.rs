//! A comparison of lines as people read it: what changed with a few lines around it, and how many lines between stay the same.

use domain::playbook::{ComparedLine, LineChange};

/// So many unchanged lines are shown beside a change.
const AROUND: usize = 3;

/// One row of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A line with its number in the earlier and in the later text.
    Line { change: LineChange, before: Option<usize>, after: Option<usize>, text: String },
    /// So many lines are the same.
    Same(usize),
}

/// The rows of a comparison.
pub fn rows(lines: &[ComparedLine]) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut before, mut after, mut hidden) = (0, 0, 0);
    for (index, line) in lines.iter().enumerate() {
        before += usize::from(line.change != LineChange::Added);
        after += usize::from(line.change != LineChange::Removed);
        if !is_near_change(lines, index) {
            hidden += 1;
            continue;
        }
        if hidden > 0 {
            rows.push(Row::Same(std::mem::take(&mut hidden)));
        }
        rows.push(Row::Line {
            change: line.change,
            before: (line.change != LineChange::Added).then_some(before),
            after: (line.change != LineChange::Removed).then_some(after),
            text: line.text.clone(),
        });
    }
    if hidden > 0 {
        rows.push(Row::Same(hidden));
    }
    rows
}

fn is_near_change(lines: &[ComparedLine], index: usize) -> bool {
    let near = index.saturating_sub(AROUND)..(index + AROUND + 1).min(lines.len());
    lines[near].iter().any(|line| line.change != LineChange::Same)
}

#[cfg(test)]
mod tests {
    use domain::playbook::LineChange::{Added, Removed, Same};
    use domain::playbook::{ComparedLine, LineChange};

    use super::{Row, rows};

    fn compared(changes: &[LineChange]) -> Vec<Row> {
        rows(&changes.iter().map(|change| ComparedLine { change: *change, text: change.to_string() }).collect::<Vec<_>>())
    }

    fn line(change: LineChange, before: Option<usize>, after: Option<usize>) -> Row {
        Row::Line { change, before, after, text: change.to_string() }
    }

    #[test]
    fn lines_have_the_numbers_of_their_texts() {
        let expected = [
            line(Same, Some(1), Some(1)),
            line(Removed, Some(2), None),
            line(Added, None, Some(2)),
            line(Same, Some(3), Some(3)),
        ];
        assert_eq!(compared(&[Same, Removed, Added, Same]), expected);
    }

    #[test]
    fn what_stays_the_same_is_counted() {
        let mut changes = vec![Same; 10];
        changes.push(Added);
        changes.extend([Same; 5]);
        let found = compared(&changes);
        assert_eq!((found.first(), found.last()), (Some(&Row::Same(7)), Some(&Row::Same(2))));
        assert_eq!(found.len(), 1 + 3 + 1 + 3 + 1);
        assert_eq!(compared(&[Same; 4]), [Row::Same(4)]);
        assert_eq!(compared(&[]), []);
    }
}
