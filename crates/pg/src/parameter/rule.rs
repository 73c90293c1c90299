//! Rules that single parameters have beyond their limits, and that no column of `pg_settings` tells.

use super::error::ValueError;
use super::value::Value;

/// Refuses what the server refuses by a rule of the parameter's own, as far as it does not depend on the machine or on other
/// parameters.
///
/// # Errors
///
/// [`ValueError::Rule`] with the server's reason.
pub fn check_rule(name: &str, value: &Value) -> Result<(), ValueError> {
    let Value::Integer(number) = value else { return Ok(()) };
    let broken = match name.to_ascii_lowercase().as_str() {
        "commit_timestamp_buffers"
        | "multixact_member_buffers"
        | "multixact_offset_buffers"
        | "notify_buffers"
        | "serializable_buffers"
        | "subtransaction_buffers"
        | "transaction_buffers"
            if number % 16 != 0 =>
        {
            "the value must be a multiple of 16 pages"
        }
        "vacuum_buffer_usage_limit" if *number != 0 && !(128..=16_777_216).contains(number) => {
            "the value must be 0 or between 128 kB and 16777216 kB"
        }
        "io_max_concurrency" if *number == 0 => "only -1 or values greater than 0 are valid",
        _ => return Ok(()),
    };
    Err(ValueError::Rule { rule: broken })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_single_parameters_hold() {
        let is_taken = |name, number| check_rule(name, &Value::Integer(number)).is_ok();
        assert!(is_taken("transaction_buffers", 0) && is_taken("transaction_buffers", 32));
        assert!(!is_taken("Transaction_Buffers", 31) && is_taken("work_mem", 31));
        assert!(is_taken("vacuum_buffer_usage_limit", 0) && !is_taken("vacuum_buffer_usage_limit", 127));
        assert!(is_taken("io_max_concurrency", -1) && !is_taken("io_max_concurrency", 0));
    }
}
