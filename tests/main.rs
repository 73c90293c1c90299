//! One test binary for everything that needs a real server or a real browser.
