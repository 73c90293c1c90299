//! Numbers over time as a line of small bars.

use pgdba_pg::display;

/// The bars, from the lowest to the highest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The most bars of a line. Of more numbers, the greatest of each part is shown.
const LONGEST: usize = 60;

/// `▁▂▅█ 0 to 12`: the bars, the highest for the greatest number, and the range. What is not a number is a blank.
pub(super) fn line(numbers: &[f64]) -> String {
    let Some((least, greatest)) = range(numbers) else { return "–".to_owned() };
    let part = numbers.len().div_ceil(LONGEST).max(1);
    let peak = |part: &[f64]| part.iter().copied().filter(|number| number.is_finite()).reduce(f64::max);
    let bar = |number: f64| {
        let share = if greatest > 0.0 { (number / greatest).clamp(0.0, 1.0) } else { 0.0 };
        BARS.get((share * 7.0).round() as usize).copied().unwrap_or(' ')
    };
    let bars: String = numbers.chunks(part).map(|part| peak(part).map_or(' ', bar)).collect();
    format!("{bars} {}", between(least, greatest))
}

/// The same for readers who cannot see it: `from 0 to 12, last 3`.
pub(super) fn words(numbers: &[f64]) -> String {
    let Some((least, greatest)) = range(numbers) else { return "unknown".to_owned() };
    let last = numbers.last().copied().filter(|last| last.is_finite()).map_or("unknown".to_owned(), number);
    let count = display::counted(numbers.len(), "sample", "samples");
    format!("{count}: {}, last {last}", between(least, greatest))
}

fn range(numbers: &[f64]) -> Option<(f64, f64)> {
    let known = || numbers.iter().copied().filter(|number| number.is_finite());
    known().reduce(f64::min).zip(known().reduce(f64::max))
}

fn between(least: f64, greatest: f64) -> String {
    if least < greatest { format!("{} to {}", number(least), number(greatest)) } else { number(least) }
}

/// `0.5`, `999.9`, `100 000`: large numbers have no decimals.
pub(super) fn plain_number(number: f64) -> String {
    if number.is_finite() && number.abs() >= 1000.0 {
        display::count(number.round() as i64)
    } else {
        format!("{number:.1}")
    }
}

/// Whole numbers have no decimals.
fn number(number: f64) -> String {
    if number.fract() == 0.0 { display::count(number as i64) } else { plain_number(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_number_has_the_highest_bar() {
        assert_eq!(line(&[0.0, 2.0, 7.0, 14.0]), "▁▂▅█ 0 to 14");
        assert_eq!(line(&[0.0, 0.0]), "▁▁ 0");
        assert_eq!(line(&[1.5, f64::NAN, 3.0]), "▅ █ 1.5 to 3");
        assert_eq!((line(&[]), line(&[f64::INFINITY])), ("–".to_owned(), "–".to_owned()));
        assert_eq!(words(&[0.0, 12.0, 3.0]), "3 samples: 0 to 12, last 3");
    }

    #[test]
    fn a_long_series_keeps_its_peaks() {
        let mut numbers = vec![0.0; 1000];
        numbers[500] = 9.0;
        let shown = line(&numbers);
        assert!(shown.chars().count() < 70 && shown.contains('█'), "{shown}");
    }
}
