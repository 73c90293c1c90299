//! How facts are declared.

/// Declares the facts: the struct that holds them, a function for each, and the list of declarations.
macro_rules! facts {
    ($(
        $(#[doc = $doc:expr])+
        $name:ident : $ty:ty { needs: [$($need:ident),*], $(whole: [$($whole:ident),*],)? $(uses: [$($use:ident),*],)? $(grows: $grows:literal,)? derive: $derive:expr }
    )+) => {
        /// Everything that rules and topics are made of. Each fact is derived when it is first requested.
        #[derive(Debug)]
        pub struct Facts<'a> {
            reader: $crate::facts::sections::Reader<'a>,
            $($name: std::cell::OnceCell<$crate::format::Checked<$ty>>,)+
        }

        impl<'a> Facts<'a> {
            fn new(reader: $crate::facts::sections::Reader<'a>) -> Self {
                Self { reader, $($name: std::cell::OnceCell::new()),+ }
            }

            fn reader(&self) -> &$crate::facts::sections::Reader<'a> {
                &self.reader
            }

            $(
                $(#[doc = $doc])+
                ///
                /// # Errors
                /// Why it is missing.
                pub fn $name(&self) -> $crate::format::Checked<&$ty> {
                    let derive: fn(&Facts<'_>) -> $crate::format::Checked<$ty> = $derive;
                    self.$name.get_or_init(|| derive(self)).as_ref().map_err(Clone::clone)
                }
            )+
        }

        impl<'a> $crate::facts::View<'a> {
            $(
                $(#[doc = $doc])+
                ///
                /// # Errors
                /// Why it is missing.
                pub fn $name(&self) -> $crate::format::Checked<&'a $ty> {
                    self.declares(&declared::$name)?;
                    self.facts.$name()
                }
            )+
        }

        /// The declarations of the facts, each under its own name.
        pub mod declared {
            use $crate::facts::fact::Fact;

            $(
                $(#[doc = $doc])+
                #[expect(non_upper_case_globals, reason = "a fact has the same name everywhere")]
                pub static $name: Fact = Fact {
                    name: stringify!($name),
                    needs: &[$(&pgdba_snapshot::sections::$need::SPEC),*],
                    whole: &[$($(&pgdba_snapshot::sections::$whole::SPEC),*)?],
                    uses: &[$($(&pgdba_snapshot::sections::$use::SPEC),*)?],
                    grows: false $(|| $grows)?,
                };
            )+
        }
    };
}

pub(super) use facts;
