//! Standard output whose reader may have seen enough: `muster tasks list | head` is no failure.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};

/// Standard output. When its reader has gone, the rest is thrown away.
pub struct Output(BufWriter<Stdout>);

/// Opens it.
pub fn output() -> Output {
    Output(BufWriter::new(io::stdout()))
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            outcome => outcome,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome,
        }
    }
}
