"""Writes the map of the house into ARCHITECTURE.md from the captions of the modules; `--check` only compares."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- map:begin -->", "<!-- map:end -->"
ROOMS = (
    "cli app config demo api engine stores channels "
    "journey experiment decision atlas insight contact people facts ground"
).split()


def caption(path: Path) -> str:
    """The first paragraph of a module's docstring, on one line."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split())


def drawn(root: Path) -> str:
    """The map: one heading a room, one line a module."""
    source = root / "src" / "wayfare"
    lines = [f"`wayfare` — {caption(source / '__init__.py')}"]
    for room in ROOMS:
        single, folder = source / f"{room}.py", source / room
        if single.exists():
            lines += ["", f"**{room}.py** — {caption(single)}"]
        if not (folder / "__init__.py").exists():
            continue
        lines += ["", f"**{room}/** — {caption(folder / '__init__.py')}", ""]
        for path in sorted(folder.rglob("*.py")):
            name = path.relative_to(folder).as_posix()
            if name != "__init__.py":
                lines.append(f"- `{name.removesuffix('/__init__.py')}` — {caption(path)}")
    return "\n".join(line for n, line in enumerate(lines) if line or lines[n - 1])


def placed(text: str, chart: str) -> str:
    """The page with the map between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{chart}\n{END}{after}"


def main() -> int:
    """Writes, or with `--check` tells by 1 that the map is stale."""
    page = ROOT / "ARCHITECTURE.md"
    old = page.read_text(encoding="utf-8")
    new = placed(old, drawn(ROOT))
    if old == new:
        return 0
    if "--check" in sys.argv[1:]:
        print("ARCHITECTURE.md: the map is stale; `make map` draws it anew", file=sys.stderr)
        return 1
    page.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
