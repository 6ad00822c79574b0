use std::fmt;
use std::path::Path;

use gonex::topology::{CgroupLimits, Topology};
use serde::Serialize;

use super::abilities::{self, Ability};
use super::limits::Limits;
use super::machine::Machine;

/// All that `gonex doctor` says: a table for people by [`Display`](fmt::Display), JSON for programs by
/// `Serialize`.
///
/// ```
/// let report = gonex_cli::doctor::Report::here();
/// assert!(report.machine.processors >= 1);
/// assert!(report.to_string().contains("What works"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The version of gonex.
    pub gonex: &'static str,
    /// What the machine consists of.
    pub machine: Machine,
    /// What this process may use of it.
    pub limits: Limits,
    /// What works here and what does not; nothing of another machine.
    pub abilities: Vec<Ability>,
    /// What could not be read, and what is taken for it.
    pub warnings: Vec<String>,
}

impl Report {
    /// Looks at this machine.
    #[must_use]
    pub fn here() -> Self {
        let (topology, cgroup) = (Topology::read(), CgroupLimits::read());
        let abilities = abilities::all(&topology, &cgroup);
        Self::of(topology, &cgroup, Some(abilities))
    }

    /// Looks at the files of another machine, of which `sys` and `proc` are in a folder.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self::of(Topology::read_below(root), &CgroupLimits::read_below(root), None)
    }

    fn of(topology: Topology, cgroup: &CgroupLimits, abilities: Option<Vec<Ability>>) -> Self {
        Self {
            gonex: env!("CARGO_PKG_VERSION"),
            machine: Machine::of(&topology),
            limits: Limits::of(&topology, cgroup, abilities.is_some()),
            abilities: abilities.unwrap_or_default(),
            warnings: topology.warnings,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "gonex {}", self.gonex)?;
        section(f, "This machine", &self.machine.rows())?;
        section(f, "What this process may use", &self.limits.rows())?;
        if !self.abilities.is_empty() {
            let row = |ability: &Ability| {
                let Ability { name, state, why } = ability;
                ((*name).to_owned(), format!("{:<8} {why}", state.name()))
            };
            let rows: Vec<_> = self.abilities.iter().map(row).collect();
            section(f, "What works", &rows)?;
        }
        for warning in &self.warnings {
            write!(f, "\nwarning: {warning}")?;
        }
        if self.warnings.is_empty() { Ok(()) } else { writeln!(f) }
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, rows: &[(String, String)]) -> fmt::Result {
    writeln!(f, "\n{title}")?;
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in rows {
        writeln!(f, "  {name:<width$}  {value}")?;
    }
    Ok(())
}
