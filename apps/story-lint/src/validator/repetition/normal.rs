/// A paragraph's words without capitals, punctuation and line breaks, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint {
    /// 128 bits: no two paragraphs of all the books there are will meet by chance.
    hash: u128,
    pub(super) words: u32,
}

/// Takes fingerprints, with one buffer for all paragraphs.
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
    /// The fingerprint of a text of at least `least` words.
    pub(super) fn fingerprint(&mut self, text: &str, least: u32) -> Option<Fingerprint> {
        // A word and its space take two bytes at least.
        if text.len() < least as usize * 2 - 1 {
            return None;
        }
        let words = self.fold(text);
        (words >= least).then(|| Fingerprint { hash: hash(&self.folded), words })
    }

    /// Fills the buffer; gives the number of words.
    fn fold(&mut self, text: &str) -> u32 {
        self.folded.clear();
        self.folded.reserve(text.len());
        let bytes = text.as_bytes();
        let mut words = 0;
        let mut inside = false;
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte < 0x80 {
                at += 1;
                match FOLD[usize::from(byte)] {
                    0 => {}
                    b' ' => inside = false,
                    letter => {
                        words += self.letter(&mut inside);
                        self.folded.push(letter);
                    }
                }
            } else if byte == 0xe2 && matches!(bytes.get(at + 1), Some(0x80)) {
                // General punctuation: quotation marks go, dashes and spaces part words.
                let part =
                    matches!(bytes.get(at + 2), Some(0x80..=0x8b | 0x90..=0x95 | 0xa8..=0xaf));
                inside &= !part;
                at += 3;
            } else {
                let Some(c) = text[at..].chars().next() else { break };
                at += c.len_utf8();
                if c.is_alphanumeric() {
                    words += self.letter(&mut inside);
                    for lower in c.to_lowercase() {
                        self.folded.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                } else if c.is_whitespace() {
                    inside = false;
                }
            }
        }
        words
    }

    /// Opens a word where none is open; gives the words opened.
    fn letter(&mut self, inside: &mut bool) -> u32 {
        if std::mem::replace(inside, true) {
            return 0;
        }
        self.folded.push(b' ');
        1
    }
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
