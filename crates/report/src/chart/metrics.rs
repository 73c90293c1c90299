//! How wide a text is, from one fixed table: browsers differ, and a chart must not.

use super::FONT_SIZE;

/// Widths of the characters from space to `~` in DejaVu Sans, the widest font a browser is likely to take, in 1/2048 em.
const WIDTHS: [i32; 95] = [
    651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690, // space to /
    1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, // digits
    690, 690, 1716, 1716, 1716, 1087, 2048, // : to @
    1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604, 604, 1343, 1141, 1767, 1532, 1612, 1235, 1612, 1423, 1300,
    1251, 1499, 1401, 2025, 1403, 1251, 1403, // A to Z
    799, 690, 799, 1716, 1024, 1024, // [ to `
    1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253, 1300, 1300, 842, 1067, 803,
    1298, 1212, 1675, 1212, 1212, 1075, // a to z
    1303, 690, 1303, 1716, // { to ~
];

/// One em in the unit of the table.
const EM: i32 = 2048;

/// The width of `text` in units of the view box, rounded up.
pub(super) fn width(text: &str) -> i32 {
    let units = text.chars().map(units).fold(0_i32, i32::saturating_add);
    units.saturating_mul(FONT_SIZE) / EM + 1
}

fn units(c: char) -> i32 {
    let code = u32::from(c);
    let known = code.checked_sub(32).and_then(|index| WIDTHS.get(usize::try_from(index).ok()?)).copied();
    known.unwrap_or(match code {
        // Combining marks take no width of their own.
        0x300..=0x36f => 0,
        // Dashes and the ellipsis.
        0x2010..=0x2026 => EM,
        // Chinese, Japanese, Korean, emoji.
        0x1100.. if !matches!(code, 0x2000..=0x20cf) => EM,
        _ => EM * 6 / 10,
    })
}

/// `text`, cut where it is wider than `limit`.
pub(super) fn fitted(text: &str, limit: i32) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept).saturating_add(width("…")) > limit {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_texts_are_cut_to_fit() {
        assert_eq!(fitted("short", 100), "short");
        let cut = fitted(&"wide ".repeat(50), 100);
        assert!(cut.ends_with('…') && width(&cut) <= 100, "{cut}: {}", width(&cut));
        assert!(width("漢字") > width("ab"));
        assert_eq!(width("e\u{301}"), width("e"));
    }
}
