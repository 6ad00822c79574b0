use std::fs;
use std::thread;

use gonex::topology::{CgroupLimits, Topology, pin_current_thread};
use serde::Serialize;

/// Something that gonex does where the machine lets it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Ability {
    /// What it is.
    pub name: &'static str,
    /// Whether it works here.
    pub state: State,
    /// Why, and what would help where it does not.
    pub why: String,
}

/// Whether something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does.
    Works,
    /// It would, and there is nothing here that it could do better than leaving it alone.
    Idle,
    /// It does not, and the program goes on without.
    Missing,
    /// This version of gonex does not have it.
    NotYet,
}

impl State {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Idle => "idle",
            Self::Missing => "missing",
            Self::NotYet => "not yet",
        }
    }
}

/// Tries them all.
pub(super) fn all(topology: &Topology, cgroup: &CgroupLimits) -> Vec<Ability> {
    vec![
        threads(),
        pinning(topology),
        nodes(topology),
        cgroups(cgroup),
        samples(),
        signals(),
        ability(
            "memory of a thread",
            State::Missing,
            "threads share their memory, so none can be evicted for using too much; processes can, where \
             there are some",
        ),
        not_yet("worker processes"),
        not_yet("shared memory"),
        not_yet("Web Workers"),
        not_yet("backend and cluster"),
    ]
}

fn ability(name: &'static str, state: State, why: impl Into<String>) -> Ability {
    Ability { name, state, why: why.into() }
}

fn not_yet(name: &'static str) -> Ability {
    ability(name, State::NotYet, "this version of gonex has none")
}

fn threads() -> Ability {
    let name = "threads";
    match gonex::go(|| 1 + 1).join().block() {
        Ok(_) => ability(name, State::Works, "a task was run on one"),
        Err(error) => ability(name, State::Missing, format!("a task was not run: {error}")),
    }
}

/// On a thread of its own, which keeps what it was told to its end.
fn pinning(topology: &Topology) -> Ability {
    let name = "workers stay on cores";
    let cpus = topology.allowed.clone();
    let tried = thread::Builder::new().spawn(move || pin_current_thread(&cpus));
    let tried = tried.map(thread::JoinHandle::join);
    match tried {
        Ok(Ok(Ok(()))) => ability(name, State::Works, "a thread was kept on some"),
        Ok(Ok(Err(error))) => ability(name, State::Missing, error.to_string()),
        Ok(Err(_)) => ability(name, State::Missing, "the thread that tried it panicked"),
        Err(error) => {
            ability(name, State::Missing, format!("there is no thread to try it: {error}"))
        }
    }
}

fn nodes(topology: &Topology) -> Ability {
    let name = "memory near its workers";
    match topology.nodes.len() {
        0 | 1 => ability(name, State::Idle, "there is one memory node, so all memory is as near"),
        count => ability(name, State::Works, format!("there are {count} memory nodes")),
    }
}

fn cgroups(cgroup: &CgroupLimits) -> Ability {
    let name = "limits of the cgroup";
    match cgroup.version {
        Some(_) => ability(name, State::Works, "they are read, and `auto` goes by them"),
        None if cfg!(target_os = "linux") => {
            ability(name, State::Missing, "/proc/self/cgroup and /sys/fs/cgroup do not say them")
        }
        None => ability(name, State::Missing, "only Linux has cgroups"),
    }
}

fn samples() -> Ability {
    let name = "CPU and memory samples";
    let unread = ["/proc/stat", "/proc/self/status"].into_iter().find_map(|path| {
        fs::read_to_string(path).err().map(|error| format!("{path} cannot be read: {error}"))
    });
    match unread {
        None => ability(name, State::Works, "/proc/stat and /proc/self/status can be read"),
        Some(why) => ability(name, State::Missing, why),
    }
}

fn signals() -> Ability {
    let name = "ending by signals";
    if cfg!(any(unix, windows)) {
        ability(name, State::Works, "a context ends when the process is asked to end")
    } else {
        ability(name, State::Missing, "this system sends none")
    }
}
