//! Whether a JPEG has arrived whole. Decoders fill up with grey what is missing, and nobody sees it before a reviewer.

/// The markers that carry no length (ITU-T T.81, B.1.1.3): restarts and TEM.
const fn stands_alone(marker: u8) -> bool {
    matches!(marker, 0x01 | 0xD0..=0xD8)
}

const END: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;

/// True if the file goes on to its end marker. What a camera puts behind that counts for nothing.
pub(super) fn has_end(jpeg: &[u8]) -> bool {
    let mut rest = jpeg;
    while let Some((marker, after)) = next_marker(rest) {
        rest = match marker {
            END => return true,
            alone if stands_alone(alone) => after,
            _ => {
                let Some(behind) = behind_segment(after) else { return false };
                if marker == START_OF_SCAN { behind_scan(behind) } else { behind }
            }
        };
    }
    false
}

/// A marker and what follows it; fill octets may stand before either.
fn next_marker(rest: &[u8]) -> Option<(u8, &[u8])> {
    let start = rest.iter().position(|octet| *octet == 0xFF)?;
    let filled = &rest[start..];
    let at = filled.iter().position(|octet| *octet != 0xFF)?;
    Some((filled[at], &filled[at + 1..]))
}

fn behind_segment(segment: &[u8]) -> Option<&[u8]> {
    let length = u16::from_be_bytes([*segment.first()?, *segment.get(1)?]);
    segment.get(usize::from(length.max(2))..)
}

/// Skips coded data: there, FF is followed by 00, or by the number of a restart.
fn behind_scan(data: &[u8]) -> &[u8] {
    let is_marker = |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF);
    let at = data.windows(2).position(is_marker).unwrap_or(data.len());
    &data[at..]
}
