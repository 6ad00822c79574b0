use memchr::memmem;

/// Brings text into a form in which capitals, punctuation and line breaks do not matter; one
/// buffer serves all paragraphs.
#[derive(Debug, Default)]
pub(super) struct Normaliser {
    folded: Vec<u8>,
}

/// The fold of each ASCII byte: itself in lower case, a space between words, or nothing.
const FOLD: [u8; 128] = {
    let mut fold = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        let b = byte as u8;
        fold[byte] = match b {
            b'0'..=b'9' | b'a'..=b'z' => b,
            b'A'..=b'Z' => b + 32,
            b' ' | b'\n' | b'\t' | b'-' => b' ',
            _ => 0,
        };
        byte += 1;
    }
    fold
};

impl Normaliser {
    /// A hash of the first words of a text; `None` if it has fewer.
    ///
    /// Nearly all paragraphs differ in them, so the rest is read only of those that do not.
    pub(super) fn opening(&mut self, text: &str, words: u32) -> Option<u64> {
        // A word and its space take two bytes at least.
        if text.len() < words as usize * 2 - 1 || self.fold(text, words) < words {
            return None;
        }
        Some(hash(&self.folded) as u64)
    }

    /// A hash of all of a paragraph's source, and the number of its words.
    ///
    /// The hash has 128 bits: no two paragraphs of all the books there are will meet by chance.
    pub(super) fn whole(&mut self, source: &str) -> (u128, u32) {
        let words = if source.contains("<!--") {
            self.fold(&without_comments(source), u32::MAX)
        } else {
            self.fold(source, u32::MAX)
        };
        (hash(&self.folded), words)
    }

    /// Fills the buffer with so many words; gives the number of words there were.
    fn fold(&mut self, text: &str, most: u32) -> u32 {
        self.folded.clear();
        let bytes = text.as_bytes();
        let mut words = 0;
        let mut inside = false;
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            let mut letter = 0;
            if byte < 0x80 {
                at += 1;
                letter = FOLD[usize::from(byte)];
                if letter == 0 {
                    continue;
                }
                if letter == b' ' {
                    if inside && words == most {
                        break;
                    }
                    inside = false;
                    continue;
                }
            } else if byte == 0xe2 && bytes.get(at + 1) == Some(&0x80) {
                // General punctuation: quotation marks go, dashes and spaces part words.
                let third = bytes.get(at + 2);
                at += 3;
                if matches!(third, Some(0x80..=0x8b | 0x90..=0x95 | 0xa8..=0xaf)) {
                    if inside && words == most {
                        break;
                    }
                    inside = false;
                }
                continue;
            }
            if letter != 0 {
                if !std::mem::replace(&mut inside, true) {
                    words += 1;
                    self.folded.push(b' ');
                }
                self.folded.push(letter);
                continue;
            }
            let Some(c) = text[at..].chars().next() else { break };
            at += c.len_utf8();
            if c.is_alphanumeric() {
                if !std::mem::replace(&mut inside, true) {
                    words += 1;
                    self.folded.push(b' ');
                }
                for lower in c.to_lowercase() {
                    self.folded.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
                }
            } else if c.is_whitespace() {
                if inside && words == most {
                    break;
                }
                inside = false;
            }
        }
        words
    }
}

/// Takes HTML comments out: a suppression in a paragraph does not make it another one.
fn without_comments(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = memmem::find(rest.as_bytes(), b"<!--") {
        kept.push_str(&rest[..start]);
        let end = memmem::find(&rest.as_bytes()[start..], b"-->");
        rest = end.map_or("", |end| &rest[start + end + 3..]);
    }
    kept + rest
}

/// Two multiply-and-fold hashes side by side, with different keys.
fn hash(bytes: &[u8]) -> u128 {
    const KEYS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f];
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        (product as u64) ^ (product >> 64) as u64
    };
    let mut lanes = [0x243f_6a88_85a3_08d3 ^ bytes.len() as u64, 0x1319_8a2e_0370_7344];
    let mut mix = |chunk: u64| {
        for (lane, key) in lanes.iter_mut().zip(KEYS) {
            *lane = fold(*lane ^ chunk ^ key, key ^ 0xa076_1d64_78bd_642f)
                .wrapping_add(lane.rotate_left(23));
        }
    };
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        mix(chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)));
    }
    mix(chunks.remainder().iter().fold(1, |word, &byte| word << 8 | u64::from(byte)));
    u128::from(lanes[0]) << 64 | u128::from(lanes[1])
}
