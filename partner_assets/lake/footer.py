"""The footer of a Parquet file whose pages were moved: every place that it names, shifted.

The footer is a Thrift structure in the compact protocol, by the Parquet format's `parquet.thrift`. Only the numbers that are
places in the file are changed; everything else is copied as it is. Not here: why pages are moved (`parquet.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

MAGIC = b"PAR1"

Plan = Mapping[int, "Plan | None"]
"""Field of a structure to what lies below it; None for a number that is a place in the file."""

_COLUMN_META_DATA: Plan = {9: None, 10: None, 11: None, 14: None}  # data pages, index pages, dictionary, bloom filter
_COLUMN_CHUNK: Plan = {2: None, 3: _COLUMN_META_DATA, 4: None, 6: None}  # itself, its metadata, offset and column index
_ROW_GROUP: Plan = {1: _COLUMN_CHUNK, 5: None}
_FILE_META_DATA: Plan = {4: _ROW_GROUP}

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS = (4, 5, 6)


def shift_places(file: BinaryIO, by: int) -> None:
    """Rewrite the footer of a file into whose beginning bytes were put, so that it names the pages where they are now.

    Args:
        file: The whole file, open for reading and writing.
        by: How many bytes were put in after the first four.
    """
    end = file.seek(-len(MAGIC) - 4, 2)
    size = int.from_bytes(file.read(4), "little")
    start = file.seek(end - size)
    footer = shifted(file.read(size), by)
    file.seek(start)
    file.write(footer + len(footer).to_bytes(4, "little") + MAGIC)
    file.truncate()


def shifted(footer: bytes, by: int) -> bytes:
    """Return a footer with every place in it moved; a place of 0 is none, and stays."""
    walk = _Walk(footer)
    walk.structure(_FILE_META_DATA)
    return b"".join(_spliced(footer, walk.places, by))


def _spliced(footer: bytes, places: "list[tuple[int, int, int]]", by: int) -> Iterator[bytes]:
    done = 0
    for start, end, place in places:
        yield footer[done:start]
        yield _varint((place + by) << 1)
        done = end
    yield footer[done:]


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


@dataclass
class _Walk:
    """A walk through a structure.

    Attributes:
        data: The structure.
        at: Where the walk is.
        places: Start and end of every number that is a place, and the place.
    """

    data: bytes
    at: int = 0
    places: list[tuple[int, int, int]] = field(default_factory=list)

    def structure(self, plan: Plan) -> None:
        """Walk through a structure, and note the places that the plan names."""
        number = 0
        while header := self._byte():
            kind, step = header & 0x0F, header >> 4
            number = number + step if step else self._integer()
            if number in plan:
                self._planned(kind, plan[number])
            else:
                self._skip(kind)

    def _planned(self, kind: int, plan: Plan | None) -> None:
        if plan is None:
            start, place = self.at, self._integer()
            if place:
                self.places.append((start, self.at, place))
        elif kind == _LIST:
            count, _ = self._list()
            for _ in range(count):
                self.structure(plan)
        else:
            self.structure(plan)

    def _skip(self, kind: int, *, is_element: bool = False) -> None:
        if kind in _INTEGERS:
            self._number()
        elif kind == _BINARY:
            size = self._number()
            self.at += size
        elif kind == _STRUCT:
            self.structure({})
        elif kind in (_LIST, _SET):
            count, kind_of_elements = self._list()
            for _ in range(count):
                self._skip(kind_of_elements, is_element=True)
        elif kind == _MAP:
            self._skip_map()
        else:
            # A field says true or false by its kind; an element of a list is a byte.
            self.at += {_TRUE: is_element, _FALSE: is_element, _BYTE: 1, _DOUBLE: 8}[kind]

    def _skip_map(self) -> None:
        if count := self._number():
            kinds = self._byte()
            for _ in range(count):
                self._skip(kinds >> 4, is_element=True)
                self._skip(kinds & 0x0F, is_element=True)

    def _list(self) -> tuple[int, int]:
        header = self._byte()
        count = header >> 4
        return (self._number() if count == 0x0F else count), header & 0x0F

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _number(self) -> int:
        number = bits = 0
        while True:
            byte = self._byte()
            number |= (byte & 0x7F) << bits
            bits += 7
            if byte < 0x80:
                return number

    def _integer(self) -> int:
        number = self._number()
        return (number >> 1) ^ -(number & 1)
