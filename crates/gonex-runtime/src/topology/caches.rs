use super::cpus::Cpus;
use super::files::Files;

/// A cache, and who shares it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cache {
    /// How far it is from the core: 1 is nearest.
    pub level: u32,
    /// What it holds.
    pub kind: CacheKind,
    /// How many bytes fit.
    pub bytes: u64,
    /// How many bytes a line has.
    pub line: Option<u32>,
    /// Who shares it.
    pub cpus: Cpus,
}

/// What a cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheKind {
    /// Data.
    Data,
    /// Instructions.
    Instruction,
    /// Both.
    Unified,
}

/// The caches of a processor, as far as they are known.
pub(super) fn read(files: &Files, cpu: u32) -> Vec<Cache> {
    let folder = format!("sys/devices/system/cpu/cpu{cpu}/cache");
    let caches = files.numbered(&folder, "index").into_iter().filter_map(|index| {
        let file = |name: &str| format!("{folder}/index{index}/{name}");
        Some(Cache {
            level: files.value(file("level"))?,
            kind: match files.text(file("type"))?.as_str() {
                "Data" => CacheKind::Data,
                "Instruction" => CacheKind::Instruction,
                "Unified" => CacheKind::Unified,
                _ => return None,
            },
            bytes: bytes(&files.text(file("size"))?)?,
            line: files.value(file("coherency_line_size")),
            cpus: files.value(file("shared_cpu_list"))?,
        })
    });
    caches.collect()
}

/// Reads `32K`, `8M`, or a number of bytes.
fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = match text.strip_suffix(['K', 'M', 'G']) {
        Some(number) => (number, text.chars().last()?),
        None => (text, 'B'),
    };
    let shift = match unit {
        'K' => 10,
        'M' => 20,
        'G' => 30,
        _ => 0,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(bytes("32K"), Some(32 << 10));
        assert_eq!(bytes("8M"), Some(8 << 20));
        assert_eq!(bytes("512"), Some(512));
        assert_eq!(bytes("K"), None);
    }
}
