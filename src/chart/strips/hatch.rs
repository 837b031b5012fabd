//! The patterns of gaps. Their colours are told apart by those who do not see red or green (M. Okabe and K. Ito, 2008), and the
//! patterns by those who print in black.

use super::super::layout::{BARS, Hatch, PAPER};

/// What is there in another way.
pub(super) const LINED: Hatch = Hatch { name: "h", paper: BARS, ink: PAPER, tile: &[(0, 5, 12, 3)] };

const RISING: &[(i32, i32, i32, i32)] = &[(0, 9, 3, 3), (3, 6, 3, 3), (6, 3, 3, 3), (9, 0, 3, 3)];
const FALLING: &[(i32, i32, i32, i32)] = &[(0, 0, 3, 3), (3, 3, 3, 3), (6, 6, 3, 3), (9, 9, 3, 3)];

static GAPS: [Hatch; 10] = [
    Hatch { name: "ga", paper: 0xf9_e3_d3, ink: 0xd5_5e_00, tile: RISING },
    Hatch { name: "gb", paper: 0xfb_f1_d9, ink: 0xe6_9f_00, tile: &[(0, 4, 12, 4)] },
    Hatch { name: "gc", paper: 0xf6_e6_ee, ink: 0xcc_79_a7, tile: &[(0, 0, 12, 3), (0, 3, 3, 9)] },
    Hatch { name: "gd", paper: 0xff_ff_ff, ink: 0x00_00_00, tile: &[(2, 2, 3, 3), (8, 8, 3, 3)] },
    Hatch { name: "ge", paper: 0xd6_ef_e7, ink: 0x00_9e_73, tile: &[(4, 0, 4, 12)] },
    Hatch { name: "gf", paper: 0xdf_f1_fb, ink: 0x56_b4_e9, tile: FALLING },
    Hatch { name: "gg", paper: 0xfb_f8_d0, ink: 0x8f_83_00, tile: &[(0, 0, 6, 6), (6, 6, 6, 6)] },
    Hatch { name: "gh", paper: 0xff_ff_ff, ink: 0x7a_4b_8c, tile: &[(2, 2, 8, 8)] },
    Hatch { name: "gi", paper: 0xe6_e6_e6, ink: 0xe6_e6_e6, tile: &[] },
    Hatch { name: "gj", paper: 0xff_ff_ff, ink: 0x00_72_b2, tile: &[(4, 0, 4, 4), (4, 8, 4, 4)] },
];

/// The pattern of that number; numbers beyond the last begin anew.
pub(super) fn gap(number: usize) -> &'static Hatch {
    GAPS.iter().cycle().nth(number % GAPS.len()).unwrap_or(&LINED)
}
