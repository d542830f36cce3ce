//! What somebody may have meant who wrote an unknown name.

/// Characters beyond which names are not compared.
const NAME_CHARS_MAX: usize = 64;
/// Characters in which names may differ.
const EDITS_MAX: usize = 4;

/// The known name that is nearest to `found`; of several the first.
pub(super) fn nearest<'n>(
    found: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let found = found.to_lowercase();
    let near = known.into_iter().filter(|name| name.len() <= NAME_CHARS_MAX);
    let near = near.filter_map(|name| distance(&found, &name.to_lowercase()).zip(Some(name)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// How far two names are apart, or one more than their last parts are.
fn distance(found: &str, name: &str) -> Option<usize> {
    let close = |left: &str, right: &str| {
        edits(left, right, left.len().checked_div(3).unwrap_or_default().min(EDITS_MAX))
    };
    let last = |text| str::rsplit(text, '.').next().unwrap_or_default();
    let ends = close(last(found), last(name)).map(|edits| edits.saturating_add(1));
    close(found, name).into_iter().chain(ends).min()
}

/// How many characters must be added, removed or replaced, if at most `max`.
fn edits(left: &str, right: &str, max: usize) -> Option<usize> {
    if max < left.len().abs_diff(right.len()) {
        return None;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, byte) in left.bytes().enumerate() {
        let mut diagonal = index;
        let mut before = index.saturating_add(1);
        for (other, cell) in right.bytes().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal.saturating_add(usize::from(byte != other));
            diagonal = *cell;
            before = replaced.min(before.saturating_add(1)).min(diagonal.saturating_add(1));
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = index.saturating_add(1);
        }
    }
    row.last().copied().filter(|distance| *distance <= max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_what_is_like_it() {
        let known = ["order.total", "order.weight", "payer", "feature.address_parcels"];
        let cases = [
            ("order.totl", Some("order.total")),
            ("Order.Total", Some("order.total")),
            ("total", Some("order.total")),
            ("list.totals", Some("order.total")),
            ("feature.adress_parcel", Some("feature.address_parcels")),
            ("parcels", None),
            ("pay", None),
            ("p", None),
            ("", None),
        ];
        for (found, expected) in cases {
            assert_eq!(nearest(found, known), expected, "{found}");
        }
        assert_eq!(nearest(&"total".repeat(200), known), None);
        assert_eq!(nearest("ab", []), None);
    }

    #[test]
    fn edits_are_counted() {
        for (left, right, count) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "abd", 1),
            ("abc", "ac", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(edits(left, right, 9), Some(count));
            assert_eq!(edits(right, left, 9), Some(count));
            assert_eq!(count.checked_sub(1).and_then(|less| edits(left, right, less)), None);
        }
    }
}
