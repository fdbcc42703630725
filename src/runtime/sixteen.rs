//! The sixteen colours by their own codes (30 to 37 and 90 to 97, grounds ten more), which every terminal knows:
//! crossterm writes them as the first of 256.

/// A frame with the sixteen colours by their own codes. Frames hold nothing but what ratatui writes: texts have no ESC.
pub(super) fn by_their_own_codes(frame: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(frame.len());
    let mut rest = frame;
    while let Some(at) = rest.windows(2).position(|w| w == b"\x1b[") {
        let (before, sequence) = rest.split_at(at + 2);
        out.extend_from_slice(before);
        let length = sequence.iter().take_while(|b| b.is_ascii_digit() || **b == b';').count();
        let (numbers, after) = sequence.split_at(length);
        match std::str::from_utf8(numbers) {
            Ok(numbers) if after.first() == Some(&b'm') => out.extend_from_slice(shorter(numbers).as_bytes()),
            _ => out.extend_from_slice(numbers),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

/// The numbers of one sequence: `38;5;1;48;5;12` is `31;104`.
fn shorter(numbers: &str) -> String {
    let mut all = numbers.split(';');
    let mut out: Vec<String> = Vec::new();
    while let Some(number) = all.next() {
        let first = match number {
            "38" => 30,
            "48" => 40,
            other => {
                out.push(other.to_owned());
                continue;
            }
        };
        let (kind, value) = (all.next(), all.next());
        match (kind, value.and_then(|value| value.parse::<u8>().ok())) {
            (Some("5"), Some(dark @ 0..8)) => out.push((first + dark).to_string()),
            (Some("5"), Some(bright @ 8..16)) => out.push((first + 60 + bright - 8).to_string()),
            _ => {
                // The green and the blue of 24 bits are no codes.
                let more = if kind == Some("2") { 2 } else { 0 };
                let whole = [number].into_iter().chain(kind).chain(value).chain(all.by_ref().take(more));
                out.extend(whole.map(str::to_owned));
            }
        }
    }
    out.join(";")
}
