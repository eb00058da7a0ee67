//! Compression, and bytes as text.

use std::io::Write;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Compressed as small as gzip can. Without a name and a time: the same bytes give the same result.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).context("cannot compress the page")?;
    encoder.finish().context("cannot compress the page")
}

/// The letters for which a browser's `atob` gives the bytes back.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let packed = gzip(&bytes).unwrap();
        assert_eq!(packed, gzip(&bytes).unwrap());
        assert!(packed.len() < bytes.len() / 10, "{}", packed.len());
        let unpacked = STANDARD.decode(base64(&packed)).unwrap();
        let mut again = Vec::new();
        GzDecoder::new(unpacked.as_slice()).read_to_end(&mut again).unwrap();
        assert_eq!(again, bytes);
        // The four bytes of the time, and the system on which it was made: none.
        assert_eq!((&packed[4..8], packed[9]), (&[0; 4][..], 255));
    }
}
