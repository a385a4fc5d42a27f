#!/usr/bin/env python3
"""Checks an OCDS release package with libcoveocds (pip install libcoveocds), without a network.

    tendertrace export CASE --to ocds --out package.json
    python3 scripts/check-ocds.py package.json SCHEMA

SCHEMA is a folder with the standard's schema 1.1 (release-schema.json, codelists/ ...; ../shared/reference/ocds/schema).
Our extension is taken from docs/ocds-extension. The extensions of others are not fetched: that the package uses no field
but theirs beyond standard and extension is checked here. Ends with an error at any fault.
"""
import collections
import io
import json
import pathlib
import sys
import zipfile

from libcoveocds.api import ocds_json_output
from libcoveocds.config import LibCoveOCDSConfig
from ocdsextensionregistry.extension_version import ExtensionVersion

OURS = pathlib.Path(__file__).parent.parent / "docs" / "ocds-extension"
# Fields of the extensions for lots, bids and attributes of items.
OF_OTHERS = {"tender/lots", "bids", "tender/items/attributes", "tender/items/relatedLot", "awards/items/attributes",
             "awards/items/relatedLot", "awards/relatedLots"}


def standard(folder):
    """The standard as the archive of its repository."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("standard/", "")
        for file in sorted(pathlib.Path(folder).rglob("*")):
            if file.is_file():
                archive.write(file, f"standard/schema/{file.relative_to(folder)}")
    return out.getvalue()


def local(self, basename, default=None):
    file = OURS / basename
    if self.base_url.endswith("/ocds-extension/") and file.is_file():
        return file.read_text(encoding="utf-8")
    return default if default is not None else "{}"


def main():
    package = json.load(open(sys.argv[1], encoding="utf-8"))
    ours = [url for url in package["extensions"] if url.endswith("/ocds-extension/extension.json")]
    faults = [] if ours else ["the package does not name our extension"]
    package["extensions"] = ours
    ExtensionVersion.remote = local
    config = LibCoveOCDSConfig({"context": "api", "standard_zip": standard(sys.argv[2])})
    result = ocds_json_output(json_data=package, lib_cove_ocds_config=config)
    faults += [f"{error['type']}: {error['description']} at {error['path']}" for error in result.get("validation_errors", [])]
    faults += [f"extension: {one}" for one in (result.get("extensions") or {}).get("invalid_extensions", [])]
    for field in result.get("additional_fields", []):
        path = f"{field['path']}/{field['field']}".replace("/releases/", "", 1).strip("/")
        if not any(path == known or path.startswith(f"{known}/") for known in OF_OTHERS):
            faults.append(f"a field that no schema knows: {path}")
    for kind, found in (result.get("additional_checks") or {}).items():
        faults += [f"{kind}: {one}" for one in found]
    faults += [f"code {list(c['values'])} of closed list {c['codelist']}" for c in result.get("additional_closed_codelist_values", {}).values()]
    ids = collections.Counter(release["id"] for release in package["releases"])
    faults += [f"release {one} stands {count} times" for one, count in ids.items() if count > 1]
    print(f"{len(package['releases'])} releases, {len({r['ocid'] for r in package['releases']})} processes")
    print("\n".join(faults[:20]) or "no faults")
    sys.exit(bool(faults))


main()
