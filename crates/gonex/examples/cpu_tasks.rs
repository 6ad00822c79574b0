//! Four tasks that only compute, one after the other and then at once: counting primes, filtering an
//! image, training a small model, encrypting a file. The results are the same; the time is not.
//!
//! ```text
//! cargo run --release -p gonex --example cpu_tasks
//! ```

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use gonex::go_all;
use image::{Rgb, RgbImage, imageops};

/// How much there is to do.
#[derive(Clone, Copy)]
struct Sizes {
    primes_below: u32,
    image_side: u32,
    epochs: u32,
    file_bytes: usize,
}

/// About as much for each, so that two cores have something to share.
const FULL: Sizes =
    Sizes { primes_below: 1_000_000, image_side: 1_024, epochs: 80_000, file_bytes: 64 << 20 };

/// What the four tasks yield: the number of primes, a checksum of the image, the error of the model, a
/// checksum of the encrypted file.
type Results = (usize, u64, f64, u64);

/// One way to run them, on a file to encrypt.
type Way = fn(Sizes, &Path) -> Result<Results, Box<dyn Error>>;

/// Counts by trial division, which is the point: it takes time.
fn primes(below: u32) -> usize {
    let is_prime = |n: &u32| (2..).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    (2..below).filter(is_prime).count()
}

/// Blurs a picture of stripes, and looks for their edges.
fn filter_image(side: u32) -> u64 {
    let stripes = RgbImage::from_fn(side, side, |x, y| {
        Rgb([(x % 32 * 8) as u8, (y % 32 * 8) as u8, ((x + y) % 256) as u8])
    });
    let blurred = imageops::blur(&stripes, 3.0);
    let edges = [-1.0, -1.0, -1.0, -1.0, 8.0, -1.0, -1.0, -1.0, -1.0];
    checksum(imageops::filter3x3(&blurred, &edges).as_raw())
}

/// Fits a line to points on one by gradient descent; yields the squared error that is left.
fn train(epochs: u32) -> f64 {
    let points = || (0..1_000).map(|n| f64::from(n) / 1_000.0).map(|x| (x, 3.0 * x - 1.0));
    let (mut slope, mut offset) = (0.0, 0.0);
    let mut error = 0.0;
    for _ in 0..epochs {
        let (mut by_slope, mut by_offset) = (0.0, 0.0);
        error = 0.0;
        for (x, y) in points() {
            let off = slope * x + offset - y;
            by_slope += off * x;
            by_offset += off;
            error += off * off;
        }
        slope -= by_slope / 1_000.0;
        offset -= by_offset / 1_000.0;
    }
    error
}

/// Encrypts a file into another, and yields a checksum of that.
fn encrypt(file: &Path) -> std::io::Result<u64> {
    let mut bytes = fs::read(file)?;
    // A key for everybody to read: this shows the work, and hides nothing.
    let mut cipher = ChaCha20::new(&[7; 32].into(), &[1; 12].into());
    cipher.apply_keystream(&mut bytes);
    fs::write(file.with_extension("encrypted"), &bytes)?;
    Ok(checksum(&bytes))
}

/// Fowler, Noll and Vo's 1a.
fn checksum(bytes: &[u8]) -> u64 {
    let step = |sum: u64, &byte: &u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

fn in_sequence(sizes: Sizes, file: &Path) -> Result<Results, Box<dyn Error>> {
    let Sizes { primes_below, image_side, epochs, .. } = sizes;
    Ok((primes(primes_below), filter_image(image_side), train(epochs), encrypt(file)?))
}

fn at_once(sizes: Sizes, file: &Path) -> Result<Results, Box<dyn Error>> {
    let Sizes { primes_below, image_side, epochs, .. } = sizes;
    let file = file.to_owned();
    let tasks = (
        move || primes(primes_below),
        move || filter_image(image_side),
        move || train(epochs),
        move || encrypt(&file),
    );
    let (primes, image, error, encrypted) = go_all(tasks).block()?;
    Ok((primes, image, error, encrypted?))
}

/// The results of both ways, and how long each took.
fn run(sizes: Sizes) -> Result<[(Results, Duration); 2], Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("letter");
    fs::write(&file, vec![b'x'; sizes.file_bytes])?;
    let timed = |way: Way| {
        let start = Instant::now();
        Ok::<_, Box<dyn Error>>((way(sizes, &file)?, start.elapsed()))
    };
    Ok([timed(in_sequence)?, timed(at_once)?])
}

fn main() -> Result<(), Box<dyn Error>> {
    let [(sequential, slow), (parallel, fast)] = run(FULL)?;
    let (primes, image, error, encrypted) = parallel;
    println!("primes below {}: {primes}", FULL.primes_below);
    println!("image {image:016x}, model's error {error:.3e}, file {encrypted:016x}");
    let ratio = slow.as_secs_f64() / fast.as_secs_f64();
    println!("in sequence {slow:.2?}, at once {fast:.2?}: {ratio:.2} times as fast");
    if sequential != parallel {
        return Err("the two do not agree".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree() {
        let small =
            Sizes { primes_below: 10_000, image_side: 32, epochs: 200, file_bytes: 1 << 12 };
        let [(sequential, _), (parallel, _)] = run(small).unwrap();
        assert_eq!(sequential, parallel);
        assert_eq!(parallel.0, 1_229);
        assert!(parallel.2 < 1.0, "the model has learnt something: {}", parallel.2);
    }
}
