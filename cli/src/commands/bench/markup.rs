//! Text for a page: escaping, numbers as a person reads them, tables and sections.

/// A cell of a table.
pub(crate) enum Cell {
    /// Words, set to the left.
    Text(String),
    /// A number, set to the right.
    Number(String),
    /// A number with a drawing behind it, which is markup that this program made.
    Drawn(String, String),
    /// Words with a drawing before them.
    Keyed(String, String),
}

impl Cell {
    fn html(&self) -> String {
        let content = match self {
            Self::Text(text) | Self::Number(text) => escape(text),
            Self::Drawn(text, drawing) => escape(text) + drawing,
            Self::Keyed(drawing, text) => format!("{drawing}{}", escape(text)),
        };
        format!("<td class=\"{}\">{content}</td>", self.class())
    }

    fn class(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Keyed(..) => "t",
            Self::Number(_) | Self::Drawn(..) => "n",
        }
    }
}

/// A number's cell.
pub(crate) fn cell(value: f64) -> Cell {
    Cell::Number(number(value))
}

/// Text that no browser takes for markup, in an element or in an attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A number with at least three significant digits and with separators of thousands.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if !size.is_finite() {
        return "–".to_owned();
    }
    if 1e15 <= size || (0.0 < size && size < 0.001) {
        return format!("{value:.1e}");
    }
    let decimals = match size {
        _ if size <= 0.0 || 100.0 <= size => 0,
        _ if 10.0 <= size => 1,
        _ if 1.0 <= size => 2,
        _ => 3,
    };
    grouped(&format!("{value:.decimals$}"))
}

/// A number at an axis: without zeros at the end, and short where it is large.
pub(crate) fn tick(value: f64) -> String {
    let (value, unit) = match value {
        _ if 1e9 <= value => (value / 1e9, "G"),
        _ if 1e6 <= value => (value / 1e6, "M"),
        _ => (value, ""),
    };
    let text = number(value);
    if !text.contains('.') || text.contains('e') {
        return format!("{text}{unit}");
    }
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A count with separators of thousands.
pub(crate) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// A count as a number to draw.
#[allow(clippy::cast_precision_loss, reason = "what is lost beyond 2^53 is less than a pixel")]
pub(crate) fn float(value: u64) -> f64 {
    value as f64
}

/// A size in the largest binary unit that it fills.
pub(crate) fn size(bytes: u64) -> String {
    let bytes = float(bytes);
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let unit = units.iter().find(|(_, power)| 2_f64.powi(*power) <= bytes);
    let (name, power) = unit.unwrap_or(&("B", 0));
    format!("{} {name}", number(bytes / 2_f64.powi(*power)))
}

/// A share of one, in percent.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if !percent.is_finite() {
        return number(percent);
    }
    format!("{} %", grouped(&format!("{percent:.0}")))
}

/// The first characters of a text that would not fit.
pub(crate) fn shortened(text: &str, characters_max: usize) -> String {
    if text.chars().count() <= characters_max {
        return text.to_owned();
    }
    let start: String = text.chars().take(characters_max.saturating_sub(1)).collect();
    format!("{}…", start.trim_end())
}

/// A table that scrolls by itself where the page is narrow; nothing if it has no rows.
pub(crate) fn table(headers: &[&str], rows: &[Vec<Cell>]) -> String {
    let Some(first) = rows.first() else {
        return String::new();
    };
    let head: String = headers
        .iter()
        .zip(first)
        .map(|(text, cell)| {
            format!("<th scope=\"col\" class=\"{}\">{}</th>", cell.class(), escape(text))
        })
        .collect();
    let body: String = rows
        .iter()
        .map(|row| format!("<tr>{}</tr>\n", row.iter().map(Cell::html).collect::<String>()))
        .collect();
    format!(
        "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>{head}</tr></thead>\n\
         <tbody>{body}</tbody></table></div>\n"
    )
}

/// A section with its heading and a sentence on what was measured; nothing without content.
pub(crate) fn section(heading: &str, explanation: &str, content: &str) -> String {
    if content.is_empty() {
        return String::new();
    }
    let (heading, explanation) = (escape(heading), escape(explanation));
    format!("<section>\n<h2>{heading}</h2>\n<p>{explanation}</p>\n{content}</section>\n")
}

fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = digits.find('.').map_or((digits, ""), |point| digits.split_at(point));
    let mut text = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index != 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

#[cfg(test)]
mod tests {
    use super::{Cell, count, escape, number, percent, section, shortened, size, table, tick};

    #[test]
    fn markup_in_a_text_is_escaped() {
        assert_eq!(escape("<b a=\"1\" b='2'>&"), "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;");
        let html = table(&["<h>"], &[vec![Cell::Text("<t>".into()), Cell::Number("<n>".into())]]);
        for raw in ["<h>", "<t>", "<n>"] {
            assert!(!html.contains(raw), "{html}");
        }
    }

    #[test]
    fn numbers_have_three_digits_and_separators() {
        let cases = [
            (0.0, "0"),
            (0.0123, "0.012"),
            (1.234, "1.23"),
            (56.78, "56.8"),
            (100.4, "100"),
            (999.0, "999"),
            (1_000.0, "1,000"),
            (1_234_567.8, "1,234,568"),
            (-1_234.0, "-1,234"),
            (-999.0, "-999"),
            (4.0, "4.00"),
            (1e-5, "1.0e-5"),
            (2e300, "2.0e300"),
            (f64::NAN, "–"),
            (f64::NEG_INFINITY, "–"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text, "{value}");
        }
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(count(100), "100");
    }

    #[test]
    fn ticks_are_short() {
        let cases = [
            (0.1 + 0.2, "0.3"),
            (60.0, "60"),
            (2_500_000.0, "2.5M"),
            (10_000.0, "10,000"),
            (2e9, "2G"),
        ];
        for (value, text) in cases {
            assert_eq!(tick(value), text);
        }
    }

    #[test]
    fn sizes_and_shares_have_units() {
        assert_eq!(size(1023), "1,023 B");
        assert_eq!(size(1024), "1.00 KiB");
        assert_eq!(size(3 << 29), "1.50 GiB");
        assert_eq!(percent(0.614), "61 %");
        assert_eq!(percent(f64::NAN), "–");
    }

    #[test]
    fn only_texts_that_are_too_long_are_shortened() {
        assert_eq!(shortened("勘合 勘合", 5), "勘合 勘合");
        assert_eq!(shortened("勘合 勘合", 4), "勘合…");
    }

    #[test]
    fn a_section_without_content_is_left_out() {
        assert_eq!(section("Heading", "What it is.", &table(&["a"], &[])), "");
    }
}
