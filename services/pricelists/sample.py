"""A small list in our own CSV to look at and to fill in (docs/pricelists.md)."""

# Without the columns that few need: whoever starts from this sees what a line is made of.
_ROWS = (
    "order_number;name;second_line;unit;case_size;price;vat_percent;deposit;category;origin;"
    "base_unit;content;tier_1_from;tier_1_price;note",
    "101;Olive oil;cold pressed;750 ml;6;9.80;7;;Oil;Greece;l;0.75;12;9.20;",
    "102;Apple juice;;1 l bottle;12;2.40;19;0.15;Drinks;Germany;l;1;;;",
    "103;Rice, brown;;5 kg bag;1;14.50;7;;Grain;Italy;kg;5;4;13.90;In paper bags",
)


def sample() -> str:
    return "".join(f"{row}\r\n" for row in _ROWS)
