"""Write the npm tarball of the widget: the files as they are, the same bytes every time. `make widget` runs it.

Usage: python widget/pack.py [folder]
"""

import gzip
import io
import json
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
KINDS = (".js", ".d.ts", ".json", ".md")


def pack(folder: Path) -> Path:
    """Write the tarball into a folder; gives its path."""
    about = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in [*sorted(one for one in HERE.rglob("*") if one.name.endswith(KINDS)), HERE.parent / "LICENSE"]:
            name = path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else path.name
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = path.stat().st_size, 0o644
            archive.addfile(entry, io.BytesIO(path.read_bytes()))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{about['name']}-{about['version']}.tgz"
    target.write_bytes(gzip.compress(packed.getvalue(), 9, mtime=0))
    return target


if __name__ == "__main__":
    print(pack(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")))
