"""Writes small price lists as wholesalers and co-ops do, for the tests to break."""

from services.pricelists.bnn import FIELDS

HEADER = "BNN;3;{flag};Biohof Elbe;T;Wochenliste;EUR;20260105;20260131;20260101;0830;1"

APPLES = {
    "order_number": "1001",
    "name": "Äpfel Boskoop",
    "second_line": "säuerlich",
    "maker": "ELB",
    "origin": "D",
    "quality": "DB",
    "control_body": "DE-ÖKO-006",
    "category": "0301",
    "case_size": "12",
    "unit": "500g",
    "vat_code": "1",
    "recommended": "2,49",
    "net_price": "1,40",
    "base_unit": "Kg",
    "base_factor": "2",
    "ean": "4006381333931",
}
JUICE = APPLES | {
    "order_number": "1002",
    "name": "Möhrensaft",
    "unit": "0,75l",
    "vat_code": "2",
    "net_price": "2,10",
    "base_unit": "Ltr",
    "base_factor": "1.33",
    "quality": "DD",
    "deposit_article": "930190",
}
BOTTLE = {
    "order_number": "930190",
    "name": "Pfandflasche 0,75l",
    "vat_code": "2",
    "net_price": "0,13",
}


def bnn_line(values, width=69):
    fields = [""] * width
    for name, value in values.items():
        fields[FIELDS[name]] = value
    return ";".join(fields)


def bnn(*articles, flag="0", code_page="cp850", end=";;99", line_end="\r\n", header=HEADER):
    """A BNN 3 list of `articles`, each a dict of fields by the reader's names."""
    lines = [header.format(flag=flag), *(bnn_line(article) for article in articles)]
    if end is not None:
        lines.append(end)
    return (line_end.join(lines) + line_end).encode(code_page)


FOODSOFT = (
    "avail.",
    "Order number",
    "Name",
    "Supplier order unit",
    "Unit",
    "Ratios to supplier order unit",
    "Minimum order quantity",
    "Group order granularity",
    "Group order unit",
    "Price (net)",
    "Price unit",
    "VAT",
    "Deposit",
    "Note",
    "Manufacturer",
)


def foodsoft(*rows, columns=FOODSOFT):
    """A Foodsoft file; each row is a dict by column, the rest being blank."""
    lines = [";".join(columns)]
    lines += [";".join(row.get(column, "") for column in columns) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def own(*rows, header="order_number;name;unit;price;vat_percent;note"):
    return ("\n".join([header, *rows]) + "\n").encode()
