"""Bank files as banks write them, for the tests of payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

OWN = "FI2112345600000785"


@dataclass(frozen=True)
class Tx:
    """One incoming payment; `amount` is what stands in the file, always positive."""

    amount: str
    reference: str = ""
    payer: str = "Kahvila & Pojat Oy"
    bank_ref: str = ""
    message: str = ""


@dataclass(frozen=True)
class Entry:
    txs: tuple[Tx, ...]
    on: date = date(2026, 12, 10)
    direction: str = "CRDT"
    reversal: bool = False
    status: str = "BOOK"
    currency: str = "EUR"
    bank_ref: str = ""
    total: str = ""
    count: int = 0


def one(amount: str, reference: str = "", **fields: str) -> Entry:
    """An entry of one payment with an archive id of its own unless told otherwise."""
    bank_ref = fields.pop("bank_ref", f"2026121059{abs(hash((amount, reference))) % 10**8}")
    return Entry((Tx(amount, reference, bank_ref=bank_ref, **fields),))


def camt(
    *entries: Entry, message: str = "053", version: str = "02", account: str = OWN, name: str = "S1"
) -> bytes:
    """A camt.053 or camt.054 file of a version; new ones name the payer and the status deeper."""
    outer, inner = {
        "053": ("BkToCstmrStmt", "Stmt"),
        "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
        "052": ("BkToCstmrAcctRpt", "Rpt"),
    }[message]
    body = "".join(_entry(e, deep=int(version) >= 8) for e in entries)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.{version}">'
        f"<{outer}><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-12-11T06:00:00+02:00</CreDtTm></GrpHdr>"
        f"<{inner}><Id>{name}</Id><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{body}</{inner}></{outer}></Document>"
    ).encode()


def _entry(entry: Entry, *, deep: bool) -> str:
    total = entry.total or str(sum((Decimal(t.amount) for t in entry.txs), Decimal(0)))
    status = f"<Cd>{entry.status}</Cd>" if deep else entry.status
    details = "".join(_tx(t, entry, deep=deep) for t in entry.txs)
    count = entry.count or len(entry.txs)
    batch = f"<Btch><NbOfTxs>{count}</NbOfTxs></Btch>" if count > 1 else ""
    own = f"<AcctSvcrRef>{entry.bank_ref}</AcctSvcrRef>" if entry.bank_ref else ""
    reversal = "<RvslInd>true</RvslInd>" if entry.reversal else ""
    return (
        f'<Ntry><Amt Ccy="{entry.currency}">{total}</Amt><CdtDbtInd>{entry.direction}</CdtDbtInd>'
        f"{reversal}<Sts>{status}</Sts><BookgDt><Dt>{entry.on}</Dt></BookgDt>"
        f"<ValDt><Dt>{entry.on}</Dt></ValDt>{own}"
        "<BkTxCd><Prtry><Cd>705</Cd></Prtry></BkTxCd>"
        f"<NtryDtls>{batch}{details}</NtryDtls></Ntry>"
    )


def _tx(tx: Tx, entry: Entry, *, deep: bool) -> str:
    reference = (
        "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
        f"<Ref>{tx.reference}</Ref></CdtrRefInf></Strd>"
        if tx.reference
        else ""
    )
    free = f"<Ustrd>{escape(tx.message)}</Ustrd>" if tx.message else ""
    party = f"<Nm>{escape(tx.payer)}</Nm>"
    party = f"<Pty>{party}</Pty>" if deep else party
    amount = f'<Amt Ccy="{entry.currency}">{tx.amount}</Amt>'
    if not deep:
        amount = f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>"
    own = f"<AcctSvcrRef>{tx.bank_ref}</AcctSvcrRef>" if tx.bank_ref else ""
    direction = f"<CdtDbtInd>{entry.direction}</CdtDbtInd>" if deep else ""
    return (
        f"<TxDtls><Refs>{own}<EndToEndId>NOTPROVIDED</EndToEndId></Refs>{amount}{direction}"
        f"<RltdPties><Dbtr>{party}</Dbtr></RltdPties>"
        f"<RmtInf>{free}{reference}</RmtInf></TxDtls>"
    )
