"""Static files under names that hold a digest of their content, the modules of a script among them."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Django rewrites `import … from "./other.js"` too, so that a browser never mixes two versions."""

    support_js_module_import_aggregation = True
