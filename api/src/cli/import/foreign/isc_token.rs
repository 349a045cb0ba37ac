//! The words of `dhcpd.leases(5)`: the grammar of dhcpd's configuration, as far as that is needed to find one's way.

use crate::cli::import::foreign::error::ForeignError;
use std::io::{BufRead, ErrorKind};

/// Longest word or text in bytes: a client identifier with each byte in octal is a quarter of that.
pub const TOKEN_BYTES_MAX: usize = 4096;

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Anything without a meaning here.
    Word(Vec<u8>),
    /// What stood in quotes, without its escapes.
    Text(Vec<u8>),
    /// `{`
    Open,
    /// `}`
    Close,
    /// `;`
    End,
}

/// The words of a file, one after the other.
pub struct Tokens<R> {
    input: R,
    line: u64,
}

impl<R: BufRead> Tokens<R> {
    /// Those of this input.
    pub const fn of(input: R) -> Self {
        Self { input, line: 1 }
    }

    /// The line at which reading is, from 1.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The next one; none at the end. A text that has no end is none, either.
    ///
    /// # Errors
    /// [`ForeignError`].
    pub fn next_token(&mut self) -> Result<Option<Token>, ForeignError> {
        while let Some(byte) = self.take()? {
            return match byte {
                b'#' => {
                    self.skip_comment()?;
                    continue;
                }
                byte if is_space(byte) => continue,
                b'{' => Ok(Some(Token::Open)),
                b'}' => Ok(Some(Token::Close)),
                b';' => Ok(Some(Token::End)),
                b'"' => Ok(self.text()?.map(Token::Text)),
                byte => self.word(byte).map(|word| Some(Token::Word(word))),
            };
        }
        Ok(None)
    }

    fn word(&mut self, first: u8) -> Result<Vec<u8>, ForeignError> {
        let mut word = vec![first];
        while let Some(byte) = self.peek()? {
            if is_space(byte) || b"{};\"#".contains(&byte) {
                break;
            }
            self.push(&mut word, byte)?;
            self.take()?;
        }
        Ok(word)
    }

    fn text(&mut self) -> Result<Option<Vec<u8>>, ForeignError> {
        let mut text = Vec::new();
        while let Some(byte) = self.take()? {
            let byte = match byte {
                b'"' => return Ok(Some(text)),
                b'\\' => match self.escaped()? {
                    Some(byte) => byte,
                    None => return Ok(None),
                },
                byte => byte,
            };
            self.push(&mut text, byte)?;
        }
        Ok(None)
    }

    /// What stands behind a backslash: up to three octal digits, a letter for a control character, or itself.
    fn escaped(&mut self) -> Result<Option<u8>, ForeignError> {
        const OCTAL_DIGITS_MAX: usize = 3;
        let Some(first) = self.take()? else { return Ok(None) };
        if !is_octal(first) {
            return Ok(Some(match first {
                b't' => b'\t',
                b'n' => b'\n',
                b'r' => b'\r',
                b'b' => 8,
                byte => byte,
            }));
        }
        let mut value = u32::from(first - b'0');
        for _ in 1..OCTAL_DIGITS_MAX {
            let Some(digit) = self.peek()?.filter(|byte| is_octal(*byte)) else { break };
            value = value * 8 + u32::from(digit - b'0');
            self.take()?;
        }
        Ok(Some(u8::try_from(value & 0xff).expect("it was cut to eight bits")))
    }

    fn push(&self, token: &mut Vec<u8>, byte: u8) -> Result<(), ForeignError> {
        if token.len() >= TOKEN_BYTES_MAX {
            return Err(ForeignError::TooLong { line: self.line, bytes_max: TOKEN_BYTES_MAX });
        }
        token.push(byte);
        Ok(())
    }

    fn skip_comment(&mut self) -> Result<(), ForeignError> {
        while self.take()?.is_some_and(|byte| byte != b'\n') {}
        Ok(())
    }

    fn take(&mut self) -> Result<Option<u8>, ForeignError> {
        let byte = self.peek()?;
        if let Some(byte) = byte {
            self.input.consume(1);
            self.line += u64::from(byte == b'\n');
        }
        Ok(byte)
    }

    fn peek(&mut self) -> Result<Option<u8>, ForeignError> {
        loop {
            match self.input.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

const fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
}

const fn is_octal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'7')
}
