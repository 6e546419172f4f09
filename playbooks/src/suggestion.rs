//! The known name that somebody probably meant.

/// Longer words are not compared.
const WORD_CHARS_MAX: usize = 64;

/// The known word with the fewest letters to change, if they are at most a third of it.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if word.chars().count() > WORD_CHARS_MAX {
        return None;
    }
    let near = |candidate: &&str| distance(word, candidate) <= (candidate.chars().count() / 3).max(1);
    known.into_iter().filter(near).min_by_key(|candidate| distance(word, candidate)).map(str::to_owned)
}

/// Letters to add, take away, replace or swap (restricted Damerau-Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, left) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in other.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(left != right);
            let swapped = i > 0 && j > 0 && *left == other[j - 1] && one[i - 1] == *right;
            let swap = if swapped { rows[i - 1][j - 1] + 1 } else { usize::MAX };
            row.push(replaced.min(rows[i][j + 1] + 1).min(row[j] + 1).min(swap));
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_pen_finds_its_word() {
        let known = ["action", "approval", "block_ip", "block_domain", "when", "with"];
        let check = |word: &str, expected: Option<&str>| assert_eq!(nearest(word, known).as_deref(), expected, "{word}");
        check("actoin", Some("action"));
        check("aproval", Some("approval"));
        check("block_id", Some("block_ip"));
        check("wen", Some("when"));
        check("launch_missile", None);
        check("", None);
        check(&"x".repeat(1_000), None);
    }
}
