use pgdba_analysis::{Bar, Bars};

use super::*;

fn chart(bars: Vec<Bar>, marks: Vec<Bar>) -> String {
    let figures = bars.into_iter().map(|bar| (bar.label, bar.value));
    svg(&Chart::Bars(Bars::against("Sessions <by> state", figures, |label| label, marks).unwrap()), "c1").unwrap()
}

#[test]
fn a_chart_says_in_words_what_it_shows() {
    let text = chart(vec![Bar::new("idle", 7), Bar::new("active", 2)], vec![Bar::new("slots", 97)]);
    assert!(text.contains("<title id=\"c1-t\">Sessions &lt;by&gt; state</title>"), "{text}");
    assert!(text.contains("idle: 7; active: 2. Limit: 97 (slots)."), "{text}");
    assert!(text.contains("slots: 97</text>"), "{text}");
}

#[test]
fn colours_are_classes_and_coordinates_are_whole() {
    let text = chart(vec![Bar::new("a", 3), Bar::new("b", 1)], Vec::new());
    for literal in ["style=", "fill=", "stroke=", "rgb", "#0", "font-size"] {
        assert!(!text.contains(literal), "{literal}: {text}");
    }
    let drawn: Vec<&str> = text.split(" d=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!drawn.is_empty() && drawn.iter().all(|path| !path.contains('.')), "{text}");
}

#[test]
fn bars_are_as_long_as_their_share() {
    let text = chart(vec![Bar::new("a", 400), Bar::new("b", 100)], Vec::new());
    let widths: Vec<i32> = text
        .split("class=\"f series\" d=\"M")
        .skip(1)
        .map(|rest| rest.split('h').nth(1).unwrap().split('v').next().unwrap().parse().unwrap())
        .collect();
    let [long, short] = widths[..] else { panic!("{text}") };
    assert!((long - short * 4).abs() <= 4, "{long} against {short}");
    assert!(long > WIDTH / 2, "{long}");
}

#[test]
fn hostile_labels_stay_text() {
    let text = chart(vec![Bar::new("</text><script>alert(1)</script>\u{0}\u{202e}", 3)], Vec::new());
    assert!(!text.contains("<script") && !text.contains('\u{0}') && !text.contains('\u{202e}'), "{text}");
}

#[test]
fn extreme_figures_are_drawn_too() {
    for value in [f64::MIN_POSITIVE, 1e-9, 1e300, f64::MAX] {
        let text = chart(vec![Bar::new("a", pgdba_analysis::Quantity::Number(value))], Vec::new());
        assert!(text.contains("class=\"f series\""), "{value}: {text}");
    }
}

/// Where each text of a chart is anchored, at which side, and its words.
fn texts(svg: &str) -> Vec<(i32, String, String)> {
    let parse = |rest: &str| {
        let attribute =
            |name: &str| rest.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let words = rest.split_once('>').unwrap().1.split("</text>").next().unwrap().to_owned();
        (attribute("x").parse().unwrap(), attribute("text-anchor"), words)
    };
    svg.split("<text").skip(1).map(parse).collect()
}

#[test]
fn the_label_of_a_tick_at_the_end_is_inside_the_frame() {
    let limit = vec![Bar::new("autovacuum_freeze_max_age", 200_000_000)];
    let drawn = texts(&chart(vec![Bar::new("public.orders", 3)], limit));
    assert!(drawn.iter().any(|(_, anchor, words)| anchor == "middle" && words.starts_with("200")), "{drawn:?}");
    for (x, anchor, words) in drawn {
        let width = metrics::width(&words);
        let (left, right) = match anchor.as_str() {
            "start" => (x, x + width),
            "end" => (x - width, x),
            _ => (x - width / 2, x + width / 2),
        };
        assert!(left >= 0 && right <= WIDTH, "{words}: {left} to {right}");
    }
}
