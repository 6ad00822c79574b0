use std::env;
use std::ops::Range;

/// Replays one seed.
const SEED: &str = "GONEX_SIM_SEED";
/// How many seeds are tried.
const SEEDS: &str = "GONEX_SIM_SEEDS";

/// The seeds to try: those of the program, unless the environment has others.
///
/// # Panics
/// If a variable is no number, or both are set.
pub(super) fn seeds(of_program: Range<u64>) -> Range<u64> {
    match (number(SEED), number(SEEDS)) {
        (None, None) => of_program,
        (Some(seed), None) => match seed.checked_add(1) {
            Some(end) => seed..end,
            None => panic!("{SEED}={seed} is too large; take one below"),
        },
        (None, Some(count)) => {
            let first = of_program.start;
            first..first.saturating_add(count)
        }
        (Some(_), Some(_)) => panic!("{SEED} and {SEEDS} are both set; unset one of them"),
    }
}

fn number(variable: &str) -> Option<u64> {
    let value = env::var_os(variable)?;
    let number = value.to_str().and_then(|value| value.parse().ok());
    Some(number.unwrap_or_else(|| {
        panic!("{variable}={value:?} is no number; set it to one of 0 to {}, or unset it", u64::MAX)
    }))
}
