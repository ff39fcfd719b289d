//! The cipher that hides a password on its way (after ACSAuthReplyTwo).
//!
//! It is reversible and old: it keeps a password from being read at a glance, no more. Networks that are not trusted
//! need a tunnel.
//!
//! A password of at most 40 octets, filled with NUL, is five blocks of 8 octets. A block and the challenge are 16
//! nibbles each, the low one of an octet first. Each of 16 rounds substitutes every nibble, permutes them, and rotates
//! the challenge by one nibble, so that it is back at its start after the last.

/// Octets of an enciphered password.
pub const CIPHER_OCTETS: usize = 40;
const ROUNDS: u32 = 16;

/// Row `n` substitutes nibble `n`; the hex digit at column `d`, from the left, is what `d` becomes.
const SUBSTITUTE: [u64; 16] = [
    0xf857_c2e9_016d_34ba,
    0x2ce6_f018_d3a4_9b57,
    0x529f_c4d0_ea68_b137,
    0xfd26_7859_04c3_1abe,
    0x5e2b_da70_8641_fc39,
    0x82fa_596c_0b1d_734e,
    0xe809_4b27_c3a5_d16f,
    0x148a_db7e_5f39_026c,
    0x53c8_b2ea_41d0_67f9,
    0x60be_d4cf_728a_1539,
    0xb5ae_f1c0_6429_3d78,
    0x72a0_e8f4_cb91_5d36,
    0x74f9_51cb_038e_2a6d,
    0x9480_a31c_5f72_be6d,
    0x9547_e831_dbc2_0f6a,
    0x9abd_53f0_1c87_64e2,
];

/// Nibble `n` of the next round is nibble `PERMUTE[n]` of this one.
const PERMUTE: [usize; 16] = [3, 14, 15, 2, 13, 12, 4, 5, 9, 6, 0, 1, 11, 7, 10, 8];

/// Enciphers a password. Only its first 40 octets count.
pub fn encipher(password: &[u8], challenge: [u8; 8]) -> [u8; CIPHER_OCTETS] {
    let mut octets = [0; CIPHER_OCTETS];
    let length = password.len().min(CIPHER_OCTETS);
    octets[..length].copy_from_slice(&password[..length]);
    each_block(&mut octets, |block| encipher_block(block, u64::from_le_bytes(challenge)));
    octets
}

/// Deciphers a password, with the NULs that filled it. Nothing if the cipher has not its 40 octets.
pub fn decipher(cipher: &[u8], challenge: [u8; 8]) -> Option<[u8; CIPHER_OCTETS]> {
    let mut octets: [u8; CIPHER_OCTETS] = cipher.try_into().ok()?;
    each_block(&mut octets, |block| decipher_block(block, u64::from_le_bytes(challenge)));
    Some(octets)
}

fn each_block(octets: &mut [u8; CIPHER_OCTETS], work: impl Fn(u64) -> u64) {
    for block in octets.as_chunks_mut().0 {
        *block = work(u64::from_le_bytes(*block)).to_le_bytes();
    }
}

fn encipher_block(mut block: u64, key: u64) -> u64 {
    for round in 0..ROUNDS {
        let mixed = block ^ key.rotate_left(4 * round);
        block = (0..16).fold(0, |next, n| {
            let from = PERMUTE[n];
            next | place(substitute(from, nibble(mixed, from)), n)
        });
    }
    block
}

fn decipher_block(mut block: u64, key: u64) -> u64 {
    for round in (0..ROUNDS).rev() {
        let mixed = (0..16).fold(0, |before, n| {
            let to = PERMUTE[n];
            before | place(restore(to, nibble(block, n)), to)
        });
        block = mixed ^ key.rotate_left(4 * round);
    }
    block
}

const fn nibble(block: u64, n: usize) -> u64 {
    (block >> (4 * n)) & 0xF
}

const fn place(nibble: u64, n: usize) -> u64 {
    nibble << (4 * n)
}

const fn substitute(row: usize, digit: u64) -> u64 {
    nibble(SUBSTITUTE[row], 15 - digit as usize)
}

/// The digit that `substitute` made this of. Every row has every digit once.
fn restore(row: usize, substituted: u64) -> u64 {
    (0..16).find(|digit| substitute(row, *digit) == substituted).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

    /// Made by a client of another maker from the same password and challenge.
    #[test]
    fn the_cipher_is_that_of_other_clients() {
        let cipher = encipher(b"secret", CHALLENGE);
        assert_eq!(cipher[..8], [0xaa, 0x74, 0xae, 0x08, 0xfb, 0x33, 0x19, 0x96]);
        for block in cipher[8..].as_chunks::<8>().0 {
            assert_eq!(*block, [0xd4, 0xbb, 0x38, 0x75, 0x15, 0x26, 0x19, 0x96]);
        }
    }

    #[test]
    fn every_row_has_every_digit_once() {
        for row in 0..16 {
            let seen = (0..16).fold(0u16, |seen, digit| seen | 1 << substitute(row, digit));
            assert_eq!(seen, 0xFFFF, "row {row}");
        }
    }

    #[test]
    fn deciphering_gives_the_password_back() {
        for password in [&b""[..], b"secret", b"a password that fills all its forty octs", &[0xFF; 40]] {
            for challenge in [CHALLENGE, [0; 8], [0xA5; 8]] {
                let plain = decipher(&encipher(password, challenge), challenge).expect("40 octets");
                assert_eq!(plain[..password.len()], *password);
                assert!(plain[password.len()..].iter().all(|octet| *octet == 0));
            }
        }
        assert_eq!(decipher(&[0; 8], CHALLENGE), None);
    }
}
