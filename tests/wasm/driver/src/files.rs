use std::fs;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::failed;

/// What the page consists of, by path.
pub(crate) struct Files {
    script: Vec<u8>,
    module: Vec<u8>,
}

impl Files {
    /// Makes the page's JavaScript and its final module from what the compiler wrote.
    pub(crate) fn around(module: &Path) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(failed("a folder for the JavaScript"))?;
        let made = Bindgen::new()
            .input_path(module)
            .out_name("page")
            .omit_default_module_path(false)
            .web(true)
            .and_then(|bindgen| bindgen.typescript(false).generate(folder.path()));
        // Its error is a chain; the alternate form prints all of it.
        made.map_err(|error| format!("JavaScript for `{}`: {error:#}", module.display()))?;
        let read = |name| fs::read(folder.path().join(name)).map_err(failed(name));
        Ok(Self { script: read("page.js")?, module: read("page_bg.wasm")? })
    }

    /// The content of a path and its type.
    pub(crate) fn get(&self, path: &str) -> Option<(&'static str, &[u8])> {
        match path {
            "/" => Some(("text/html", include_bytes!("../../page/index.html"))),
            "/run.js" => Some(("text/javascript", include_bytes!("../../page/run.js"))),
            "/page.js" => Some(("text/javascript", &self.script)),
            "/page_bg.wasm" => Some(("application/wasm", &self.module)),
            _ => None,
        }
    }
}
