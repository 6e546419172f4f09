//! What the operating system says about this process, where it says it (Linux).

use std::fs;

use metrics::{counter, gauge};
use service::metrics::{PROCESS_CPU, PROCESS_FILES, PROCESS_MEMORY, PROCESS_START};

/// Clock ticks a second in `/proc`: the same on every Linux that is in use.
const TICKS_PER_S: u64 = 100;
const KIB: u64 = 1024;

/// Shows processor time, memory, open files and the time of the start to the recorder.
#[expect(clippy::cast_precision_loss, reason = "a number that large is shown rounded")]
pub fn show() {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    counter!(PROCESS_CPU).absolute(cpu_ticks(&stat) / TICKS_PER_S);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    gauge!(PROCESS_MEMORY).set((resident_kib(&status) * KIB) as f64);
    gauge!(PROCESS_FILES).set(fs::read_dir("/proc/self/fd").map_or(0, Iterator::count) as f64);
    let system = fs::read_to_string("/proc/stat").unwrap_or_default();
    gauge!(PROCESS_START).set((boot_time_s(&system) + start_ticks(&stat) / TICKS_PER_S) as f64);
}

/// The fields of `/proc/self/stat` after the name, which may itself hold spaces: the first is field 3 of proc(5).
fn field(stat: &str, number: usize) -> u64 {
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().nth(number - 3).and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn cpu_ticks(stat: &str) -> u64 {
    field(stat, 14) + field(stat, 15)
}

fn start_ticks(stat: &str) -> u64 {
    field(stat, 22)
}

fn resident_kib(status: &str) -> u64 {
    number_after(status, "VmRSS:")
}

fn boot_time_s(system: &str) -> u64 {
    number_after(system, "btime")
}

fn number_after(text: &str, name: &str) -> u64 {
    let rest = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    rest.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_proc_are_read_as_its_manual_says() {
        let stat =
            "42 (a (strange) name) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 12345 1000000 2048 18446744073709551615";
        assert_eq!((cpu_ticks(stat), start_ticks(stat)), (300, 12_345));
        assert_eq!(resident_kib("Name:\tx\nVmRSS:\t    2048 kB\nVmData: 1 kB\n"), 2_048);
        assert_eq!(boot_time_s("cpu 1 2 3\nbtime 1700000000\nprocesses 9\n"), 1_700_000_000);
        assert_eq!((cpu_ticks(""), resident_kib(""), boot_time_s("")), (0, 0, 0));
    }
}
