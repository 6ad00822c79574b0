use std::path::{Path, PathBuf};

use super::cpus::Cpus;
use super::files::Files;

/// What the cgroup of this process, and those around it, leave to it.
///
/// Both versions are read, and of each limit the tightest counts. Elsewhere than on Linux there are none.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CgroupLimits {
    /// Which kind of cgroups there are.
    pub version: Option<CgroupVersion>,
    /// How many processors' time it may use, such as 1.5.
    pub cpu_quota: Option<f64>,
    /// How many bytes of memory it may use.
    pub memory: Option<u64>,
    /// How many tasks it may have; each thread is one.
    pub tasks: Option<u64>,
    /// On which processors it may run.
    pub cpus: Option<Cpus>,
}

/// A kind of cgroups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CgroupVersion {
    /// One tree for each controller.
    One,
    /// One tree for all.
    Two,
    /// Version 1, beside an empty tree of version 2.
    Hybrid,
}

const MOUNT: &str = "sys/fs/cgroup";
/// Version 1 says this much, rounded down to whole pages, for no limit.
const NO_LIMIT: u64 = i64::MAX as u64 & !0xffff;

impl CgroupLimits {
    /// Reads those of this process.
    ///
    /// ```
    /// use gonex_runtime::topology::CgroupLimits;
    ///
    /// let limits = CgroupLimits::read();
    /// assert!(limits.cpu_quota.is_none_or(|quota| quota > 0.0));
    /// ```
    #[must_use]
    pub fn read() -> Self {
        Self::read_below(Path::new("/"))
    }

    /// Reads those of which `sys` and `proc` are in a folder.
    #[must_use]
    pub fn read_below(root: &Path) -> Self {
        let files = Files::new(root);
        let groups = Groups::read(&files);
        Self {
            version: groups.version(),
            cpu_quota: smallest(groups.folders("cpu").filter_map(|folder| quota(&files, &folder))),
            memory: groups
                .folders("memory")
                .flat_map(|folder| {
                    [folder.join("memory.max"), folder.join("memory.limit_in_bytes")]
                })
                .filter_map(|file| files.value(file).filter(|&bytes| bytes < NO_LIMIT))
                .min(),
            tasks: groups
                .folders("pids")
                .filter_map(|folder| files.value(folder.join("pids.max")))
                .min(),
            // That of the innermost group holds for those around it as well.
            cpus: groups
                .folders("cpuset")
                .flat_map(|folder| {
                    ["cpuset.cpus.effective", "cpuset.effective_cpus"].map(|name| folder.join(name))
                })
                .find_map(|file| files.value::<Cpus>(file).filter(|cpus| !cpus.is_empty())),
        }
    }
}

/// `max 100000` and `150000 100000` in version 2, two files in version 1, where −1 is no limit.
fn quota(files: &Files, folder: &Path) -> Option<f64> {
    let text = files.text(folder.join("cpu.max")).or_else(|| {
        let quota = files.text(folder.join("cpu.cfs_quota_us"))?;
        Some(format!("{quota} {}", files.text(folder.join("cpu.cfs_period_us"))?))
    })?;
    let (quota, period) = text.split_once(' ')?;
    let (quota, period) = (quota.parse::<f64>().ok()?, period.trim().parse::<f64>().ok()?);
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

fn smallest(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.min_by(f64::total_cmp)
}

/// In which groups this process is: of each tree the controllers, its folder and the group below that.
struct Groups {
    trees: Vec<(Vec<String>, PathBuf, PathBuf)>,
    has_one: bool,
    has_two: bool,
}

impl Groups {
    /// From lines such as `4:memory:/a/b`, and `0::/a/b` for version 2.
    fn read(files: &Files) -> Self {
        let mut groups = Self { trees: Vec::new(), has_one: false, has_two: false };
        let mount = PathBuf::from(MOUNT);
        let text = files.text("proc/self/cgroup").unwrap_or_default();
        for line in text.lines() {
            let mut parts = line.splitn(3, ':').skip(1);
            let (Some(names), Some(group)) = (parts.next(), parts.next()) else { continue };
            let group = PathBuf::from(group.trim_start_matches('/'));
            let is_two = names.is_empty();
            let folder = match is_two {
                true if files.path(mount.join("unified")).is_dir() => mount.join("unified"),
                true => mount.clone(),
                false => mount.join(names),
            };
            groups.has_one |= !is_two && !names.starts_with("name=");
            groups.has_two |= is_two && files.path(folder.join("cgroup.controllers")).exists();
            let names = names.split(',').map(str::to_owned).collect();
            groups.trees.push((names, folder, group));
        }
        groups
    }

    fn version(&self) -> Option<CgroupVersion> {
        match (self.has_one, self.has_two) {
            (true, true) => Some(CgroupVersion::Hybrid),
            (true, false) => Some(CgroupVersion::One),
            (false, true) => Some(CgroupVersion::Two),
            (false, false) => None,
        }
    }

    /// The folders where the limits of a controller may be, from the innermost group outwards. In a
    /// container a group may have a name that means nothing inside, and the root stands for it.
    fn folders<'a>(&'a self, controller: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
        let trees = self.trees.iter().filter(move |(names, ..)| {
            names.iter().any(|name| name.is_empty() || name == controller)
        });
        trees.flat_map(move |(names, folder, group)| {
            let around = group.ancestors().map(|group| folder.join(group));
            // Some systems join controllers under one name, and link to it by each.
            let alone = (names.len() > 1).then(|| PathBuf::from(MOUNT).join(controller));
            around.chain(alone)
        })
    }
}
