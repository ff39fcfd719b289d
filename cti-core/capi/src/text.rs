//! Text across the border: bounded C strings, and what errors mean in two languages.
//!
//! Never: allocates for an error text.

use std::ffi::{CStr, c_char};
use std::fmt;

use crate::abi::{error, number};

/// Text of at most `N` - 1 octets with a zero behind it. What does not fit is cut at a character.
#[derive(Clone, Copy)]
pub struct CText<const N: usize>([c_char; N]);

impl<const N: usize> Default for CText<N> {
    fn default() -> CText<N> {
        CText([0; N])
    }
}

impl<const N: usize> CText<N> {
    /// The text, cut where it is too long; a zero octet ends it.
    pub fn new(text: &str) -> CText<N> {
        let mut octets = [0; N];
        let text = text.split('\0').next().unwrap_or("");
        let fits = text.floor_char_boundary(N - 1);
        for (place, octet) in octets.iter_mut().zip(text[..fits].bytes()) {
            *place = octet as c_char;
        }
        CText(octets)
    }

    /// The octets, for a structure.
    pub const fn octets(&self) -> [c_char; N] {
        self.0
    }
}

impl<const N: usize> fmt::Debug for CText<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let octets: Vec<u8> = self.0.iter().take_while(|&&octet| octet != 0).map(|&octet| octet as u8).collect();
        write!(f, "{:?}", String::from_utf8_lossy(&octets))
    }
}

/// An error's number, its text in English and in Chinese.
const ERRORS: &[(i32, &CStr, &CStr)] = &[
    (error::OK, c"Success", c"成功"),
    (error::E_ARGUMENT, c"An argument is missing, out of range or malformed", c"参数缺失、超出范围或格式错误"),
    (error::E_SIZE, c"A structure has a size this library cannot take", c"结构体大小不被本库支持"),
    (error::E_STALE, c"The handle belongs to something that is gone", c"句柄所指对象已不存在"),
    (error::E_STATE, c"The line is not in a state in which this can be done", c"线路当前状态不允许此操作"),
    (error::E_SUPERSEDED, c"An event of the line came first", c"线路事件先于此命令发生"),
    (
        error::E_BUSY,
        c"The card, the channel or its slot for such an operation is taken",
        c"板卡、通道或其操作槽已被占用",
    ),
    (error::E_RESOURCE, c"A bound is reached", c"资源已达上限"),
    (error::E_UNSUPPORTED, c"This line, card or backend has no such function", c"该线路、板卡或后端不支持此功能"),
    (error::E_HARDWARE, c"The card or its module failed or is not there", c"板卡或模块故障或不存在"),
    (error::E_IO, c"A file could not be opened, read or written", c"文件无法打开、读取或写入"),
    (error::E_PERMISSION, c"The system refuses access", c"系统拒绝访问"),
    (error::E_CLOSED, c"The context is being closed", c"上下文正在关闭"),
    (error::E_FORKED, c"A context was opened before this process was forked", c"上下文是在本进程 fork 之前打开的"),
    (error::E_INTERNAL, c"A fault of the library; please report it", c"库内部错误，请报告"),
];

/// The text of an error.
pub fn of_error(wanted: i32, language: u32) -> &'static CStr {
    let wanted = wanted.min(0);
    let (english, chinese) = match ERRORS.iter().find(|(number, ..)| *number == wanted) {
        Some((_, english, chinese)) => (*english, *chinese),
        None => (c"Unknown error", c"未知错误"),
    };
    // Cantonese is written as Chinese here.
    if matches!(language, number::LANG_ZH | number::LANG_YUE) { chinese } else { english }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_text_in_both_languages() {
        for (name, error) in error::NAMED {
            let of = |language| of_error(*error as i32, language);
            let (english, chinese) = (of(number::LANG_EN), of(number::LANG_ZH));
            assert_ne!(english, c"Unknown error", "{name}");
            assert_ne!(english, chinese, "{name}");
            assert_eq!(chinese, of(number::LANG_YUE), "{name}");
        }
        assert_eq!(of_error(-999, 0), c"Unknown error");
        assert_eq!(of_error(7, 0), c"Success");
    }

    #[test]
    fn text_that_is_too_long_is_cut_at_a_character() {
        assert_eq!(format!("{:?}", CText::<5>::new("号码")), "\"号\"");
        assert_eq!(format!("{:?}", CText::<8>::new("123\x00456")), "\"123\"");
    }
}
