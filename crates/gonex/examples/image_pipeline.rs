//! The three layers together: images are fetched from a server, all at once; filtered, on all cores; and
//! saved in the background by a thread of its own.
//!
//! ```text
//! cargo run --release -p gonex --example image_pipeline
//! ```

use std::error::Error;
use std::fs;
use std::io::{self, Cursor};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use gonex::{aio, compute, thread};
use image::imageops::{self, FilterType};
use image::{ImageError, ImageFormat, Rgb, RgbImage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What goes wrong in a task has to get out of it.
type Failure = Box<dyn Error + Send + Sync>;

const IMAGES: u32 = 8;
const SIZE: (u32, u32) = (80, 60);
/// No answer may take longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The picture that the server has under a number.
fn picture(number: u32) -> RgbImage {
    RgbImage::from_fn(160, 120, |x, y| Rgb([x as u8, y as u8, (number * 30) as u8]))
}

/// A server of pictures, which answers `GET /3.bmp` and little else.
async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        aio::spawn(answer(stream)).detach();
    }
}

async fn answer(mut stream: TcpStream) -> Result<(), Failure> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && request.len() < 4_096 {
        request.push(stream.read_u8().await?);
    }
    let request = String::from_utf8(request)?;
    let number = request.strip_prefix("GET /").and_then(|rest| rest.split_once(".bmp"));
    let response = match number.and_then(|(number, _)| number.parse().ok()) {
        Some(number) if number < IMAGES => {
            // Encoding is computing, and so no work for the thread that serves.
            let encode = move || encoded(&picture(number));
            let body = compute::background(encode).await??;
            [b"HTTP/1.0 200 OK\r\nContent-Type: image/bmp\r\n\r\n", body.as_slice()].concat()
        }
        _ => b"HTTP/1.0 404 Not Found\r\n\r\n".to_vec(),
    };
    stream.write_all(&response).await?;
    stream.shutdown().await?;
    Ok(())
}

fn encoded(image: &RgbImage) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Bmp)?;
    Ok(bytes.into_inner())
}

/// Fetches a file over HTTP.
async fn fetch(server: SocketAddr, path: String) -> Result<Vec<u8>, Failure> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await?;
    let end = response.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    match end {
        Some(end) if response.starts_with(b"HTTP/1.0 200 ") => Ok(response.split_off(end + 4)),
        _ => Err(format!("{path}: {}", String::from_utf8_lossy(&response)).into()),
    }
}

/// What is done to each image: smaller, and brown as if it were old.
fn filtered(file: &[u8]) -> Result<RgbImage, ImageError> {
    let image = image::load_from_memory_with_format(file, ImageFormat::Bmp)?.into_rgb8();
    let (width, height) = SIZE;
    let mut small = imageops::resize(&image, width, height, FilterType::Triangle);
    small.pixels_mut().for_each(sepia);
    Ok(small)
}

fn sepia(pixel: &mut Rgb<u8>) {
    let [r, g, b] = pixel.0.map(f32::from);
    let mix = |of_r: f32, of_g: f32, of_b: f32| (r * of_r + g * of_g + b * of_b).min(255.0) as u8;
    *pixel = Rgb([mix(0.393, 0.769, 0.189), mix(0.349, 0.686, 0.168), mix(0.272, 0.534, 0.131)]);
}

fn save(images: Vec<RgbImage>, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let save = |(number, image): (usize, RgbImage)| {
        let path = folder.join(format!("{number}.bmp"));
        fs::write(&path, encoded(&image)?)?;
        Ok(path)
    };
    images.into_iter().enumerate().map(save).collect()
}

/// Fetches, filters and saves all images; yields where they are.
async fn pipeline(server: SocketAddr, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    // 1. Waiting, for all of them at once.
    let fetching = (0..IMAGES).map(|number| fetch(server, format!("/{number}.bmp")));
    let files = aio::timeout(PATIENCE, aio::try_join_all(fetching)).await??;

    // 2. Computing, on all cores, while this thread serves others.
    let filtering = compute::background(move || compute::parallel(files, |file| filtered(&file)));
    let images = filtering.await?.into_iter().collect::<Result<Vec<_>, _>>()?;

    // 3. Saving, on a thread that may block as long as the disk wants.
    let folder = folder.to_owned();
    let saving = thread::builder().name("saver").spawn(move || save(images, &folder))?;
    saving.await?
}

fn run(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    aio::block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let server = listener.local_addr()?;
        let serving = aio::spawn(serve(listener));
        let saved = pipeline(server, folder).await;
        serving.cancel("no more images are wanted");
        saved
    })
}

/// Whether a saved image is what was to be made of the picture.
fn check(path: &Path, number: u32) -> Result<(), Failure> {
    let saved = image::open(path)?.into_rgb8();
    let expected = filtered(&encoded(&picture(number))?)?;
    if saved != expected {
        return Err(format!("{} is not picture {number}", path.display()).into());
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let saved = run(folder.path())?;
    for (path, number) in saved.iter().zip(0..) {
        check(path, number)?;
    }
    println!("fetched, filtered and saved {} images", saved.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_images_are_saved_as_they_should_be() {
        let folder = tempfile::tempdir().unwrap();
        let saved = run(folder.path()).unwrap();
        assert_eq!(saved.len(), IMAGES as usize);
        saved.iter().zip(0..).for_each(|(path, number)| check(path, number).unwrap());
        assert_eq!(image::open(&saved[0]).unwrap().into_rgb8().dimensions(), SIZE);
    }

    #[test]
    fn what_the_server_has_not_is_an_error() {
        let missing = aio::block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let server = listener.local_addr()?;
            let _serving = aio::spawn(serve(listener));
            fetch(server, "/99.bmp".to_owned()).await
        });
        assert!(missing.unwrap_err().to_string().contains("404"));
    }
}
