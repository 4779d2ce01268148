//! Pictures of QR codes, as a phone's camera and every decoder reads them.

use jpeg_encoder::{ColorType, Encoder};
use qrcode::{Color, EcLevel, QrCode};

/// Quiet modules around the code, as the standard wants.
const QUIET: usize = 4;
/// Text for which no code can be made: longer than one holds (2,331 bytes with this correction), or no encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text does not fit into a QR code")]
pub struct TooLong;

/// A square JPEG.
pub fn jpeg(text: &str, side: u16) -> Result<Vec<u8>, TooLong> {
    let grey = pixels(text, usize::from(side))?;
    let mut out = Vec::new();
    Encoder::new(&mut out, 90).encode(&grey, side, side, ColorType::Luma).map_err(|_| TooLong)?;
    Ok(out)
}

/// A square PNG with a transparent background and modules of one colour.
pub fn transparent_png(text: &str, side: u16, colour: [u8; 3]) -> Result<Vec<u8>, TooLong> {
    let [r, g, b] = colour;
    let rgba: Vec<u8> = pixels(text, usize::from(side))?
        .into_iter()
        .flat_map(|grey| [r, g, b, if grey == 0 { 255 } else { 0 }])
        .collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, u32::from(side), u32::from(side));
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|_| TooLong)?;
    writer.write_image_data(&rgba).map_err(|_| TooLong)?;
    writer.finish().map_err(|_| TooLong)?;
    Ok(out)
}

/// A byte a pixel, 0 or 255; whole pixels for every module, the rest is margin.
fn pixels(text: &str, side: usize) -> Result<Vec<u8>, TooLong> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLong)?;
    let modules = code.width();
    let scale = (side / (modules + 2 * QUIET)).max(1);
    let margin = side.saturating_sub(modules * scale) / 2;
    let dark = |x: usize, y: usize| {
        let module = |at: usize| at.checked_sub(margin).map(|at| at / scale).filter(|m| *m < modules);
        matches!((module(x), module(y)), (Some(x), Some(y)) if code[(x, y)] == Color::Dark)
    };
    Ok((0..side * side).map(|at| if dark(at % side, at / side) { 0 } else { 255 }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoder_reads_the_jpeg() {
        let url = "http://weixin.qq.com/q/02AbCdEfGhIjKlMnOpQrSt";

        let grey = jpeg_decoder::Decoder::new(&jpeg(url, 430).unwrap()[..]).decode().unwrap();

        assert_eq!(grey.len(), 430 * 430);
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(430, 430, |x, y| grey[y * 430 + x]);
        assert_eq!(picture.detect_grids()[0].decode().unwrap().1, url);
    }

    #[test]
    fn a_transparent_picture_has_modules_of_the_colour_asked_for() {
        let png = transparent_png("scene", 280, [1, 2, 3]).unwrap();

        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut rgba = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut rgba).unwrap();

        let opaque: Vec<_> = rgba.chunks(4).filter(|pixel| pixel[3] == 255).collect();
        assert!(!opaque.is_empty() && opaque.iter().all(|pixel| pixel[..3] == [1, 2, 3]));
        assert!(rgba.chunks(4).any(|pixel| pixel[3] == 0));
    }

    #[test]
    fn a_text_beyond_the_largest_code_is_refused() {
        assert_eq!(jpeg(&"x".repeat(3000), 430), Err(TooLong));
    }
}
