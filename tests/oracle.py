"""What a scanner and an archive find wrong in an invoice PDF, by tools that others wrote."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pikepdf
import zxingcpp
from django.conf import settings
from PIL import Image

ORACLE = Path(settings.BASE_DIR).parent / "shared" / "oracles" / "check_invoice_pdf.py"
ARCHIVE = ("lang", "title", "fonts-embedded")
REQUIRED = (*ARCHIVE, "bank-barcode", "epc-qr", "agreement")


def check_invoice_pdf(content: bytes, *, payable: bool = True) -> list[str]:
    """Problems of the PDF; the outside oracle is asked where it lies beside the project.

    What is not payable must have no code that a bank's app would pay by.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "invoice.pdf"
        path.write_bytes(content)
        found = _own_look(path, payable=payable)
        if ORACLE.exists():
            wanted = REQUIRED if payable else ARCHIVE
            run = subprocess.run(
                [sys.executable, str(ORACLE), str(path), "--require", *wanted],
                capture_output=True,
                text=True,
                check=False,
            )
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
    values = []
    subprocess.run(
        ["pdftoppm", "-r", "200", "-gray", "-png", str(path), str(path.with_suffix(""))],
        check=True,
        capture_output=True,
    )
    for png in sorted(path.parent.glob("*.png")):
        image = Image.open(io.BytesIO(png.read_bytes())).convert("L")
        values += [b.text for b in zxingcpp.read_barcodes(image)]
    if any(len(v) == 54 and v.isdigit() for v in values) != payable:
        found.append("no bank barcode" if payable else "a bank barcode")
    if any(v.startswith("BCD\n") for v in values) != payable:
        found.append("no EPC QR" if payable else "an EPC QR")
    return found
