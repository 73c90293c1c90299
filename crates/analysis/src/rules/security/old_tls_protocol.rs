//! TLS versions that are deprecated are accepted.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// `ssl` is on, and `ssl_min_protocol_version` allows TLS 1.0 or 1.1.
    ///
    /// ## Why it matters
    ///
    /// These versions have known weaknesses and were deprecated in 2021.
    ///
    /// ## Threshold
    ///
    /// Below `TLSv1.2`. PostgreSQL 12 and older have `TLSv1` as the default.
    ///
    /// ## Remedy
    ///
    /// Set `ssl_min_protocol_version = TLSv1.2` and reload. Existing sessions are not interrupted.
    ///
    /// ## When to ignore this
    ///
    /// If a client cannot use TLS 1.2.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "ssl", "setting": "on" }, { "name": "ssl_min_protocol_version", "setting": "TLSv1" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "ssl", "setting": "off" }, { "name": "ssl_min_protocol_version", "setting": "TLSv1" } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "ssl", "setting": "on" }, { "name": "ssl_min_protocol_version", "setting": "TLSv1.2" } ] }
    /// ```
    rule old_tls_protocol {
        code: PGD1310,
        title: "TLS versions before 1.2 are accepted",
        passed: "TLS versions before 1.2 are refused",
        worst: Notice,
        reads: [settings],
        source: "RFC 8996: Deprecating TLS 1.0 and TLS 1.1",
    }
}

struct Old<'a>(&'a str);

fn check<'a>(view: &View<'a>) -> Checked<Option<Old<'a>>> {
    let settings = view.settings()?;
    if settings.is_on("ssl") != Some(true) {
        return Ok(None);
    }
    let least = settings.text("ssl_min_protocol_version").unwrap_or_default();
    Ok(["", "TLSv1", "TLSv1.1"].contains(&least).then_some(Old(least)))
}

fn subject(old: &Old<'_>) -> About {
    About::parameter("ssl_min_protocol_version", Weight::All)
        .figures([Figure::parameter("ssl_min_protocol_version", old.0).against("TLSv1.2")])
}

fn describe(_: &Old<'_>) -> Draft {
    Draft::new("Refuse TLS versions before 1.2")
        .set("ssl_min_protocol_version", "TLSv1.2", Effort::Reload)
        .because("TLS 1.0 and 1.1 have known weaknesses and are deprecated.")
        .impact("Clients that cannot use TLS 1.2 can no longer connect with TLS.")
}
