//! stub
use crate::change::ChangeText;
pub struct ChangeFile {
    pub text: ChangeText,
}
impl ChangeFile {
    pub fn of(t: &ChangeText) -> Self {
        Self { text: t.clone() }
    }
    pub fn to_json(&self) -> color_eyre::Result<String> {
        Ok(String::new())
    }
    pub fn read(_p: &std::path::Path) -> color_eyre::Result<Self> {
        Err(color_eyre::eyre::eyre!("stub"))
    }
}
