//! How a section is declared: the `section!` macro.

/// Declares a section and the struct of its rows.
///
/// The doc comments become the reference page of the section; `= Sql` behind a column says what is masked in it.
/// A column's Rust type decides how its text is read, see [`crate::cell::ColumnValue`], and what becomes of it between two
/// samples: `Counter` is a field of type `Option<i64>` that only grows until it is reset, `Counter<f64>` one of `Option<f64>`,
/// see [`crate::section::Column`]. `key: [datname, relid]` names the columns by which the rows of two samples are matched.
#[macro_export]
macro_rules! section {
    (
        $(#[doc = $doc:expr])+
        section $name:ident { scope: Database, $($head:tt)* }
        $(#[$row_meta:meta])*
        row $row:ident { $($columns:tt)* }
    ) => {
        $crate::section! { @declare
            $(#[doc = $doc])+
            section $name { scope: Database, $($head)* }
            $(#[$row_meta])*
            row $row {
                /// The database the row is of; the collector adds it.
                datname: Option<String>,
                $($columns)*
            }
        }
    };
    (
        $(#[doc = $doc:expr])+
        section $name:ident { scope: Cluster, $($head:tt)* }
        $(#[$row_meta:meta])*
        row $row:ident { $($columns:tt)* }
    ) => {
        $crate::section! { @declare
            $(#[doc = $doc])+
            section $name { scope: Cluster, $($head)* }
            $(#[$row_meta])*
            row $row { $($columns)* }
        }
    };
    (@declare
        $(#[doc = $doc:expr])+
        section $name:ident {
            scope: $scope:ident,
            why: $why:literal,
            since: $since:expr,
            $(versioned_by: $versioned_by:expr,)?
            sql: [$($from:expr => $file:literal),+ $(,)?],
            $(privileged: {
                when: $when:expr,
                sql: [$($privileged_from:expr => $privileged_file:literal),+ $(,)?],
                $(otherwise: $otherwise:expr,)?
            },)?
            $(guard: $guard:expr,)?
            $(complete_with: $role:literal,)?
            $(key: [$($key:ident),* $(,)?],)?
            $(between: $between:literal,)?
            $(sampled: $sampled:literal,)?
        }
        $(#[$row_meta:meta])*
        row $row:ident {
            $($(#[doc = $column_doc:expr])+ $column:ident : $ty:ty $(= $mask:ident)?,)+
        }
    ) => {
        $(#[$row_meta])*
        #[doc = concat!("A row of the section `", stringify!($name), "`.")]
        #[derive(Debug, Clone, PartialEq)]
        pub struct $row {
            $($(#[doc = $column_doc])+ pub $column: <$ty as $crate::section::Column>::Value,)+
        }

        /// A row of this section, by a name that every section has.
        pub type Row = $row;

        /// The declaration of this section.
        pub static SPEC: $crate::section::SectionSpec = $crate::section::SectionSpec {
            name: stringify!($name),
            doc: concat!($($doc, "\n"),+),
            why: $why,
            scope: $crate::section::Scope::$scope,
            since: $since,
            versioned_by: $crate::section!(@or $($versioned_by)? ; $crate::section::VersionedBy::Server),
            sql: &[$(($from, include_str!($file))),+],
            privileged: $crate::section!(@some $($crate::section::Privileged {
                when: $when,
                sql: &[$(($privileged_from, include_str!($privileged_file))),+],
                otherwise: $crate::section!(@some $($otherwise)?),
            })?),
            guard: $crate::section!(@some $($guard)?),
            complete_with: $crate::section!(@some $($role)?),
            key: $crate::section!(@some $(&[$(stringify!($key)),*])?),
            is_sampled_between: $crate::section!(@or $($between)? ; false),
            sampled: $crate::section!(@or $($sampled)? ; false),
            columns: &[$($crate::section::ColumnSpec {
                name: stringify!($column),
                ty: <<$ty as $crate::section::Column>::Value as $crate::cell::ColumnValue>::TYPE,
                role: <$ty as $crate::section::Column>::ROLE,
                doc: concat!($($column_doc, "\n"),+),
                mask: $crate::section!(@some $($crate::section::Mask::$mask)?),
            }),+],
        };

        impl $crate::section::Row for $row {
            const SPEC: &'static $crate::section::SectionSpec = &SPEC;

            fn from_cells(cells: &mut $crate::section::Cells<'_, '_>) -> Option<Self> {
                // All columns are taken before the row is given up, so that each wrong one is noted.
                $(let $column: Option<<$ty as $crate::section::Column>::Value> = cells.value();)+
                Some(Self { $($column: $column?),+ })
            }

            fn key(&self) -> Vec<$crate::section::KeyPart<'_>> {
                vec![$($($crate::section::KeyColumn::key_part(&self.$key)),*)?]
            }

            fn total(&self) -> Option<u64> {
                None$(.or_else(|| <$ty as $crate::section::Column>::total(&self.$column)))+
            }

            fn growth(&self, earlier: &Self) -> Result<Self, $crate::section::Unmatched> {
                let mut growth = $crate::section::Growth::default();
                let row = Self {
                    $($column: <$ty as $crate::section::Column>::growth(
                        &self.$column, &earlier.$column, stringify!($column), &mut growth,
                    )),+
                };
                growth.of(row)
            }
        }
    };
    (@or $value:expr ; $default:expr) => { $value };
    (@or ; $default:expr) => { $default };
    (@some $value:expr) => { Some($value) };
    (@some) => { None };
}
