//! The boot clock, and the name of the boot that it counts from.
//!
//! - Linux: `CLOCK_BOOTTIME`, which counts while the machine sleeps, and the kernel's `boot_id`. A process in a time
//!   namespace of its own may be shown another boot clock, so it is another boot.
//! - macOS: `CLOCK_MONOTONIC`, which counts there while the machine sleeps (`man clock_gettime`), and
//!   `kern.bootsessionuuid`.
//! - Elsewhere: `CLOCK_MONOTONIC`, which may stand still in a sleep, and no name: each process is a boot of its own, and a
//!   proposal meets its flip by the wall clock alone.

use rustix::time::{ClockId, clock_gettime};

use crate::time::Span;

#[cfg(any(target_os = "linux", target_os = "android"))]
const CLOCK: ClockId = ClockId::Boottime;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const CLOCK: ClockId = ClockId::Monotonic;

/// Time since this machine booted, its sleeps counted.
pub(super) fn time() -> Span {
    let now = clock_gettime(CLOCK);
    // No known system gives more than a second's nanoseconds.
    Span::new(now.tv_sec, i32::try_from(now.tv_nsec).unwrap_or_default())
}

/// Names this boot of this machine. Where the system does not tell, it names this process.
#[must_use]
pub fn boot_id() -> String {
    this_boot()
        .unwrap_or_else(|| format!("process-{}-{:032x}", std::process::id(), super::random_bits().unwrap_or_default()))
}

/// Whether the system can tell which boot this is. If it cannot, each process is a boot.
#[must_use]
pub fn boot_is_known() -> bool {
    let tells = cfg!(any(target_os = "linux", target_os = "android", target_os = "macos"));
    !tells || this_boot().is_some()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn this_boot() -> Option<String> {
    let id = uuid(&std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?)?;
    let space = std::fs::read_link("/proc/self/ns/time").ok();
    Some(in_space(id, space.as_deref().and_then(|link| link.to_str())))
}

#[cfg(target_os = "macos")]
fn this_boot() -> Option<String> {
    use sysctl::Sysctl as _;
    uuid(&sysctl::Ctl::new("kern.bootsessionuuid").ok()?.value_string().ok()?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
fn this_boot() -> Option<String> {
    None
}

/// A UUID, in small letters.
#[cfg_attr(not(any(target_os = "linux", target_os = "android", target_os = "macos")), allow(dead_code))]
fn uuid(text: &str) -> Option<String> {
    let id = text.trim().to_ascii_lowercase();
    let group = |(part, length): (&str, usize)| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit());
    let parts: Vec<&str> = id.split('-').collect();
    let right = parts.len() == 5 && parts.into_iter().zip([8, 4, 4, 4, 12]).all(group);
    right.then_some(id)
}

/// The boot as a time namespace has it: the first one (`PROC_TIME_INIT_INO`) is the machine's own.
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code))]
fn in_space(id: String, space: Option<&str>) -> String {
    const OWN: &str = "time:[4026531834]";
    match space.filter(|s| *s != OWN) {
        None => id,
        Some(other) => format!("{id}-{}", other.chars().filter(char::is_ascii_alphanumeric).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boot_has_one_name_and_its_clock_runs_on() {
        assert_eq!(boot_id(), boot_id());
        let before = time();
        assert!(before > Span::ZERO && time() >= before);
    }

    /// What `/proc/uptime` says is the boot clock; the monotonic one lags behind it after every sleep.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_boot_clock_is_the_machines_uptime() {
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let uptime: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
        assert!((time().as_secs_f64() - uptime).abs() < 5.0);
    }

    #[test]
    fn a_time_namespace_is_another_boot() {
        let id = || "0f2e".to_owned();
        assert_eq!(in_space(id(), Some("time:[4026531834]")), "0f2e");
        assert_eq!(in_space(id(), None), "0f2e");
        assert_eq!(in_space(id(), Some("time:[4026532900]")), "0f2e-time4026532900");
    }

    #[test]
    fn what_is_no_uuid_names_no_boot() {
        let right = "0F2E1D3C-4B5A-6978-8796-a5b4c3d2e1f0";
        assert_eq!(uuid(&format!("{right}\n")), Some(right.to_ascii_lowercase()));
        for wrong in ["", "0f2e", "0F2E1D3C-4B5A-6978-8796-a5b4c3d2e1f", "unknown oid 'kern.bootsessionuuid'"] {
            assert_eq!(uuid(wrong), None, "{wrong}");
        }
    }
}
