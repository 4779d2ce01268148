//! WeChat on a laptop.
