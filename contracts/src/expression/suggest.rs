//! What somebody may have meant who wrote an unknown name.

/// Characters beyond which names are not compared.
const NAME_CHARS_MAX: usize = 64;

/// The known name that is nearest to `found`; of several the first.
pub(super) fn nearest<'n>(
    found: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let found = found.get(..NAME_CHARS_MAX).unwrap_or(found).to_lowercase();
    let far = found.len().checked_div(3).unwrap_or_default().clamp(1, 4);
    let distance = |name: &str| {
        let name = name.to_lowercase();
        // Only the end of a name was written, or another beginning.
        let end = |text: &str| text.rsplit('.').next().map(str::to_owned);
        if end(&name) == end(&found) { Some(1) } else { edits(&found, &name, far) }
    };
    let near = known.into_iter().filter(|name| name.len() <= NAME_CHARS_MAX);
    let near = near.filter_map(|name| distance(name).map(|distance| (distance, name)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
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
