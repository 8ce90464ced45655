"""An order's document to rows of `orders`, `order_lines` and `order_charges`: a pure function of the document.

It can be run again at any time without the API. Not here: single records (`record.py`) and what the columns are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from partner_assets.tables.deep_json import is_unicode
from partner_assets.tables.order_charges import ORDER_CHARGES
from partner_assets.tables.order_lines import ORDER_LINES
from partner_assets.tables.orders import ORDERS
from partner_assets.tables.record import LINEAGE_NAMES, CannotBecomeRow, RecordReader, Rejected, Row, rejection
from partner_assets.tables.table import Table
from partner_assets.tables.values import from_json

_LARGEST_SEQUENCE_NUMBER = 2**63 - 1


@dataclass
class OrderRows:
    """The rows that a number of documents give, in the order of the documents, and what could not become a row."""

    orders: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


class OrderReader:
    """Takes documents apart.

    Args:
        api_version: The version of the API that sent the documents.
    """

    def __init__(self, api_version: str) -> None:
        self._orders = RecordReader(ORDERS, api_version)
        self._lines = RecordReader(ORDER_LINES, api_version)
        self._charges = RecordReader(ORDER_CHARGES, api_version)

    def read_text(self, text: str, given: Mapping[str, Any], rows: OrderRows) -> None:
        """Add the rows of one document; one that is no JSON, or nested beyond all bounds, is rejected as it is.

        Args:
            text: The object that the details answer holds, as JSON.
            given: As for `read`.
            rows: Where the rows are added.
        """
        try:
            document = from_json(text)
        except ValueError as error:
            lineage = {name: given[name] for name in LINEAGE_NAMES}
            reason = f"the document cannot be read: {error}"
            rows.rejected.append(Rejected(ORDERS.name, str(given["creation_date"]), reason, text, lineage))
        else:
            self.read(document, given, rows)

    def read(self, document: Any, given: Mapping[str, Any], rows: OrderRows) -> None:
        """Add the rows of one document; without an id no row could be told from another's, and it is rejected whole.

        Args:
            document: The object that the details answer holds, decoded without floats.
            given: `creation_date`, `version_count` and the lineage columns of the document's row.
            rows: Where the rows are added.
        """
        slice_name = str(given["creation_date"])
        transaction = document.get("transaction") if isinstance(document, dict) else None
        transaction_id = transaction.get("id") if isinstance(transaction, dict) else None
        if not isinstance(transaction_id, str) or not is_unicode(transaction_id):
            reason = "transaction_id: the document has no transaction.id that is a text"
            rows.rejected.append(rejection(ORDERS, slice_name, reason, document, given))
            return
        parent = {"transaction_id": transaction_id, **given}
        version_count = parent.pop("version_count")
        line_count = charge_count = 0
        for line_number, line, line_extra in _numbered(document.get("licenseChargeConditions")):
            line_count += 1
            line_given = {**parent, "line_number": line_number, "extra": line_extra}
            _add(self._lines, line, line_given, rows.lines, rows.rejected, slice_name)
            charges = line.get("licenseChargeBreakdown") if isinstance(line, dict) else None
            for charge_number, charge, charge_extra in _numbered(charges):
                charge_count += 1
                charge_given = {
                    **parent,
                    "line_number": line_number,
                    "charge_number": charge_number,
                    "extra": charge_extra,
                }
                _add(self._charges, charge, charge_given, rows.charges, rows.rejected, slice_name)
        counts = {"line_count": line_count, "charge_count": charge_count, "version_count": version_count}
        _add(self._orders, document, {**parent, **counts}, rows.orders, rows.rejected, slice_name)


def _add(
    reader: RecordReader,
    record: Any,
    given: Mapping[str, Any],
    rows: list[Row],
    rejected: list[Rejected],
    slice_name: str,
) -> None:
    without_number = record
    if isinstance(record, dict) and "sequenceNumber" in record and reader.table is not ORDERS:
        without_number = {name: value for name, value in record.items() if name != "sequenceNumber"}
    try:
        rows.append(reader.read(without_number, given))
    except CannotBecomeRow as reason:
        place = f"{_place(reader.table, given)}: {reason}"
        rejected.append(rejection(reader.table, slice_name, place, record, given))


def _place(table: Table, given: Mapping[str, Any]) -> str:
    numbers = [f"{name.removesuffix('_number')} {given[name]}" for name in table.key[1:]]
    return ", ".join([str(given["transaction_id"]), *numbers])


def _numbered(siblings: Any) -> Iterator[tuple[int, Any, dict[str, Any]]]:
    """Number the elements of an array by their sequenceNumber, or all by position when one repeats or lacks it.

    Anything but an array is one element, so that an object where a list belongs is read, or rejected, and not lost.
    When positions are used, the sequenceNumber that the API did send goes to `extra`.
    """
    if siblings is None:
        return
    elements = siblings if isinstance(siblings, list) else [siblings]
    numbers = [element.get("sequenceNumber") if isinstance(element, dict) else None for element in elements]
    usable = all(type(number) is int and 0 <= number <= _LARGEST_SEQUENCE_NUMBER for number in numbers)
    if usable and len(set(numbers)) == len(numbers):
        for number, element in zip(numbers, elements, strict=True):
            yield int(number or 0), element, {}
        return
    for position, (number, element) in enumerate(zip(numbers, elements, strict=True), start=1):
        yield position, element, {} if number is None else {"sequenceNumber": number}
