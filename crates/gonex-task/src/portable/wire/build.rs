use std::fmt;
use std::sync::OnceLock;

/// Which build of a program this is: two processes of the same executable have the same one.
///
/// Equal builds lay out their types alike, so what they send each other needs no names of fields.
///
/// ```
/// use gonex_task::portable::wire::BuildId;
///
/// let here = BuildId::current();
/// assert!(here.is_same(BuildId::current()));
/// assert!(!BuildId::UNKNOWN.is_same(BuildId::UNKNOWN), "nobody knows");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BuildId([u8; 16]);

impl BuildId {
    /// That of a program which cannot say it.
    pub const UNKNOWN: Self = Self([0; 16]);

    /// That of this program: a hash of its executable, made when it is first asked for. Where there is
    /// none to be read, as in a browser, it is [`UNKNOWN`](Self::UNKNOWN).
    #[must_use]
    pub fn current() -> Self {
        static CURRENT: OnceLock<BuildId> = OnceLock::new();
        *CURRENT.get_or_init(|| of_executable().unwrap_or(Self::UNKNOWN))
    }

    /// The one with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Whether both are known, and the same.
    #[must_use]
    pub fn is_same(self, other: Self) -> bool {
        self != Self::UNKNOWN && self == other
    }
}

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn of_executable() -> Option<BuildId> {
    use std::hash::Hasher;
    use std::io::Read;

    // On Linux the path of the executable may lead to another one that has replaced it; this cannot.
    let linux = cfg!(target_os = "linux").then(|| "/proc/self/exe".into());
    let path = linux.map_or_else(|| std::env::current_exe().ok(), Some)?;
    let mut file = std::fs::File::open(path).ok()?;
    let mut hasher = std::hash::DefaultHasher::new();
    let (mut length, mut buffer) = (0_u64, vec![0; 1 << 16]);
    loop {
        let count = file.read(&mut buffer).ok()?;
        if count == 0 {
            break;
        }
        hasher.write(&buffer[..count]);
        length += count as u64;
    }
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&hasher.finish().to_be_bytes());
    bytes[8..].copy_from_slice(&length.to_be_bytes());
    Some(BuildId(bytes))
}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn of_executable() -> Option<BuildId> {
    None
}
