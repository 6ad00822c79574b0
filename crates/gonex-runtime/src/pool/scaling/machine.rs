use super::metrics::ScalingMetrics;
use crate::metrics::CoreTimes;

/// What is known of how busy the machine was when it was looked at last.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    last: Option<CoreTimes>,
}

impl Machine {
    /// Writes down how busy the machine has been since the last look, where the system tells.
    pub(crate) fn look(&mut self, metrics: &mut ScalingMetrics) {
        let now = CoreTimes::read();
        if let (Some(now), Some(last)) = (&now, &self.last)
            && let Some(shares) = now.busy_since(last)
        {
            metrics.cpu = Some(shares.iter().sum::<f64>() / shares.len().max(1) as f64);
        }
        self.last = now.or(self.last.take());
        metrics.memory = memory_share();
    }
}

/// Which share of the memory is in use: of what the cgroup allows, or else of the machine's.
fn memory_share() -> Option<f64> {
    let number = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<f64>().ok();
    let in_cgroup = || {
        let limit = number("/sys/fs/cgroup/memory.max")?;
        Some(number("/sys/fs/cgroup/memory.current")? / limit.max(1.0))
    };
    in_cgroup().or_else(|| share_of(&std::fs::read_to_string("/proc/meminfo").ok()?))
}

/// From `/proc/meminfo`, whose lines are `MemTotal:  8000 kB` (proc(5)).
fn share_of(meminfo: &str) -> Option<f64> {
    let field = |name: &str| -> Option<f64> {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':').trim().strip_suffix("kB")?.trim().parse().ok()
    };
    let (total, available) = (field("MemTotal")?, field("MemAvailable")?);
    (total > 0.0).then(|| (1.0 - available / total).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_is_not_in_use() {
        let text = "MemTotal:        8000 kB\nMemFree:  10 kB\nMemAvailable:    2000 kB\n";
        assert_eq!(share_of(text), Some(0.75));
        assert_eq!(share_of("MemTotal: lots"), None);
        assert_eq!(share_of(""), None);
    }
}
