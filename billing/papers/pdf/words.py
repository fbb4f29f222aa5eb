"""Words of the documents; they follow the customer's language, not that of the page."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "fi": {
        "copy": "KOPIO", "reminder": "Maksumuistutus", "made": "Päiväys",
        "reminder_of": "Muistutus koskee laskua {n}, {on}, jonka eräpäivä oli {due}.",
        "reminder_text": "Emme ole saaneet maksuasi. Maksa alla oleva summa viimeistään {due}. "
        "Jos olet jo maksanut, tämä muistutus on aiheeton.",
        "was_invoiced": "Laskun summa", "was_credited": "Hyvitetty", "was_paid": "Maksettu",
        "principal": "Laskusta avoinna", "interest_row":
        "{pct} % summalle {sum} €, {first}–{last}, {days} pv",
        "interest_older": "{first}–{last} yhteensä {sum} €",
        "interest_sum": "Viivästyskorko yhteensä", "fee": "Muistutusmaksu",
        "compensation": "Vakiokorvaus perintäkuluista", "charges_paid": "Näistä maksettu",
        "basis": "Perusteet: laskun työt, korkolaki (633/1982) ja laki kaupallisten sopimusten "
        "maksuehdoista (30/2013).",
        "basis_other": "Perusteet: laskun työt, korkolaki (633/1982) ja laki saatavien perinnästä "
        "(513/1999).",
        "object": "Jos lasku on mielestäsi väärä, kerro siitä meille ennen uutta eräpäivää: "
        "{contact}.",
        "invoice": "Lasku", "credit_note": "Hyvityslasku", "number": "Laskun numero",
        "note_number": "Hyvityslaskun numero",
        "issued": "Päiväys", "due": "Eräpäivä", "terms": "Maksuehto", "days": "{n} pv netto",
        "reference": "Viitenumero", "your_reference": "Viitteenne",
        "customer_no": "Asiakasnumero", "business_id": "Y-tunnus", "vat_id": "ALV-tunnus",
        "what": "Työ", "date": "Pvm", "quantity": "Määrä", "unit_price": "à-hinta",
        "vat_pct": "Alv", "net": "Veroton", "vat_base": "Veron peruste", "vat_amount": "Vero",
        "total_net": "Veroton yhteensä", "total_vat": "Arvonlisävero",
        "total": "Maksettava yhteensä", "credit_total": "Hyvitetään yhteensä",
        "interest": "Viivästyskorko korkolain mukaan.", "bank": "Tilinumero", "bic": "BIC",
        "receiver": "Saaja", "amount": "Summa", "virtual": "Virtuaaliviivakoodi",
        "page": "Sivu {n} / {of}", "carried": "Siirto edelliseltä sivulta",
        "carry": "Siirtyy seuraavalle sivulle", "original": "Hyvittää laskun {n}, {on}",
        "qr": "Maksa puhelimella", "order": "Tilaus", "HUR": "h", "C62": "kpl",
        "nothing_due": "Ei maksettavaa.", "vat_S": "Alv", "vat_Z": "Nollaverokanta",
        "vat_E": "Veroton", "vat_AE": "Käännetty verovelvollisuus", "vat_O": "Ei arvonlisäveroa",
        "no_pay": "Hyvityslasku, ei maksettavaa.", "phone": "Puhelin", "email": "Sähköposti",
        "worker": "Tekijä", "place": "Kohde", "task": "Tehtävä", "start": "Alkoi",
        "end": "Päättyi", "break": "Tauko", "hours": "Tunnit", "kind": "Laji",
        "status": "Tila", "sum": "Yhteensä", "signed": "Päiväys ja allekirjoitus",
        "by_worker": "Työntekijä", "by_us": "Työnantaja", "by_customer": "Asiakas",
        "empty": "Ei tunteja tältä ajalta.", "for": "Kenelle", "period": "Ajanjakso",
        "lines": "Rivit", "by_rate": "Arvonlisävero verokannoittain", "rate": "Verokanta",
        "sums": "Summat", "payment": "Maksutiedot", "buyer": "Ostaja", "seller": "Myyjä",
        "times": "Aika", "signatures": "Allekirjoitukset", "reminder_sums": "Mistä summa tulee",
        # Both names of it, as bookkeepers and officials of either country look for them.
        "note_reverse": "Käännetty verovelvollisuus / Reverse charge, AVL 8 c §",
        "note_eu": "Käännetty verovelvollisuus / Reverse charge, arvonlisäverodirektiivi "
        "2006/112/EY, 44 ja 196 artikla",
    },
    "sv": {
        "copy": "KOPIA", "reminder": "Betalningspåminnelse", "made": "Datum",
        "reminder_of": "Påminnelsen gäller faktura {n}, {on}, som förföll {due}.",
        "reminder_text": "Vi har inte fått din betalning. Betala beloppet nedan senast {due}. "
        "Om du redan har betalat är påminnelsen utan orsak.",
        "was_invoiced": "Fakturans summa", "was_credited": "Krediterat", "was_paid": "Betalt",
        "principal": "Obetalt av fakturan", "interest_row":
        "{pct} % på {sum} €, {first}–{last}, {days} dgr",
        "interest_older": "{first}–{last} totalt {sum} €",
        "interest_sum": "Dröjsmålsränta totalt", "fee": "Påminnelseavgift",
        "compensation": "Standardersättning för indrivningskostnader",
        "charges_paid": "Betalt av dessa",
        "basis": "Grunder: arbetet på fakturan, räntelagen (633/1982) och lagen om "
        "betalningsvillkor i kommersiella avtal (30/2013).",
        "basis_other": "Grunder: arbetet på fakturan, räntelagen (633/1982) och lagen om "
        "indrivning av fordringar (513/1999).",
        "object": "Om du anser att fakturan är fel, meddela oss före den nya förfallodagen: "
        "{contact}.",
        "invoice": "Faktura", "credit_note": "Kreditfaktura", "number": "Fakturanummer",
        "note_number": "Kreditfakturans nummer",
        "issued": "Datum", "due": "Förfallodag", "terms": "Betalningsvillkor",
        "days": "{n} dgr netto", "reference": "Referensnummer", "your_reference": "Er referens",
        "customer_no": "Kundnummer", "business_id": "FO-nummer", "vat_id": "Momsnummer",
        "what": "Arbete", "date": "Datum", "quantity": "Antal", "unit_price": "à-pris",
        "vat_pct": "Moms", "net": "Utan moms", "vat_base": "Skattegrund", "vat_amount": "Moms",
        "total_net": "Totalt utan moms", "total_vat": "Mervärdesskatt",
        "total": "Att betala", "credit_total": "Krediteras totalt",
        "interest": "Dröjsmålsränta enligt räntelagen.", "bank": "Kontonummer", "bic": "BIC",
        "receiver": "Mottagare", "amount": "Summa", "virtual": "Virtuell streckkod",
        "page": "Sida {n} / {of}", "carried": "Överfört från föregående sida",
        "carry": "Överförs till nästa sida", "original": "Krediterar faktura {n}, {on}",
        "qr": "Betala med telefonen", "order": "Best.nr", "HUR": "h", "C62": "st",
        "nothing_due": "Inget att betala.", "vat_S": "Moms", "vat_Z": "Nollskattesats",
        "vat_E": "Momsfri", "vat_AE": "Omvänd skattskyldighet", "vat_O": "Ingen moms",
        "no_pay": "Kreditfaktura, inget att betala.", "phone": "Telefon", "email": "E-post",
        "worker": "Utförare", "place": "Objekt", "task": "Uppgift", "start": "Började",
        "end": "Slutade", "break": "Paus", "hours": "Timmar", "kind": "Slag",
        "status": "Status", "sum": "Totalt", "signed": "Datum och underskrift",
        "by_worker": "Arbetstagare", "by_us": "Arbetsgivare", "by_customer": "Kund",
        "empty": "Inga timmar för den här tiden.", "for": "För", "period": "Period",
        "lines": "Rader", "by_rate": "Moms per skattesats", "rate": "Skattesats",
        "sums": "Summor", "payment": "Betalningsuppgifter", "buyer": "Köpare", "seller": "Säljare",
        "times": "Tid", "signatures": "Underskrifter", "reminder_sums": "Vad summan består av",
        "note_reverse": "Omvänd skattskyldighet / Reverse charge, mervärdesskattelagen 8 c § "
        "(AVL 8 c §)",
        "note_eu": "Omvänd skattskyldighet / Reverse charge, mervärdesskattedirektivet "
        "2006/112/EG, artiklarna 44 och 196",
    },
    "en": {
        "copy": "COPY", "reminder": "Payment reminder", "made": "Date",
        "reminder_of": "This is about invoice {n} of {on}, which was due on {due}.",
        "reminder_text": "We have not received your payment. Please pay the sum below by {due}. "
        "If you have paid already, there is nothing to do.",
        "was_invoiced": "Invoice total", "was_credited": "Credited", "was_paid": "Paid",
        "principal": "Open of the invoice", "interest_row":
        "{pct} % on {sum} €, {first}–{last}, {days} days",
        "interest_older": "{first}–{last}, total {sum} €",
        "interest_sum": "Late-payment interest, total", "fee": "Reminder fee",
        "compensation": "Standard compensation for recovery costs",
        "charges_paid": "Paid of these",
        "basis": "Grounds: the work on the invoice, the Finnish Interest Act (633/1982) and the "
        "act on payment terms of commercial contracts (30/2013).",
        "basis_other": "Grounds: the work on the invoice, the Finnish Interest Act (633/1982) and "
        "the act on the recovery of debts (513/1999).",
        "object": "If you think the invoice is wrong, tell us before the new due date: "
        "{contact}.",
        "invoice": "Invoice", "credit_note": "Credit note", "number": "Invoice number",
        "note_number": "Credit note number",
        "issued": "Date", "due": "Due date", "terms": "Payment terms", "days": "{n} days net",
        "reference": "Reference number", "your_reference": "Your reference",
        "customer_no": "Customer number", "business_id": "Business ID", "vat_id": "VAT number",
        "what": "Work", "date": "Date", "quantity": "Quantity", "unit_price": "Unit price",
        "vat_pct": "VAT", "net": "Excl. VAT", "vat_base": "Taxable amount", "vat_amount": "VAT",
        "total_net": "Total excl. VAT", "total_vat": "Value added tax",
        "total": "Total to pay", "credit_total": "Total credited",
        "interest": "Late-payment interest according to the Finnish Interest Act.",
        "bank": "Account number", "bic": "BIC", "receiver": "Payee", "amount": "Amount",
        "virtual": "Virtual barcode", "page": "Page {n} / {of}",
        "carried": "Brought forward", "carry": "Carried forward",
        "original": "Credits invoice {n}, {on}", "qr": "Pay by phone", "order": "Order",
        "nothing_due": "Nothing to pay.", "vat_S": "VAT", "vat_Z": "Zero rated",
        "vat_E": "Exempt", "vat_AE": "Reverse charge", "vat_O": "Outside VAT",
        "HUR": "h", "C62": "pcs", "no_pay": "Credit note, nothing to pay.",
        "phone": "Phone", "email": "E-mail",
        "worker": "Worker", "place": "Site", "task": "Task", "start": "Started",
        "end": "Ended", "break": "Break", "hours": "Hours", "kind": "Kind", "status": "Status",
        "sum": "Total", "signed": "Date and signature", "by_worker": "Worker",
        "by_us": "Employer", "by_customer": "Customer", "empty": "No hours for this period.",
        "for": "For", "period": "Period",
        "lines": "Lines", "by_rate": "VAT by rate", "rate": "VAT rate",
        "sums": "Totals", "payment": "Payment details", "buyer": "Buyer", "seller": "Seller",
        "times": "Time", "signatures": "Signatures", "reminder_sums": "What the sum is made of",
        "note_reverse": "Reverse charge / Käännetty verovelvollisuus, Finnish VAT Act section 8 c "
        "(AVL 8 c §)",
        "note_eu": "Reverse charge / Käännetty verovelvollisuus, VAT Directive 2006/112/EC, "
        "articles 44 and 196",
    },
}  # fmt: skip
