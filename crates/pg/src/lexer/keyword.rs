//! Keywords with which an expression can begin after them.

/// Keywords that are never the name of a table or column without quotes: `pg_get_keywords()`, classes R and T, of
/// versions 12 to 18, in ascending order.
pub const RESERVED: [&str; 101] = [
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// Keywords that are never the name of a function or type without quotes, though of a column: class C of the same.
const COLUMN_NAME: [&str; 63] = [
    "between",
    "bigint",
    "bit",
    "boolean",
    "char",
    "character",
    "coalesce",
    "dec",
    "decimal",
    "exists",
    "extract",
    "float",
    "greatest",
    "grouping",
    "inout",
    "int",
    "integer",
    "interval",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "least",
    "merge_action",
    "national",
    "nchar",
    "none",
    "normalize",
    "nullif",
    "numeric",
    "out",
    "overlay",
    "position",
    "precision",
    "real",
    "row",
    "setof",
    "smallint",
    "substring",
    "time",
    "timestamp",
    "treat",
    "trim",
    "values",
    "varchar",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];

/// Whether a name that is this word needs quotes wherever PostgreSQL itself would write them.
#[must_use]
pub fn is_keyword(word: &str) -> bool {
    RESERVED.binary_search(&word).is_ok() || is_column_name(word)
}

/// Whether `word`, in lower case, is a keyword that can be the name of a column, but not of a function or type: class C.
#[must_use]
pub fn is_column_name(word: &str) -> bool {
    COLUMN_NAME.binary_search(&word).is_ok()
}

/// Other keywords that stand before an expression.
const BEFORE_EXPRESSION: [&str; 19] = [
    "between", "by", "content", "document", "escape", "exists", "first", "groups", "next", "passing", "range", "row",
    "rows", "set", "uescape", "values", "version", "within", "zone",
];

/// Whether `word`, in any case, is never a name without quotes.
#[must_use]
pub fn is_reserved(word: &str) -> bool {
    RESERVED.binary_search(&word.to_ascii_lowercase().as_str()).is_ok()
}

/// Whether what follows `word` is an expression, and not the constant of a type named so, as in `date '2026-01-31'`.
pub(super) fn precedes_expression(word: &str) -> bool {
    is_reserved(word) || BEFORE_EXPRESSION.binary_search(&word.to_ascii_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(RESERVED.is_sorted() && COLUMN_NAME.is_sorted() && BEFORE_EXPRESSION.is_sorted());
        assert!(is_reserved("Select") && !is_reserved("date"));
    }
}
