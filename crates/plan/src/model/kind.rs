//! The closed vocabularies of EXPLAIN. Each has an `Other` for words that a newer version, an extension or a fork adds.

/// A vocabulary: its variants with the words of the JSON form.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$doc])* #[doc = concat!("`", $word, "`")] $variant,)*
            /// Any other word, as it is written.
            Other(String),
        }

        impl $name {
            /// All words that are known.
            pub const WORDS: &[&str] = &[$($word),*];

            /// The variant with this word of the JSON form.
            #[must_use]
            pub fn of(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)*
                    _ => Self::Other(word.to_owned()),
                }
            }

            /// The word of the JSON form.
            #[must_use]
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }
        }
    };
}

words! {
    /// What a node does: `Node Type` of the JSON form.
    NodeType {
        Result = "Result",
        ProjectSet = "ProjectSet",
        ModifyTable = "ModifyTable",
        Append = "Append",
        MergeAppend = "Merge Append",
        RecursiveUnion = "Recursive Union",
        BitmapAnd = "BitmapAnd",
        BitmapOr = "BitmapOr",
        NestedLoop = "Nested Loop",
        MergeJoin = "Merge Join",
        HashJoin = "Hash Join",
        SeqScan = "Seq Scan",
        SampleScan = "Sample Scan",
        Gather = "Gather",
        GatherMerge = "Gather Merge",
        IndexScan = "Index Scan",
        IndexOnlyScan = "Index Only Scan",
        BitmapIndexScan = "Bitmap Index Scan",
        BitmapHeapScan = "Bitmap Heap Scan",
        TidScan = "Tid Scan",
        TidRangeScan = "Tid Range Scan",
        SubqueryScan = "Subquery Scan",
        FunctionScan = "Function Scan",
        TableFunctionScan = "Table Function Scan",
        ValuesScan = "Values Scan",
        CteScan = "CTE Scan",
        NamedTuplestoreScan = "Named Tuplestore Scan",
        WorkTableScan = "WorkTable Scan",
        ForeignScan = "Foreign Scan",
        CustomScan = "Custom Scan",
        Materialize = "Materialize",
        Memoize = "Memoize",
        Sort = "Sort",
        IncrementalSort = "Incremental Sort",
        Group = "Group",
        Aggregate = "Aggregate",
        WindowAgg = "WindowAgg",
        Unique = "Unique",
        SetOp = "SetOp",
        LockRows = "LockRows",
        Limit = "Limit",
        Hash = "Hash",
    }
}

words! {
    /// How an Aggregate or a SetOp works: `Strategy`.
    Strategy {
        Plain = "Plain",
        Sorted = "Sorted",
        Hashed = "Hashed",
        Mixed = "Mixed",
    }
}

words! {
    /// Which part of an aggregation an Aggregate does: `Partial Mode`.
    PartialMode {
        Simple = "Simple",
        Partial = "Partial",
        Finalize = "Finalize",
    }
}

words! {
    /// `Join Type`.
    JoinType {
        Inner = "Inner",
        Left = "Left",
        Full = "Full",
        Right = "Right",
        Semi = "Semi",
        Anti = "Anti",
        RightSemi = "Right Semi",
        RightAnti = "Right Anti",
    }
}

words! {
    /// What a ModifyTable or a Foreign Scan does: `Operation`.
    Operation {
        Select = "Select",
        Insert = "Insert",
        Update = "Update",
        Delete = "Delete",
        Merge = "Merge",
    }
}

words! {
    /// What a SetOp computes: `Command`.
    SetCommand {
        Intersect = "Intersect",
        IntersectAll = "Intersect All",
        Except = "Except",
        ExceptAll = "Except All",
    }
}

words! {
    /// What a node is to its parent: `Parent Relationship`.
    Relationship {
        /// The first or only child.
        Outer = "Outer",
        /// The second child of a join.
        Inner = "Inner",
        /// A child of an Append, a BitmapAnd and the like.
        Member = "Member",
        /// The child of a Subquery Scan.
        Subquery = "Subquery",
        /// A CTE, or a subquery that is executed at most once.
        InitPlan = "InitPlan",
        /// A subquery that its parent executes for its rows.
        SubPlan = "SubPlan",
    }
}

impl Relationship {
    /// Whether the node is an input of its parent, not a subquery in one of its expressions.
    #[must_use]
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::InitPlan | Self::SubPlan)
    }
}
