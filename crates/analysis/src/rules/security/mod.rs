//! Who can log in, how, and what they can do.

use crate::registry;

registry! { Security:
    cleartext_passwords,
    disabled_row_security,
    expiring_passwords,
    invalid_hba_line,
    md5_passwords,
    old_tls_protocol,
    public_tables,
    security_definer_search_path,
    ssl_off,
    superuser_logins,
    system_table_mods_allowed,
    trust_authentication,
    writable_schema,
}
