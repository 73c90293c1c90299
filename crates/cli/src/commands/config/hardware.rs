//! The options that describe a machine and its workload.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser, ValueParser};
use pgdba_analysis::tuning::given::{CONNECTIONS, CPUS, size};
use pgdba_analysis::tuning::{DataSize, Given, Storage, Workload};
use pgdba_pg::Bytes;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

/// The workload and the machine; what is not given is taken from the snapshot
#[derive(Debug, Clone, clap::Args)]
pub(super) struct HardwareArguments {
    /// Recommend values for this workload, checked together
    #[arg(long, value_name = "PROFILE", value_parser = words::<Workload>(&["oltp", "olap", "mixed", "web", "desktop", "remote-conservative"]))]
    pub(super) workload: Option<Workload>,
    /// Memory of the host, such as 32GB
    #[arg(long, value_name = "SIZE", value_parser = ValueParser::new(size))]
    pub(super) memory: Option<Bytes>,
    /// Processors of the host
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(CPUS))]
    pub(super) cpus: Option<i64>,
    /// Storage of the data directory
    #[arg(long, value_name = "KIND", value_parser = words::<Storage>(&["ssd", "hdd", "san", "nvme"]))]
    pub(super) storage: Option<Storage>,
    /// Connections that the server must accept
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(CONNECTIONS))]
    pub(super) connections: Option<i64>,
    /// Size of the data compared with the memory
    #[arg(long = "db-size", value_name = "SIZE", value_parser = words::<DataSize>(&["less-ram", "mid-ram", "greater-ram"]))]
    pub(super) data_size: Option<DataSize>,
    /// What pg_wal can grow to, such as 50GB
    #[arg(long, value_name = "SIZE", value_parser = ValueParser::new(size))]
    pub(super) wal_space: Option<Bytes>,
}

impl HardwareArguments {
    /// Whether any of them is given.
    pub(super) fn is_given(&self) -> bool {
        let Given { workload, memory, cpus, storage, connections, data_size, wal_space } = self.given();
        let of_host = memory.is_some() || cpus.is_some() || storage.is_some() || wal_space.is_some();
        workload.is_some() || of_host || connections.is_some() || data_size.is_some()
    }

    /// What they say.
    pub(super) fn given(&self) -> Given {
        Given {
            workload: self.workload,
            memory: self.memory,
            cpus: self.cpus,
            storage: self.storage,
            connections: self.connections,
            data_size: self.data_size,
            wal_space: self.wal_space,
        }
    }
}

/// One of `list`, read as the type reads it. PGTune's word for analytical queries is an alias.
pub(super) fn words<T: DeserializeOwned + Clone + Send + Sync + 'static>(list: &[&'static str]) -> ValueParser {
    let values = list.iter().map(|&word| match word {
        "olap" => PossibleValue::new(word).alias("dw"),
        word => PossibleValue::new(word),
    });
    let read = |word: String| {
        let deserializer: StrDeserializer<'_, Error> = word.as_str().into_deserializer();
        T::deserialize(deserializer)
    };
    ValueParser::new(PossibleValuesParser::new(values).try_map(read))
}
