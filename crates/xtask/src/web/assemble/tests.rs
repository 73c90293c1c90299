//! Both forms of the page from a small page.

use sha2::{Digest, Sha256};

use super::*;

const TEMPLATE: &str =
    "<!doctype html>\n<meta charset=\"utf-8\">\n<!--@CSP-->\n<!--@STYLE-->\n<p>\n<!--@DATA-->\n<!--@SCRIPT-->\n";

fn page(main: &str, style: &str) -> Result<(tempfile::TempDir, String)> {
    let place = tempfile::tempdir()?;
    let web = place.path().join("web");
    fs::create_dir(&web)?;
    for (name, text) in [("index.html", TEMPLATE), ("style.css", style), ("main.js", main), ("worker.js", "run();\n")] {
        fs::write(web.join(name), text)?;
    }
    let parts = Parts { glue: "let glue = '</script>';\n".to_owned(), wasm: vec![0; 9], example: Some(vec![1, 2, 3]) };
    let html = fs::read_to_string(assemble(&web, &parts, &place.path().join("out"))?)?;
    Ok((place, html))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

#[test]
fn hashes_fit_the_text_between_the_tags() {
    let (_place, html) = page("const s = '<SCRIPT></script><!--@DATA-->';\n", "p { color: red }\n").unwrap();
    for tag in ["script", "style"] {
        let text = between(&html, &format!("<{tag}>"), &format!("</{tag}>"));
        let hash = STANDARD.encode(Sha256::digest(text));
        assert!(html.contains(&format!("'sha256-{hash}'")), "{tag}: {text}");
    }
    assert!(html.contains(r"const s = '\x3cSCRIPT>\x3c/script>\x3c!--@DATA-->';"), "{html}");
}

#[test]
fn data_is_inside_the_file() {
    let (_place, html) = page("run();\n", "p {}\n").unwrap();
    assert!(html.contains("id=\"worker-source\">let glue = '\\x3c/script>';\nrun();\n</script>"), "{html}");
    assert!(html.contains("<script type=\"application/octet-stream\" id=\"example\">AQID</script>"), "{html}");
    assert!(html.contains("<script type=\"application/octet-stream\" id=\"wasm\">H4sIAAAAAAAC"), "{html}");
    assert!(!html.contains("src=") && !html.contains("href="), "{html}");
}

#[test]
fn folder_has_every_part() {
    let (place, _) = page("run();\n", "p {}\n").unwrap();
    let folder = place.path().join("out/folder");
    let mut names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    names.sort();
    assert_eq!(names, ["app.js", "example.json.gz", "index.html", "pgdba_bg.wasm", "style.css", "worker.js"]);
    let index = fs::read_to_string(folder.join("index.html")).unwrap();
    assert!(index.contains("script-src 'self' 'wasm-unsafe-eval'") && !index.contains("id=\"wasm\""), "{index}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(page("run();\n", "p {}\n").unwrap().1, page("run();\n", "p {}\n").unwrap().1);
}

#[test]
fn faults_of_the_sources_are_named() {
    assert!(page("run();\n", "p::after { content: '</style>' }\n").unwrap_err().to_string().contains("</style"));
    assert!(page("run();\n", "p {}\r\n").unwrap_err().to_string().contains("carriage returns"));
    let values = [("<!--@CSP-->", ""), ("<!--@STYLE-->", ""), ("<!--@SCRIPT-->", ""), ("<!--@DATA-->", "")];
    assert!(fill("<!--@CSPX-->", values).unwrap_err().to_string().contains("<!--@CSPX-->"));
    assert!(fill("<!--@CSP--><!--@CSP-->", values).unwrap_err().to_string().contains("2 times"));
    assert!(fill("<!--@CSP-->", values).unwrap_err().to_string().contains("<!--@STYLE--> exactly once"));
}
