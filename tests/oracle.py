"""What a scanner and an archive find wrong in an invoice PDF.

The own look decides the tests, so that they say the same in any clone. Where the variable ORACLES
names a folder of checkers that others wrote, they are asked as well (see .ci/run); nothing is ever
looked for beside the clone unasked.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pikepdf
import zxingcpp
from PIL import Image

ARCHIVE = ("lang", "title", "fonts-embedded")
REQUIRED = (*ARCHIVE, "bank-barcode", "epc-qr", "agreement")
BARCODE_MOST = Decimal("999999.99")
FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def outside_checker(name: str) -> Path | None:
    """The checker of that name in the folder that ORACLES names; None when nobody asked."""
    folder = os.environ.get("ORACLES")
    if not folder:
        return None
    found = Path(folder) / name
    if not found.is_file():
        raise FileNotFoundError(f"ORACLES names {folder}, which has no {name}")
    return found.resolve()


def check_invoice_pdf(content: bytes, *, payable: bool = True) -> list[str]:
    """Problems of the PDF. What is not payable must have no code that a bank's app would pay by."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "invoice.pdf"
        path.write_bytes(content)
        found = _own_look(path, payable=payable)
        if checker := outside_checker("check_invoice_pdf.py"):
            wanted = REQUIRED if payable else ARCHIVE
            run = subprocess.run(
                [sys.executable, str(checker), str(path), "--require", *wanted],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if run.returncode:
                report = json.loads(run.stdout) if run.stdout.startswith("{") else {}
                found += [f"oracle: {report.get('missing')} {report.get('error')} {run.stderr}"]
        return found


def _own_look(path: Path, *, payable: bool) -> list[str]:
    found = []
    with pikepdf.open(path) as pdf:
        if "/Lang" not in pdf.Root:
            found.append("no language")
        if not str(pdf.docinfo.get("/Title", "")):
            found.append("no title")
        found += [f"font {name} is not embedded" for name in _fonts_left_out(pdf)]
    values = []
    subprocess.run(
        ["pdftoppm", "-r", "200", "-gray", "-png", str(path), str(path.with_suffix(""))],
        check=True,
        capture_output=True,
    )
    for png in sorted(path.parent.glob("*.png")):
        image = Image.open(io.BytesIO(png.read_bytes())).convert("L")
        values += [b.text for b in zxingcpp.read_barcodes(image)]
    bars = [v for v in values if len(v) == 54 and v.isdigit()]
    codes = [v for v in values if v.startswith("BCD\n")]
    if bool(bars) != payable:
        found.append("no bank barcode" if payable else "a bank barcode")
    if bool(codes) != payable:
        found.append("no EPC QR" if payable else "an EPC QR")
    if bars and codes:
        found += disagreements(bars[0], codes[0])
    return found


def _fonts_left_out(pdf: pikepdf.Pdf) -> list[str]:
    """Fonts of the pages that the file names without bringing them."""
    left_out = set()
    for page in pdf.pages:
        for font in page.get("/Resources", {}).get("/Font", {}).values():
            holder = font["/DescendantFonts"][0] if "/DescendantFonts" in font else font
            described = holder.get("/FontDescriptor", {})
            if not any(key in described for key in FONT_FILES):
                left_out.add(str(font.get("/BaseFont", "?")))
    return sorted(left_out)


def disagreements(bar: str, code: str) -> Iterator[str]:
    """Where the bank barcode and the EPC QR would pay different bills."""
    lines = [*code.replace("\r\n", "\n").split("\n"), *[""] * 12]
    account, amount, reference = lines[6], lines[7].removeprefix("EUR"), lines[9] or lines[10]
    if bar[1:17] != account.removeprefix("FI"):
        yield f"barcode pays to FI{bar[1:17]}, QR to {account}"
    # More than the barcode has digits for is printed as zeros; the payer fills it in.
    printed = Decimal(amount or 0) if Decimal(amount or 0) <= BARCODE_MOST else Decimal(0)
    if Decimal(bar[17:25]) / 100 != printed:
        yield f"barcode pays {bar[17:25]} cents, QR EUR {amount}"
    # Version 4 holds a national reference, version 5 an RF one: check digits, then the rest.
    national = reference[4:] if reference.startswith("RF") else reference
    rest = bar[28:48] if bar[0] == "4" else bar[27:48]
    if rest.lstrip("0") != national.lstrip("0"):
        yield f"barcode has reference {rest.lstrip('0')}, QR {reference}"
