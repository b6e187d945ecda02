"""A bank's statement is read as it is meant, or refused with what to do."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import transfers
from services.transfers import ibans, statements
from services.transfers.references import commitments_in, reference, remainder, written
from services.transfers.statements import StatementUnreadable
from tests.make_transfers import statement

SPARKASSE = (
    '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";'
    '"Kundenreferenz (End-to-End)";"Beguenstigter/Zahlungspflichtiger";"Betrag";"Waehrung";"Info"\n'
    '"DE1";"28.11.26";"28.11.26";"GUTSCHR. UEBERW.";"RF74 0000 0001";"";"Müller, Bob";"1.234,56";'
    '"EUR";"Umsatz gebucht"\n'
    '"DE1";"28.11.26";"28.11.26";"GUTSCHR. UEBERW.";"spaeter";"";"Eva";"5,00";"EUR";'
    '"Umsatz vorgemerkt und nicht gebucht"\n'
    '"DE1";"27.11.26";"27.11.26";"LASTSCHRIFT";"Strom";"";"Werke";"-80,00";"EUR";"Umsatz gebucht"\n'
)
DKB = (
    '"Girokonto";"DE89"\n"Kontostand vom 28.11.2026:";"100,00 €"\n""\n'
    '"Buchungsdatum";"Wertstellung";"Status";"Zahlungspflichtige*r";"Zahlungsempfänger*in";'
    '"Verwendungszweck";"Umsatztyp";"IBAN";"Betrag (€)"\n'
    '"28.11.26";"28.11.26";"Gebucht";"Müller, Bob";"Alice";"RF74 0000 0001";"Eingang";"DE2";'
    '"1.234,56"\n'
)
ING_NL = (
    '"Datum","Naam / Omschrijving","Rekening","Tegenrekening","Code","Af Bij","Bedrag (EUR)",'
    '"Mutatiesoort","Mededelingen"\n'
    '"20261128","Müller, Bob","NL1","NL2","OV","Bij","1234,56","Overschrijving","RF74 0000 0001"\n'
    '"20261128","Albert Heijn","NL1","","BA","Af","12,30","Betaalautomaat","Boodschappen"\n'
)
LHV = (
    '"Kliendi konto","Dokumendi number","Kuupäev","Saaja/maksja konto","Saaja/maksja nimi",'
    '"Deebet/Kreedit (D/C)","Summa","Viitenumber","Selgitus","Valuuta"\n'
    '"EE1","1","2026-11-28","EE2","Müller, Bob","C","1234.56","RF7400000001","Oliiviõli","EUR"\n'
    '"EE1","2","2026-11-28","EE3","Pood","D","-9.99","","Toit","EUR"\n'
)
ENGLISH = (
    "Date,Name,Description,Money in,Money out,Currency\n"
    '2026-11-28,"Müller, Bob",RF74 0000 0001,"1,234.56",,EUR\n'
    "2026-11-28,Shop,Food,,9.99,EUR\n"
)


@pytest.mark.parametrize("text", [SPARKASSE, DKB, ING_NL, LHV, ENGLISH])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_banks_of_four_languages_are_read(text: str, encoding: str, line_end: str):
    if encoding == "cp1252" and text.encode(encoding, "replace").decode(encoding) != text:
        pytest.skip("This text has letters beyond Windows-1252.")

    found = transfers.read(text.replace("\n", line_end).encode(encoding))

    [line] = found.incoming
    assert (line.booked_on, line.amount) == (date(2026, 11, 28), Decimal("1234.56"))
    assert (line.name, line.currency) == ("Müller, Bob", "EUR")
    assert commitments_in(line.text) == {1}
    assert found.passed_over >= (text != DKB)
    assert not found.unreadable


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12,50", "12.5"), ("12.50", "12.5"), ("1.234,5", "1234.5"), ("1,234.50", "1234.5"),
        ("1'234.50", "1234.5"), ("12", "12"), ("-3,00", "-3"), ("3,00-", "-3"), ("+3.00", "3"),
        ("1.234", "1234"), ("12,50 €", "12.5"), ("EUR 12,50", "12.5"), ("1 234,50", "1234.5"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_banks_write_them(text: str, amount: str):
    assert statements.read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1,2,3",
        "1.23.4",
        "-3-",
        "1e5",
        "1" * 30,
        "NaN",
        "١٢",
        "10.000.000.000,01",
        "92233720368547758,07",
    ],
)
def test_what_is_no_amount_is_not_guessed(text: str):
    with pytest.raises(ValueError):
        statements.read_amount(text)


@pytest.mark.parametrize("text", ["28.11.2026", "28.11.26", "28-11-2026", "2026-11-28", "20261128"])
def test_days_are_read_as_banks_write_them(text: str):
    assert statements.read_day(text) == date(2026, 11, 28)


@pytest.mark.parametrize("text", ["", "31.02.2026", "11/28/2026", "soon", "2026-13-01"])
def test_what_is_no_day_is_not_guessed(text: str):
    with pytest.raises(ValueError):
        statements.read_day(text)


def test_lines_that_cannot_be_read_are_named_and_the_others_kept():
    content = statement(("Bob", "RF74", "40,00"), ("Eva", "?", "viel"), ("Ida", "?", "1,00"))

    found = transfers.read(content)

    assert [line.name for line in found.incoming] == ["Bob", "Ida"]
    assert found.unreadable == [5]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n\n", b"hello", b"PK\x03\x04 not a csv", b"%PDF-1.7", b"a;b\x00;c",
        b"<html><body>Please sign in</body></html>",
        b"Name;Verwendungszweck\nBob;Hallo\n",
        b"Datum;Betrag\n01.01.2026;1,00\n",
        b"Date,Amount,Name\n" + b"x" * (10 * 1024 * 1024),
        b"Date,Amount,Name\n" + b"2026-11-28,1.00,Bob\n" * 20_000,
        b'Date,Amount,Name\n2026-11-28,1.00,"Bob',
        b'Buchungstag;Betrag;Name\n28.11.2026;1,00;"Bob\n' + b"28.11.2026;1,00;x\n" * 99,
        b"Datum;Betrag;Name\n\x81\x8d\x8f;1,00;x\n",
    ],
)  # fmt: skip
def test_what_is_no_statement_is_refused_with_a_reason(content: bytes):
    with pytest.raises(StatementUnreadable) as refusal:
        transfers.read(content)

    assert refusal.value.fields["file"] % refusal.value.facts


def test_a_line_of_too_many_columns_is_no_statement():
    with pytest.raises(StatementUnreadable) as refusal:
        transfers.read(b"Date,Name,Amount\n2026-11-28,Bob,5.00\n" + b"," * 500 + b"\n")

    assert refusal.value.facts == {"line": 3, "limit": 500}
    assert "columns" in refusal.value.message


def test_one_endless_line_is_no_statement():
    with pytest.raises(StatementUnreadable):
        transfers.read(b"x;" * (transfers.MOST_BYTES // 2))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes):
    with suppress(StatementUnreadable):
        assert transfers.read(b"Date;Amount;Name\n" + content).passed_over >= 0


def test_lines_that_read_alike_are_told_apart_and_known_again():
    alike = ("Bob", "Danke", "5,00")

    once = transfers.read(statement(alike)).incoming
    twice = transfers.read(statement(("Eva", "Brot", "1,00"), alike, alike)).incoming

    assert once[0].digest == twice[1].digest
    assert len({line.digest for line in twice}) == 3


@given(st.integers(min_value=1, max_value=10**15))
def test_every_reference_has_right_check_digits_and_is_found_again(commitment_id: int):
    said = reference(commitment_id)

    assert remainder(said[4:] + said[:4]) == 1
    assert len(said) <= 25
    assert commitments_in(f"SVWZ+Oel {written(said)[:9]}\n{written(said)[9:]} 28.11.2026") >= {
        commitment_id
    }


def test_the_example_of_the_standard_has_its_check_digits():
    # ISO 11649's own: RF18 5390 0754 7034.
    assert remainder("539007547034RF18") == 1
    assert 98 - remainder("539007547034RF00") == 18


def test_a_mistyped_reference_means_nobody():
    said = reference(1234)
    for place in range(2, len(said)):
        wrong = said[:place] + str((int(said[place]) + 1) % 10) + said[place + 1 :]
        assert 1234 not in commitments_in(wrong)
        assert not commitments_in(wrong)


@pytest.mark.parametrize(
    "iban",
    [
        "DE89370400440532013000",
        "NL91ABNA0417164300",
        "EE382200221020145685",
        "AT611904300234573201",
    ],
)
def test_an_iban_is_checked_by_length_and_digits(iban: str):
    assert ibans.is_iban(iban)
    assert ibans.packed(f" {written(iban).lower()} ") == iban
    assert not ibans.is_iban(iban[:-1])
    assert not ibans.is_iban(iban + "0")
    assert not ibans.is_iban(iban[:-2] + iban[-1] + iban[-2]) or iban[-1] == iban[-2]
    assert not ibans.is_iban("XX" + iban[2:])


@pytest.mark.parametrize("text", ["", "DE", "DE٨٩370400440532013000", "DE8937040044053201300é"])
def test_what_is_no_iban_is_none(text: str):
    assert not ibans.is_iban(text)
